"""What the programs say that a variable must be, as processes: every variable whose type says it."""

import subprocess

import pytest

from grantway.process.expectations import comma_separated
from tests.programs import PROGRAMS, environment

_CORE = {
    "GRANTWAY_TRUSTED_NETWORK": "must be true or false",
    "GRANTWAY_GRPC_PORT": "must be a port, 0 to 65535",
    "GRANTWAY_ENVIRONMENT": "must be live or test",
    "GRANTWAY_TOKEN_LIFETIME_SECONDS": "must be a whole number, 1 or more",
    "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS": "must be a whole number, 1 to 31536000",
    "GRANTWAY_AUTH_FAILURE_BURST": "must be a whole number, 1 or more",
    "GRANTWAY_AUTH_FAILURES_PER_MINUTE": "must be a whole number, 1 or more",
    "GRANTWAY_MAX_SECRETS_PER_CLIENT": "must be a whole number, 2 to 20",
    "GRANTWAY_SECRET_MAX_AGE_SECONDS": "must be a whole number, 60 or more",
    "GRANTWAY_SECRET_WARNING_SECONDS": "must be a whole number, 0 or more",
    "GRANTWAY_METRICS_PORT": "must be a port, 0 to 65535",
    "GRANTWAY_AUDIT_MAX_RECORDS": "must be a whole number, 1000 or more",
    "GRANTWAY_REVOCATIONS_MAX_EVENTS": "must be a whole number, 1000 or more",
}
_GATEWAY = {
    "GRANTWAY_TLS_PROXY": "must be true or false",
    "GRANTWAY_HTTP_PORT": "must be a port, 0 to 65535",
    "GRANTWAY_GRPC_PORT": "must be a port, 0 to 65535",
    "GRANTWAY_MAX_CONNECTIONS": "must be a whole number, 1 or more",
    "GRANTWAY_MAX_CONCURRENCY": "must be a whole number, 1 or more",
    "GRANTWAY_RECEIVE_SECONDS": "must be a number, above 0, at most 60",
    "GRANTWAY_KEEP_ALIVE_SECONDS": "must be a whole number, 1 to 3600",
    "GRANTWAY_DRAIN_SECONDS": "must be a number, 0 to 60",
}


@pytest.mark.parametrize("value", ["canary", "nan", "-1", "1e99", "9" * 5000])
@pytest.mark.parametrize(
    ("program", "expected"),
    [
        pytest.param("grantway-server", _CORE, id="the core"),
        pytest.param("grantway-gateway", _GATEWAY, id="the gateway"),
    ],
)
def test_a_wrong_value_is_answered_with_the_right_ones(program: str, expected: dict[str, str], value: str) -> None:
    """The same words whatever is wrong with it, and without it."""
    process = subprocess.run(
        [str(PROGRAMS / program), "--check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
        env=environment(**dict.fromkeys(expected, value)),
    )

    lines = [f"{program}: {variable}: {text}" for variable, text in expected.items()]
    assert (2, "", lines) == (process.returncode, process.stdout, process.stderr.splitlines())


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("a", ["a"], id="one"),
        pytest.param("a,b", ["a", "b"], id="two"),
        pytest.param(" a , b ", ["a", "b"], id="with-spaces"),
        pytest.param(",a,,b, ,", ["a", "b"], id="with-commas-too-many"),
        pytest.param("a b,c", ["a b", "c"], id="a-space-within-an-entry"),
    ],
)
def test_what_a_variable_lists(text: str, entries: list[str]) -> None:
    """One rule for all variables that list something."""
    assert entries == comma_separated(text)

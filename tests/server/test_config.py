"""The core's settings."""

from datetime import timedelta

import pytest

from grantway.process.settings import BadSettings
from grantway_server.config import Settings
from grantway_server.domain.environment import Environment


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have settings of their own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GRANTWAY_{name.upper()}", raising=False)


def test_nothing_set_is_a_live_core_on_loopback() -> None:
    """Every variable has a default."""
    settings = Settings.from_env()

    assert (settings.grpc_host, settings.grpc_port, settings.environment) == ("127.0.0.1", 50051, Environment.LIVE)
    assert (settings.admin_token_digests, settings.secret_max_age, settings.metrics_port) == ({}, None, None)
    assert settings.redis_url.get_secret_value() == "redis://127.0.0.1:6379/0"


def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field is a variable of its name."""
    variables = {
        "GRANTWAY_TRUSTED_NETWORK": "true",
        "GRANTWAY_GRPC_HOST": "0.0.0.0",  # noqa: S104 - allowed by the line above; that is under test.
        "GRANTWAY_GRPC_PORT": "1234",
        "GRANTWAY_REDIS_URL": "unix:///run/valkey.sock",
        "GRANTWAY_ENVIRONMENT": "test",
        "GRANTWAY_PEPPER": "0123456789abcdef",
        "GRANTWAY_TOKEN_LIFETIME_SECONDS": "60",
        "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS": "61",
        "GRANTWAY_AUTH_FAILURE_BURST": "5",
        "GRANTWAY_AUTH_FAILURES_PER_MINUTE": "6",
        "GRANTWAY_ADMIN_TOKENS": f"alice={'0a' * 32},bob@example.com={'0b' * 32}",
        "GRANTWAY_MAX_SECRETS_PER_CLIENT": "7",
        "GRANTWAY_SECRET_MAX_AGE_SECONDS": "8640000",
        "GRANTWAY_SECRET_WARNING_SECONDS": "0",
        "GRANTWAY_METRICS_PORT": "9090",
        "GRANTWAY_METRICS_HOST": "::1",
        "GRANTWAY_AUDIT_MAX_RECORDS": "1000",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    settings = Settings.from_env()

    assert {f"GRANTWAY_{name.upper()}" for name in Settings.model_fields} == set(variables)
    assert (
        settings.grpc_port,
        settings.environment,
        settings.token_lifetime_seconds,
        settings.max_token_lifetime_seconds,
        settings.auth_failure_burst,
    ) == (1234, Environment.TEST, 60, 61, 5)
    assert (
        settings.admin_token_digests,
        settings.max_secrets_per_client,
        settings.secret_max_age,
        settings.secret_warning,
        settings.metrics_port,
        settings.metrics_host,
        settings.audit_max_records,
    ) == (
        {"alice": b"\x0a" * 32, "bob@example.com": b"\x0b" * 32},
        7,
        timedelta(days=100),
        timedelta(0),
        9090,
        "::1",
        1000,
    )


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and shells like to set variables to nothing."""
    monkeypatch.setenv("GRANTWAY_GRPC_PORT", "")
    monkeypatch.setenv("GRANTWAY_PEPPER", "")

    assert (Settings.from_env().grpc_port, Settings.from_env().pepper) == (50051, None)


_BAD = {
    "GRANTWAY_GRPC_HOST": ("0.0.0.0", "whoever reaches the core is its administrator"),  # noqa: S104 - refused; that is under test.
    "GRANTWAY_GRPC_PORT": ("70000", "must be a port, 0 to 65535"),
    "GRANTWAY_REDIS_URL": ("http://user:canary-password@host", "must begin with redis://"),
    "GRANTWAY_ENVIRONMENT": ("prod", "must be live or test"),
    "GRANTWAY_PEPPER": ("canary", "must have at least 16 characters"),
    "GRANTWAY_TOKEN_LIFETIME_SECONDS": ("an hour", "must be a whole number, 1 or more"),
    "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS": ("0", "must be a whole number, 1 to 31536000"),
    "GRANTWAY_AUTH_FAILURE_BURST": ("-1", "must be a whole number, 1 or more"),
    "GRANTWAY_ADMIN_TOKENS": ("alice=canary", "must be like alice=0123…,bob=4567…"),
    "GRANTWAY_MAX_SECRETS_PER_CLIENT": ("1", "must be a whole number, 2 to 20"),
    "GRANTWAY_SECRET_MAX_AGE_SECONDS": ("59", "must be a whole number, 60 or more"),
    "GRANTWAY_SECRET_WARNING_SECONDS": ("-1", "must be a whole number, 0 or more"),
    "GRANTWAY_METRICS_PORT": ("65536", "must be a port, 0 to 65535"),
    "GRANTWAY_AUDIT_MAX_RECORDS": ("999", "must be a whole number, 1000 or more"),
}


def test_all_that_is_wrong_is_said_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each variable, in which no value of it stands."""
    for name, (value, _) in _BAD.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    assert list(_BAD) == [problem.split(":")[0] for problem in caught.value.problems]
    for problem, (_, text) in zip(caught.value.problems, _BAD.values(), strict=True):
        assert text in problem
        assert "\n" not in problem
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("tokens", "problem"),
    [
        pytest.param("canary", "must be like alice=", id="a token without a name"),
        pytest.param(f"alice={'0a' * 31}", "must be like alice=", id="half a digest"),
        pytest.param(f"alice={'0A' * 32}", "must be like alice=", id="a digest in capitals"),
        pytest.param(f"alice canary={'0a' * 32}", "must be like alice=", id="a name with a space"),
        pytest.param(f"alice={'0a' * 32},alice={'0b' * 32}", "names somebody twice", id="one name twice"),
    ],
)
def test_admin_tokens_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch, tokens: str, problem: str) -> None:
    """In one line that shows none of them: somebody may have put the token itself there."""
    monkeypatch.setenv("GRANTWAY_ADMIN_TOKENS", tokens)

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    (line,) = caught.value.problems
    assert line.startswith(f"GRANTWAY_ADMIN_TOKENS: {problem}")
    assert "canary" not in line


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("redis://:canary/pw@127.0.0.1:6379/0", "is malformed", id="a password that is not encoded"),
        pytest.param("redis://127.0.0.1:canary", "is malformed", id="a port that is no number"),
        pytest.param("redis://[::1canary", "is malformed", id="half an address"),
        pytest.param("redis://127.0.0.1:6379/canary", "is malformed", id="a database that is no number"),
        pytest.param("redis://127.0.0.1?socket_timeout=60", "may have no options", id="a time to wait"),
        pytest.param(
            "unix:///run/valkey.sock?max_connections=5000", "may have no options", id="a number of connections"
        ),
    ],
)
def test_a_store_url_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, problem: str) -> None:
    """Before anything uses it, and without a piece of it, which may be a password."""
    monkeypatch.setenv("GRANTWAY_REDIS_URL", url)

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    (line,) = caught.value.problems
    assert line.startswith(f"GRANTWAY_REDIS_URL: {problem}")
    assert "canary" not in line


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        pytest.param(
            {"TOKEN_LIFETIME_SECONDS": "86401"},
            "GRANTWAY_TOKEN_LIFETIME_SECONDS: must be at most GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS, which is 86400",
            id="only the lifetime is set",
        ),
        pytest.param(
            {"MAX_TOKEN_LIFETIME_SECONDS": "3599"},
            "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS: must be at least GRANTWAY_TOKEN_LIFETIME_SECONDS, which is 3600",
            id="only the maximum is set",
        ),
        pytest.param(
            {"TOKEN_LIFETIME_SECONDS": "100", "MAX_TOKEN_LIFETIME_SECONDS": "99"},
            "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS: must be at least GRANTWAY_TOKEN_LIFETIME_SECONDS",
            id="both are set",
        ),
    ],
)
def test_a_default_lifetime_above_the_maximum_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problem: str
) -> None:
    """The two belong together; the one that is blamed is one that was set, beside whatever else is wrong."""
    for name, value in variables.items():
        monkeypatch.setenv(f"GRANTWAY_{name}", value)
    monkeypatch.setenv("GRANTWAY_ENVIRONMENT", "prod")

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    assert {problem, "GRANTWAY_ENVIRONMENT: must be live or test"} == set(caught.value.problems)


def test_a_secret_setting_shows_in_no_text() -> None:
    """Neither the store's password nor the pepper is in the text of the settings."""
    settings = Settings(redis_url="redis://:canary@host", pepper="canary-0123456789")  # type: ignore[arg-type]  # As the environment gives them.

    assert "canary" not in repr(settings) + str(settings)

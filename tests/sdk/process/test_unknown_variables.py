"""Variables that begin like Grantway's and are none."""

import json
import subprocess

import pytest

from grantway.process.unknown_variables import KNOWN, unknown_variables
from grantway_gateway.config import Settings as GatewaySettings
from grantway_server.config import Settings as CoreSettings
from tests.programs import PROGRAMS, environment, running

_COMMAND_LINE = {
    "GRANTWAY_ADMIN_TOKEN",
    "GRANTWAY_CLIENT_ID",
    "GRANTWAY_CLIENT_SECRET",
    "GRANTWAY_GRPC",
    "GRANTWAY_URL",
}
_REDIS_URI = "GRANTWAY_REDIS_URI: there is no such setting; is GRANTWAY_REDIS_URL meant?"


def test_every_setting_is_known() -> None:
    """Those of both processes, of the command line, and what `.grantway/dev.env` holds; and no other."""
    settings = {f"GRANTWAY_{name.upper()}" for kind in (CoreSettings, GatewaySettings) for name in kind.model_fields}

    assert settings | _COMMAND_LINE == KNOWN


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        pytest.param("GRANTWAY_REDIS_URI", [_REDIS_URI], id="a letter is wrong"),
        pytest.param("GRANTWAY_REDISURL", [_REDIS_URI.replace("REDIS_URI", "REDISURL")], id="a letter is missing"),
        pytest.param(
            "grantway_redis_uri", [_REDIS_URI.replace("GRANTWAY_REDIS_URI", "grantway_redis_uri")], id="small"
        ),
        pytest.param(
            "GRANTWAY_TRUST_NETWORK",
            ["GRANTWAY_TRUST_NETWORK: there is no such setting; is GRANTWAY_TRUSTED_NETWORK meant?"],
            id="a word is another",
        ),
        pytest.param("GRANTWAY_LOG_LEVEL", ["GRANTWAY_LOG_LEVEL: there is no such setting"], id="like nothing we know"),
        pytest.param("grantway_redis_url", [], id="the case does not matter"),
        pytest.param("GRANTWAY_CORE_SERVICE_HOST", [], id="a host that Kubernetes sets"),
        pytest.param("GRANTWAY_CORE_PORT_50051_TCP_ADDR", [], id="an address that Kubernetes sets"),
        pytest.param("GRANT_REDIS_URL", [], id="somebody else's"),
    ],
)
def test_what_is_no_setting_is_told_with_the_nearest_one(name: str, lines: list[str]) -> None:
    """By name alone; an empty one is an unset one."""
    assert (lines, []) == (list(unknown_variables({name: "canary"})), list(unknown_variables({name: ""})))


@pytest.mark.parametrize(
    ("variables", "exit_code", "lines"),
    [
        pytest.param({}, 0, [], id="all else is right"),
        pytest.param(
            {"GRANTWAY_GRPC_PORT": "x"}, 2, ["GRANTWAY_GRPC_PORT: must be a port, 0 to 65535"], id="something is wrong"
        ),
    ],
)
@pytest.mark.parametrize("program", ["grantway-server", "grantway-gateway"])
def test_a_check_tells_it(program: str, variables: dict[str, str], exit_code: int, lines: list[str]) -> None:
    """It is no error, and stands beside those that there are."""
    process = subprocess.run(
        [str(PROGRAMS / program), "--check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
        env=environment(GRANTWAY_REDIS_URI="canary", **variables),
    )

    expected = "".join(f"{program}: {line}\n" for line in [*lines, _REDIS_URI])
    assert (exit_code, "", expected) == (process.returncode, process.stdout, process.stderr)


@pytest.mark.parametrize(
    ("program", "port"),
    [
        pytest.param("grantway-server", "GRANTWAY_GRPC_PORT", id="the core"),
        pytest.param("grantway-gateway", "GRANTWAY_HTTP_PORT", id="the gateway"),
    ],
)
def test_a_start_tells_it(program: str, port: str) -> None:
    """In the log, before anything else, and it starts."""
    with running(program, **{port: "0", "GRANTWAY_REDIS_URI": "canary", "GRANTWAY_GRPC": "127.0.0.1:1"}) as process:
        process.address()
        process.process.terminate()
        first = json.loads(process.end().errors.splitlines()[0])

    del first["timestamp"]
    assert {"event": "unknown variable", "level": "warning", "problem": _REDIS_URI} == first

"""What the environment tells the command line."""

from hashlib import sha256

import pytest

from grantway.cli.config import CallSettings, DevSettings
from grantway.cli.failures import CommandFailed


@pytest.mark.parametrize(
    ("environ", "core"),
    [
        pytest.param({}, "127.0.0.1:50051", id="nothing is said"),
        pytest.param({"GRANTWAY_GRPC": "", "GRANTWAY_GRPC_PORT": ""}, "127.0.0.1:50051", id="empty is nothing"),
        pytest.param({"GRANTWAY_GRPC_PORT": "6000"}, "127.0.0.1:6000", id="a port"),
        pytest.param({"GRANTWAY_GRPC_HOST": "core", "GRANTWAY_GRPC_PORT": "1"}, "core:1", id="a host and a port"),
        pytest.param({"GRANTWAY_GRPC_HOST": "::1"}, "[::1]:50051", id="an IPv6 address gets brackets"),
        pytest.param({"GRANTWAY_GRPC_HOST": "::"}, "[::1]:50051", id="a wildcard is no address to call"),
        pytest.param({"GRANTWAY_GRPC": "core:1", "GRANTWAY_GRPC_PORT": "x"}, "core:1", id="the address goes first"),
    ],
)
def test_the_core_is_where_the_environment_says(environ: dict[str, str], core: str) -> None:
    """GRANTWAY_GRPC, else host and port, else the core's own defaults."""
    assert core == CallSettings.from_env(environ).core


def test_a_secret_is_not_in_the_settings_representation() -> None:
    """Nor is the admin token, nor the store's URL, which may hold a password."""
    admin = {"GRANTWAY_ADMIN_TOKEN": "hidden-too"}
    call = CallSettings.from_env({"GRANTWAY_CLIENT_ID": "me", "GRANTWAY_CLIENT_SECRET": "hidden"} | admin)
    dev = DevSettings.from_env({"GRANTWAY_REDIS_URL": "redis://:hidden@store"} | admin)

    assert ("hidden", "redis://:hidden@store") == (call.client_secret, dev.redis_url)
    assert "hidden-too" == call.admin_token == dev.admin_token
    assert "hidden" not in repr(call) + repr(dev)


@pytest.mark.parametrize("token", ["two words", "t\u00f6ken", "line\n", "\0", 1025 * "x"])
@pytest.mark.parametrize("settings", [CallSettings, DevSettings])
def test_an_admin_token_that_no_header_can_carry_is_refused(
    settings: type[CallSettings] | type[DevSettings], token: str
) -> None:
    """Without being repeated."""
    with pytest.raises(CommandFailed) as caught:
        settings.from_env({"GRANTWAY_ADMIN_TOKEN": token})

    problem = "GRANTWAY_ADMIN_TOKEN: must be at most 1024 printable ASCII characters without spaces"
    assert (2, (problem,)) == (caught.value.exit_code, caught.value.descriptions)


def test_dev_has_defaults_for_everything() -> None:
    """Loopback, 8080 and 50051, and a store of its own."""
    settings = DevSettings.from_env({})

    assert ("http://127.0.0.1:8080", "127.0.0.1:50051", "") == (settings.url, settings.core, settings.redis_url)


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        pytest.param(
            {"GRANTWAY_HTTP_PORT": "0"}, "GRANTWAY_HTTP_PORT: must be a port, 1 to 65535", id="not just any port"
        ),
        pytest.param(
            {"GRANTWAY_GRPC_PORT": "1" * 5000}, "GRANTWAY_GRPC_PORT: must be a port, 1 to 65535", id="a huge number"
        ),
        pytest.param(
            {"GRANTWAY_HTTP_PORT": "50051"},
            "GRANTWAY_HTTP_PORT and GRANTWAY_GRPC_PORT: must be two different ports",
            id="one port for both",
        ),
    ],
)
def test_dev_refuses_ports_that_cannot_be(environ: dict[str, str], problem: str) -> None:
    """Exit code 2, and the variable's name."""
    with pytest.raises(CommandFailed) as caught:
        DevSettings.from_env(environ)

    assert (2, (problem,)) == (caught.value.exit_code, caught.value.descriptions)


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        pytest.param(
            {"GRANTWAY_GRPC": "one:1,two:2"},
            "GRANTWAY_GRPC: several cores are named by IPv4 address and port; "
            "use one host name that resolves to all of them instead",
            id="several names",
        ),
        pytest.param(
            {"GRANTWAY_GRPC": "localhost"},
            "GRANTWAY_GRPC: must be host:port with a port of 1 to 65535, several ip:port with commas between, "
            "or a gRPC target",
            id="a name without a port",
        ),
        pytest.param(
            {"GRANTWAY_GRPC_HOST": "http://core"},
            "GRANTWAY_GRPC_HOST: must be an IP address or a host name",
            id="a URL in the place of a host",
        ),
    ],
)
def test_what_names_no_core_is_refused(environ: dict[str, str], problem: str) -> None:
    """Exit code 2, and the variable's name; not a call that nobody answers."""
    with pytest.raises(CommandFailed) as caught:
        CallSettings.from_env(environ)

    assert (2, (problem,)) == (caught.value.exit_code, caught.value.descriptions)


@pytest.mark.parametrize("token", ["", "another"])
def test_dev_wants_an_admin_token_that_the_core_takes(token: str) -> None:
    """Else everything would start, and stop again where the demo client is made."""
    listed = {"GRANTWAY_ADMIN_TOKENS": f"alice={sha256(b'of-alice').hexdigest()}"}

    with pytest.raises(CommandFailed) as caught:
        DevSettings.from_env(listed | {"GRANTWAY_ADMIN_TOKEN": token})

    said = "GRANTWAY_ADMIN_TOKEN: must hold a token that GRANTWAY_ADMIN_TOKENS has the SHA-256 of"
    assert (said,) == caught.value.descriptions
    assert "of-alice" == DevSettings.from_env(listed | {"GRANTWAY_ADMIN_TOKEN": "of-alice"}).admin_token


@pytest.mark.parametrize(
    ("environ", "issuer"),
    [
        pytest.param({}, "http://127.0.0.1:8080", id="the-default"),
        pytest.param({"GRANTWAY_HTTP_HOST": "LocalHost"}, "http://localhost:8080", id="a-name-in-lower-case"),
        pytest.param({"GRANTWAY_HTTP_HOST": "::1"}, "http://[::1]:8080", id="an-ipv6-address"),
        pytest.param({"GRANTWAY_HTTP_HOST": "0.0.0.0"}, "http://127.0.0.1:8080", id="all-addresses"),  # noqa: S104 - that is the test.
        pytest.param({"GRANTWAY_HTTP_HOST": "192.0.2.1"}, "", id="an-address-that-others-reach"),
        pytest.param({"GRANTWAY_HTTP_HOST": "::1%lo"}, "", id="an-address-with-a-zone"),
    ],
)
def test_dev_names_its_gateway_where_it_may(environ: dict[str, str], issuer: str) -> None:
    """Plaintext has a name on loopback only (RFC 8414 section 2); elsewhere whoever runs it sets one."""
    assert issuer == DevSettings.from_env(environ).issuer

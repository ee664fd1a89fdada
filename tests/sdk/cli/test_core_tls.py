"""The command line, the gateway and `grantway dev` with a core that speaks TLS."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from grantway.cli.config import CallSettings, DevSettings
from grantway.cli.failures import CommandFailed
from tests.certificates import Authority, needs_openssl
from tests.programs import running
from tests.sdk.cli.command_line import CommandLine, Ran
from tests.sdk.cli.processes import running_dev
from tests.valkey_server import embedded_valkey

pytestmark = needs_openssl

_NAMES = "DNS:localhost,IP:127.0.0.1"


@pytest.fixture(name="authority", scope="module")
def _authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def _of_the_core(authority: Authority) -> dict[str, str]:
    """The variables of a core that wants certificates, of whose holders alice is an administrator."""
    certificate, key = authority.certificate("core", names=_NAMES)
    return {
        "GRANTWAY_GRPC_SERVER_CERT_FILE": certificate,
        "GRANTWAY_GRPC_SERVER_KEY_FILE": key,
        "GRANTWAY_GRPC_CALLER_CA_FILE": authority.file,
        "GRANTWAY_ADMIN_CERTIFICATES": "alice",
    }


def _of(caller: str, authority: Authority) -> dict[str, str]:
    """The variables of a caller."""
    certificate, key = authority.certificate(caller)
    return {
        "GRANTWAY_GRPC_CA_FILE": authority.file,
        "GRANTWAY_GRPC_CERT_FILE": certificate,
        "GRANTWAY_GRPC_KEY_FILE": key,
    }


@pytest.fixture(name="tls_core", scope="module")
def _tls_core(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    with (
        embedded_valkey(tmp_path_factory.mktemp("store"), persist=False) as url,
        running("grantway-server", GRANTWAY_REDIS_URL=url, GRANTWAY_GRPC_PORT="0", **_of_the_core(authority)) as core,
    ):
        yield core.address()


@pytest.fixture(name="grantway_tls")
def _grantway_tls(tls_core: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Runs commands against it."""
    return CommandLine(capsys, monkeypatch, {"GRANTWAY_GRPC": tls_core})


def test_a_certificate_is_who_you_are(grantway_tls: CommandLine, authority: Authority) -> None:
    """The audit trail has the name in it."""
    for name, value in _of("alice", authority).items():
        grantway_tls.set(name, value)

    created = grantway_tls("clients", "create", "Portal", "--json").document

    assert "alice" == created["created_by"]
    assert " by alice from " in grantway_tls("audit", "search", "--client", created["client_id"]).output


def test_a_certificate_that_is_not_listed_administers_nothing(grantway_tls: CommandLine, authority: Authority) -> None:
    """But may ask about tokens."""
    for name, value in _of("orders", authority).items():
        grantway_tls.set(name, value)

    said = "grantway: Your certificate is none of those in GRANTWAY_ADMIN_CERTIFICATES.\n"
    assert Ran(1, "", said) == grantway_tls("clients", "list")
    assert 0 == grantway_tls("token", "inspect", "none").exit_code


def test_what_is_wrong_with_tls_is_told(grantway_tls: CommandLine, tls_core: str, authority: Authority) -> None:
    """Not only that no core answers."""
    stranger = Authority(Path(authority.file).parent, "stranger")
    grantway_tls.set("GRANTWAY_GRPC_CA_FILE", stranger.file)

    said = f"grantway: no core answers at {tls_core}: its certificate is not signed by whom the caller trusts\n"
    assert Ran(1, "", said) == grantway_tls("clients", "list")


def test_the_gateway_calls_by_tls(tls_core: str, authority: Authority) -> None:
    """It is ready, and its answers are the core's."""
    variables = {"GRANTWAY_GRPC": tls_core, "GRANTWAY_HTTP_PORT": "0", **_of("gateway", authority)}
    with running("grantway-gateway", **variables) as gateway:
        url = f"http://{gateway.address()}"
        ready = httpx.get(f"{url}/readyz")
        answer = httpx.post(
            f"{url}/oauth/token",
            data={"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "none"},
        )

    assert (200, 401) == (ready.status_code, answer.status_code)


@pytest.mark.parametrize("settings", [CallSettings, DevSettings])
def test_files_that_cannot_be_used_are_wrong_usage(
    settings: type[CallSettings] | type[DevSettings], authority: Authority
) -> None:
    """All that is wrong with them is said, by variable."""
    certificate, _ = authority.certificate("one")
    _, other_key = authority.certificate("other")
    variables = {"GRANTWAY_GRPC_CERT_FILE": certificate, "GRANTWAY_GRPC_KEY_FILE": other_key}

    with pytest.raises(CommandFailed) as caught:
        settings.from_env(variables)

    assert (
        2,
        (
            "GRANTWAY_GRPC_CA_FILE: must be set where TLS is configured",
            "GRANTWAY_GRPC_KEY_FILE: is not the key of the certificate",
        ),
    ) == (caught.value.exit_code, caught.value.descriptions)


def test_dev_runs_with_tls(authority: Authority, tmp_path: Path) -> None:
    """Core and gateway, and it makes its client, by the same certificates."""
    variables = {**_of_the_core(authority), **_of("alice", authority)}
    with running_dev(tmp_path, **variables) as dev:
        answer = dev.paste_curl()

    assert '"access_token"' in answer


@pytest.mark.parametrize("variable", ["GRANTWAY_GRPC_SERVER_CERT_FILE", "GRANTWAY_GRPC_CA_FILE"])
def test_dev_wants_both_sides_of_tls(variable: str, authority: Authority) -> None:
    """Else everything would start, and nobody could call the core."""
    with pytest.raises(CommandFailed) as caught:
        DevSettings.from_env({variable: authority.file})

    said = "GRANTWAY_GRPC_SERVER_CERT_FILE and GRANTWAY_GRPC_CA_FILE: must be set both, or neither"
    assert (said,) == caught.value.descriptions

"""The admin token of the command line, against a core that asks for one."""

from collections.abc import Iterator
from hashlib import sha256

import pytest

from tests.programs import running
from tests.sdk.cli.command_line import CommandLine, Ran
from tests.valkey_server import embedded_valkey

_TOKEN = "canary-token-of-alice"


@pytest.fixture(scope="module", name="guarded_core")
def _guarded_core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a core that alice alone may administer."""
    with (
        embedded_valkey(tmp_path_factory.mktemp("guarded"), persist=False) as url,
        running(
            "grantway-server",
            GRANTWAY_REDIS_URL=url,
            GRANTWAY_GRPC_PORT="0",
            GRANTWAY_ADMIN_TOKENS=f"alice={sha256(_TOKEN.encode()).hexdigest()}",
        ) as core,
    ):
        yield core.address()


@pytest.fixture(name="guarded")
def _guarded(guarded_core: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Runs commands against it."""
    return CommandLine(capsys, monkeypatch, {"GRANTWAY_GRPC": guarded_core})


_COMMANDS = [
    pytest.param(("clients", "list"), id="clients"),
    pytest.param(("clients", "export"), id="an export"),
    pytest.param(("clients", "import", "-"), id="an import"),
    pytest.param(("secrets", "expiring"), id="secrets"),
    pytest.param(("audit", "search"), id="the audit trail"),
    pytest.param(("leaked",), id="leaks"),
]
_STDIN = (
    '{"client_id": "a", "name": "A", "secret_hash": "{SHA-256}47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}\n'
    "client_oa2_live_000102030405060708090a0b0c0d0e0f101112138d4f8836\n"
)


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize("token", ["", "another"], ids=["no token", "a wrong one"])
def test_without_its_token_no_command_is_answered(guarded: CommandLine, command: tuple[str, ...], token: str) -> None:
    """It says where the token comes from."""
    guarded.set("GRANTWAY_ADMIN_TOKEN", token)

    ran = guarded(*command, "--json", stdin=_STDIN)

    assert (1, "unknown_actor") == (ran.exit_code, ran.document["error"])
    assert "GRANTWAY_ADMIN_TOKEN" in ran.document["error_description"]


@pytest.mark.parametrize("command", _COMMANDS)
def test_with_its_token_every_command_is(guarded: CommandLine, command: tuple[str, ...]) -> None:
    """And nothing prints it."""
    guarded.set("GRANTWAY_ADMIN_TOKEN", _TOKEN)

    ran = guarded(*command, stdin=_STDIN)

    assert "unknown_actor" not in ran.output + ran.errors
    assert "Say who you are" not in ran.errors
    assert _TOKEN not in ran.output + ran.errors


def test_the_audit_trail_names_who_the_token_belongs_to(guarded: CommandLine) -> None:
    """So does the client."""
    guarded.set("GRANTWAY_ADMIN_TOKEN", _TOKEN)

    created = guarded("clients", "create", "Portal", "--json").document

    assert ("alice", "alice") == (created["created_by"], created["updated_by"])
    line = guarded("audit", "search", "--client", created["client_id"], "--actor", "alice").output
    assert " by alice from " in line


def test_a_token_that_no_header_can_carry_is_wrong_usage(guarded: CommandLine) -> None:
    """It is not repeated."""
    guarded.set("GRANTWAY_ADMIN_TOKEN", "canary\u00e9")

    said = "grantway: GRANTWAY_ADMIN_TOKEN: must be at most 1024 printable ASCII characters without spaces\n"
    assert Ran(2, "", said) == guarded("clients", "list")

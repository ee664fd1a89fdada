"""What the tests of the command line share: a core, and a way to run commands against it."""

import os
from collections.abc import Iterator

import pytest

from tests.programs import running
from tests.sdk.cli.command_line import CommandLine
from tests.valkey_server import embedded_valkey


@pytest.fixture(scope="session", name="core")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a core on a store of its own."""
    with (
        embedded_valkey(tmp_path_factory.mktemp("core"), persist=False) as url,
        running(
            "grantway-server",
            GRANTWAY_REDIS_URL=url,
            GRANTWAY_GRPC_PORT="0",
            GRANTWAY_IMPORTED_SECRET_MIN_LENGTH="1",  # The secrets of published hashes are short.
        ) as core,
    ):
        yield core.address()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the developer's shell says about Grantway is not said here."""
    for name in [name for name in os.environ if name.startswith("GRANTWAY_")]:
        monkeypatch.delenv(name)


@pytest.fixture(name="grantway")
def _grantway(core: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Runs commands against the core."""
    return CommandLine(capsys, monkeypatch, {"GRANTWAY_GRPC": core})

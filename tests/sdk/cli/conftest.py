"""What the tests of the command line share: a core, and a way to run commands against it."""

import json
import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.sdk.cli.command_line import CommandLine
from tests.sdk.cli.processes import PROGRAMS, environment
from tests.valkey_server import embedded_valkey


@pytest.fixture(scope="session", name="core")
def _core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a core on a store of its own."""
    directory = tmp_path_factory.mktemp("core")
    log = directory / "core.log"
    with (
        embedded_valkey(directory, persist=False) as url,
        log.open("wb") as output,
        subprocess.Popen(
            [str(PROGRAMS / "grantway-server")],
            env=environment(GRANTWAY_REDIS_URL=url, GRANTWAY_GRPC_PORT="0"),
            stderr=output,
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 10
            while not log.read_text().endswith("\n"):
                assert time.monotonic() < deadline, "the core did not start"
                time.sleep(0.01)
            yield f"127.0.0.1:{json.loads(log.read_text().splitlines()[0])['port']}"
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the developer's shell says about Grantway is not said here."""
    for name in [name for name in os.environ if name.startswith("GRANTWAY_")]:
        monkeypatch.delenv(name)


@pytest.fixture(name="grantway")
def _grantway(core: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Runs commands against the core."""
    return CommandLine(capsys, monkeypatch, {"GRANTWAY_GRPC": core})

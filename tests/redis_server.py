"""Debian's redis-server as a second real backend, where it is installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARY = shutil.which("redis-server")


@contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """Runs a redis-server on a Unix socket in *directory*; the value is its URL."""
    assert BINARY is not None
    sock = directory / "redis.sock"
    options = ("--port", "0", "--unixsocket", str(sock), "--dir", str(directory), "--save", "", "--appendonly", "no")
    with subprocess.Popen([BINARY, *options], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(sock)
            yield f"unix://{sock}"
        finally:
            process.terminate()


def _wait_for(sock: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(sock))
            except OSError:
                assert time.monotonic() < deadline, "redis-server does not listen"
                time.sleep(0.01)
            else:
                return

"""A Valkey that others can reach: one that is to have replicas, or be one."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from grantway.cli.embedded_valkey import valkey_binary
from grantway.cli.tether import tethered
from tests.programs import free_ports

_START_SECONDS = 10


@contextmanager
def valkey_on_a_port(directory: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Runs one, empty, that keeps nothing; its port and its process, which may be killed."""
    directory.mkdir()
    (port,) = free_ports(1)
    options = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(directory),
        "save": "",
        "repl-diskless-sync-delay": "0",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    with subprocess.Popen(tethered([str(valkey_binary()), *words]), stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield port, process
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with Redis(port=port) as redis:
                redis.ping()
        except RedisConnectionError:
            assert time.monotonic() < deadline, "valkey does not answer"
            time.sleep(0.01)
        else:
            return

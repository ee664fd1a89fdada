"""The store of a system: a Valkey of its own, on TCP as in production, nothing written to disk."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

from redis import Redis

from bench.stages.processes import Process, ProcessError, free_port
from bench.stages.workshop import Workshop
from grantway.cli.embedded_valkey import valkey_binary

_SCAN_COUNT = 10_000
_WAIT_SECONDS = 120
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Keys and their serialized values, to begin every measurement alike."""

    values: dict[bytes, bytes]


class Store:
    """A running Valkey.

    Attributes:
        process: The server, for its CPU time and memory.
        port: Where it listens.
    """

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port
        self._redis = Redis(port=port)

    @classmethod
    def start(cls, workshop: Workshop, directory: Path) -> Self:
        """Starts a server that logs to *directory* and keeps nothing."""
        port = free_port()
        options = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(directory)}
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        process = workshop.start("store", [str(valkey_binary()), *arguments], log=directory / "store.log")
        process.wait_for_port(port)
        return cls(process, port)

    @property
    def url(self) -> str:
        """Where it is, as clients spell it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def scan(self, pattern: bytes = b"*") -> Iterator[bytes]:
        """The keys that match *pattern*: a look at each of them."""
        yield from self._redis.scan_iter(match=pattern, count=_SCAN_COUNT)

    def size(self) -> int:
        """How many keys there are."""
        return int(self._redis.dbsize())

    def used_bytes(self) -> int:
        """The memory that it has allocated, by its own account: data, tables, buffers."""
        return int(self._redis.info("memory")["used_memory"])

    def wait_for_tables(self) -> None:
        """Returns once it rebuilds none of its tables: it does that bit by bit when one has become too small."""
        _wait_until(
            lambda: not int(self._redis.info("memory")["mem_overhead_db_hashtable_rehashing"]),
            "the store does not get done with its tables",
        )

    def wait_for_key(self, key: bytes) -> None:
        """Returns once there is something under *key*."""
        _wait_until(lambda: bool(self._redis.exists(key)), f"nobody writes {key.decode()}")

    def swap(self, database: int) -> None:
        """Exchanges what *database* holds with what database 0 does, under all who use them."""
        self._redis.swapdb(0, database)

    def copy(self, key: bytes, database: int) -> None:
        """Has *database* hold under *key* what database 0 does."""
        name, number = key.decode(), str(database)  # As their stub wants it.
        self._redis.copy(name, name, destination_db=number, replace=True)

    def delete(self, keys: Iterable[bytes]) -> None:
        """Forgets *keys*."""
        waiting = iter(keys)
        while chunk := list(islice(waiting, _SCAN_COUNT)):
            self._redis.unlink(*chunk)

    def snapshot(self) -> Snapshot:
        """What it holds now: a few keys, or this takes long."""
        values: dict[bytes, bytes] = {}
        for key in self.scan():
            value = self._redis.dump(key)
            assert isinstance(value, bytes)
            values[key] = value
        return Snapshot(values)

    def restore(self, snapshot: Snapshot) -> None:
        """Holds what it held at *snapshot* and nothing else."""
        self._redis.flushall(asynchronous=False)
        for key, value in snapshot.values.items():
            self._redis.restore(key, 0, value)


def _wait_until(done: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise ProcessError(problem)
        time.sleep(_POLL_SECONDS)

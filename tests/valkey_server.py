"""The embedded Valkey as the tests' store: they want to know where it is and nothing else of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grantway.cli.embedded_valkey import running_valkey


@contextmanager
def embedded_valkey(directory: Path, *, persist: bool) -> Iterator[str]:
    """Runs one, as `running_valkey` does; the value is its URL."""
    with running_valkey(directory, persist=persist) as server:
        yield server.url

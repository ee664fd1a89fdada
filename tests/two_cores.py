"""Two cores on one store, each a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.programs import Program, running
from tests.valkey_server import embedded_valkey


@dataclass(frozen=True)
class TwoCores:
    """They run."""

    first: Program
    second: Program
    addresses: tuple[str, str]

    @property
    def both(self) -> str:
        """As a `TokenClient` is told of them."""
        return ",".join(self.addresses)


@contextmanager
def two_cores(directory: Path, **settings: str) -> Iterator[TwoCores]:
    """Two cores with *settings* on an empty Valkey."""
    with embedded_valkey(directory / "valkey", persist=False) as redis_url:
        variables = {"GRANTWAY_GRPC_PORT": "0", "GRANTWAY_REDIS_URL": redis_url, **settings}
        with running("grantway-server", **variables) as first, running("grantway-server", **variables) as second:
            yield TwoCores(first, second, (first.address(), second.address()))

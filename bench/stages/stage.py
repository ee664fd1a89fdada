"""The processes of a system and what a load needs to know of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.stages.processes import Process
from bench.stages.store import Snapshot, Store
from bench.stages.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client that may ask for tokens of scope `read`."""

    client_id: str
    client_secret: str


BENCH_CLIENT = Credentials(
    "svc_live_benchbenchbenchbench", "gws_live_bench_" + "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v" + "00c0ffee"
)
"""For every system that lets its client be chosen: as long as the ids and secrets that Grantway mints."""

TOKEN_LIFETIME_SECONDS = 3600
SCOPE = "read"


class TokenBook(ABC):
    """Where a system writes its tokens down, so that they can be counted."""

    def open(self) -> None:  # noqa: B027 - most systems have one book only.
        """Has the system write into this one of its books from now on; `reset` does so too."""

    @abstractmethod
    def reset(self) -> None:
        """Forgets all tokens and keeps everything else."""

    @abstractmethod
    def count(self) -> int:
        """How many tokens there are."""


class StoreBook(TokenBook):
    """Tokens in the system's own Valkey. What the store holds at the first reset is kept.

    Args:
        store: The store.
        pattern: The keys of tokens, as the system names them.
    """

    def __init__(self, store: Store, pattern: bytes) -> None:
        self._store = store
        self._pattern = pattern
        self._kept: Snapshot | None = None

    def reset(self) -> None:
        """See `TokenBook`."""
        if self._kept is None:
            self._kept = self._store.snapshot()
        self._store.restore(self._kept)

    def count(self) -> int:
        """See `TokenBook`."""
        return sum(1 for _ in self._store.scan(self._pattern))


@dataclass(frozen=True, slots=True)
class Stage:
    """Processes that run.

    Attributes:
        processes: All that the price of a token includes, by CPU time and memory.
        token_url: The token endpoint; empty when there is none.
        core: `host:port` of the gRPC core; empty when there is none.
        client: Who asks.
        book: Where the tokens end up; None when the stage keeps none.
    """

    processes: Sequence[Process]
    token_url: str = ""
    core: str = ""
    client: Credentials = BENCH_CLIENT
    book: TokenBook | None = None


StageBuilder = Callable[[Workshop], Stage]

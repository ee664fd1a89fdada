"""How many tokens and clients growth is measured beside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the populations are.

    Attributes:
        tokens: Live tokens, of few clients.
        clients: Clients, with few tokens.
        few_tokens: How many tokens that is.
        few_clients: How many clients that is.
        least_rounds: How often everything is measured.
        most_rounds: How often that is measured which is not known well enough after those.
        minutes: How long that may take.
        cold_rounds: How often a core is started whose clients all come for the first time.
        seconds: How long each measurement takes.
        quick: Whether it is a look only: nothing is judged by it.
    """

    tokens: Sequence[int] = (1_000, 100_000, 1_000_000)
    clients: Sequence[int] = (10, 1_000, 100_000)
    few_tokens: int = 20_000
    few_clients: int = 10
    least_rounds: int = 5
    most_rounds: int = 20
    minutes: float = 14
    cold_rounds: int = 4
    seconds: int = 1
    quick: bool = False

    def populations(self) -> Iterator[tuple[str, int, int, int]]:
        """What grows, how large it is, how many clients and how many tokens that means."""
        for tokens in self.tokens:
            yield "tokens", tokens, self.few_clients, tokens
        for clients in self.clients:
            yield "clients", clients, clients, self.few_tokens


LOOK = Sizes(
    tokens=(1_000, 10_000),
    clients=(10, 1_000),
    few_tokens=1_000,
    least_rounds=2,
    most_rounds=2,
    cold_rounds=2,
    quick=True,
)
"""Small populations, fewer rounds: nothing is judged by it."""

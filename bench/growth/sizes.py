"""How many tokens and clients growth is measured beside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

What = Literal["tokens", "clients"]
"""What grows."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the populations are.

    Attributes:
        tokens: Live tokens, of few clients.
        clients: Clients, with few tokens.
        few_tokens: How many tokens that is.
        few_clients: How many clients that is.
        lives: How often a core and a gateway are started to serve all of them.
        rounds: How often everything is measured in each of these lives.
        seconds: How long each measurement takes.
        quick: Whether it is a look only: nothing is judged by it.
    """

    tokens: Sequence[int] = (1_000, 100_000, 1_000_000)
    clients: Sequence[int] = (10, 1_000, 100_000)
    few_tokens: int = 20_000
    few_clients: int = 10
    lives: int = 6
    rounds: int = 3
    seconds: int = 1
    quick: bool = False

    def populations(self) -> Iterator[tuple[What, int, int]]:
        """What grows, how many clients there are then and how many tokens."""
        for tokens in self.tokens:
            yield "tokens", self.few_clients, tokens
        for clients in self.clients:
            yield "clients", clients, self.few_tokens


LOOK = Sizes(
    tokens=(1_000, 10_000),
    clients=(10, 1_000),
    few_tokens=2_000,
    lives=2,
    rounds=1,
    quick=True,
)
"""Small populations, few lives: nothing is judged by it. Its clients come more than once when they come first."""

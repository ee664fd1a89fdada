"""What a system is to the bench."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.loads.load import Load
from bench.stages.stage import StageBuilder

CONCURRENCIES = (1, 8, 32, 128)

HTTP_FLOOR = "floor-http"
"""The system in units of which the cost of every other one is told."""


class Kind(StrEnum):
    """Why a system is measured."""

    FLOOR = "floor"
    OURS = "ours"
    PEER = "peer"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One way to get or check a token.

    Attributes:
        name: What it is called on the command line and in the results.
        title: What it is called in tables.
        kind: Why it is measured.
        build: Starts its processes. Systems with the same builder share them.
        load: What is asked of them.
        settings: What a reader must know of its configuration to repeat or to dispute the figures.
        concurrencies: How many tokens are wanted at any moment.
        references: The names of the systems in units of which its cost is told.
        quick: Whether the quick run measures it.
        peer: The folder in bench/peers that must be installed for it; empty for none.
    """

    name: str
    title: str
    kind: Kind
    build: StageBuilder
    load: Load
    settings: str
    concurrencies: Sequence[int] = CONCURRENCIES
    references: Sequence[str] = (HTTP_FLOOR,)
    quick: bool = True
    peer: str = ""

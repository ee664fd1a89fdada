"""Where a peer is ahead of Grantway over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.summary import Cell, Summary
from bench.systems.ours import HTTP_FORM
from bench.systems.system import Kind, System

FIGURES = {
    "cpu_us": ("CPU per token", "us"),
    "p50_ms": ("p50", "ms"),
    "p99_ms": ("p99", "ms"),
    "resident_mib": ("memory", "MiB"),
}
"""What is compared, a field of `Cell`; in words and in which unit. Less is better."""


@dataclass(frozen=True, slots=True)
class Lead:
    """One figure in which a peer is ahead.

    Attributes:
        peer: Its name.
        title: Its title.
        concurrency: Where.
        figure: Which, a key of `FIGURES`.
        theirs: The peer's.
        ours: Grantway's.
    """

    peer: str
    title: str
    concurrency: int
    figure: str
    theirs: float
    ours: float

    def __str__(self) -> str:
        words, unit = FIGURES[self.figure]
        return f"c={self.concurrency}: {self.title}: {words} {_short(self.theirs)} {unit}, Grantway {_short(self.ours)}"


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"  # noqa: PLR2004 - three digits.


def leads(summary: Summary, systems: Sequence[System]) -> list[Lead]:
    """All of them."""
    found = []
    for concurrency in summary.concurrencies:
        ours = summary.cell(HTTP_FORM, concurrency)
        for peer in (system for system in systems if system.kind is Kind.PEER):
            theirs = summary.cell(peer.name, concurrency)
            if ours is None or theirs is None:
                continue
            for figure in FIGURES:
                one, other = _figure(theirs, figure), _figure(ours, figure)
                if one < other:
                    found.append(Lead(peer.name, peer.title, concurrency, figure, one, other))
    return found


def _figure(cell: Cell, figure: str) -> float:
    value: float = getattr(cell, figure)
    return value

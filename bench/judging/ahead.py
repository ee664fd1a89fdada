"""Where a peer is ahead of Grantway over HTTP."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.judging.summary import Cell, Summary
from bench.systems.catalogue import SYSTEMS
from bench.systems.ours import HTTP_FORM
from bench.systems.system import Kind, System


@dataclass(frozen=True, slots=True)
class Figure:
    """What is compared; less is better.

    Attributes:
        words: What it is called.
        lead: What it is to have less of it.
        unit: What it is in.
        as_seen: The field of `Cell` that holds it as it was measured.
        corrected: The field that holds it corrected; None when it is not corrected.
        corrected_alone: Whether it is so only where one request is under way.
    """

    words: str
    lead: str
    unit: str
    as_seen: str
    corrected: str | None = None
    corrected_alone: bool = False

    def corrected_at(self, concurrency: int) -> str | None:
        """The field that holds it corrected at this concurrency; None when none does."""
        return None if self.corrected_alone and concurrency > 1 else self.corrected


FIGURES = {
    "cpu": Figure("CPU per token", "Less CPU than Grantway", "us", "cpu_us_measured", "cpu_us"),
    "p50": Figure("p50", "Less time at the median", "ms", "p50_ms", "p50_ms_undisturbed", corrected_alone=True),
    "p99": Figure("p99", "Less time at the slowest hundredth", "ms", "p99_ms"),
    "memory": Figure("memory", "Less memory", "MiB", "resident_mib"),
}


class Account(StrEnum):
    """By which figures a peer is ahead."""

    EACH = ""
    CORRECTED = "as corrected only"
    AS_SEEN = "as seen only"


@dataclass(frozen=True, slots=True)
class Lead:
    """One figure in which a peer is ahead, in one of the two accounts at least.

    Attributes:
        peer: Its name.
        title: Its title.
        concurrency: Where.
        figure: Which, a key of `FIGURES`.
        theirs: The peer's, corrected where that is done.
        ours: Grantway's, likewise.
        theirs_as_seen: The peer's, as it was measured.
        ours_as_seen: Grantway's, likewise.
        account: In which of the two it is ahead.
    """

    peer: str
    title: str
    concurrency: int
    figure: str
    theirs: float
    ours: float
    theirs_as_seen: float
    ours_as_seen: float
    account: Account

    def __str__(self) -> str:
        figure = FIGURES[self.figure]
        text = f"c={self.concurrency}: {self.title}: {figure.words} {_short(self.theirs)} {figure.unit}, "
        text += f"Grantway {_short(self.ours)}"
        if figure.corrected_at(self.concurrency):
            text += f"; as seen {_short(self.theirs_as_seen)}, Grantway {_short(self.ours_as_seen)}"
        return f"{text}: ahead {self.account}" if self.account else text


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
            for name, figure in FIGURES.items():
                seen = _pair(theirs, ours, figure.as_seen)
                corrected = _pair(theirs, ours, figure.corrected_at(concurrency) or figure.as_seen)
                account = _account(corrected=corrected[0] < corrected[1], as_seen=seen[0] < seen[1])
                if account is not None:
                    found.append(Lead(peer.name, peer.title, concurrency, name, *corrected, *seen, account))
    return found


def _pair(theirs: Cell, ours: Cell, field: str) -> tuple[float, float]:
    return getattr(theirs, field), getattr(ours, field)


def _account(*, corrected: bool, as_seen: bool) -> Account | None:
    if corrected and as_seen:
        return Account.EACH
    if corrected:
        return Account.CORRECTED
    return Account.AS_SEEN if as_seen else None


def without_leads(measured: Collection[str]) -> str:
    """What to say when there is no lead: that nobody was measured beside Grantway is no victory.

    Args:
        measured: The names of the systems that were.
    """
    peers = [system for system in SYSTEMS if system.kind is Kind.PEER and system.name in measured]
    if peers and HTTP_FORM in measured:
        return "Nowhere, of those that were measured."
    return "Nobody knows: no peer was measured beside it."


def not_measured(measured: Collection[str]) -> list[str]:
    """One line that names the systems that were not; none when all were."""
    missing = [system.title for system in SYSTEMS if system.name not in measured]
    return [f"Not measured: {'; '.join(missing)}."] if missing else []

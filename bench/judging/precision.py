"""How well ratios are known, and which systems are measured once more because theirs are not known well enough."""

import math
from collections.abc import Iterable, Sequence

from bench.judging.ratios import Ratio
from bench.judging.summary import Summary
from bench.systems.system import System

WANTED_ERROR = 0.025
"""The standard error of a ratio that is good enough, as a part of it: in one of ten thousand, runs differ by 15 %."""

_WORST_FIRST = 0.7
"""A ratio whose error is less than this part of the worst one's waits."""


def unsettled(summary: Summary, systems: Iterable[System]) -> set[tuple[str, int]]:
    """The systems to measure again, each with the concurrency: the time is for those that are known worst.

    A ratio that is not known well enough has two sides. Only a side that has its share in that is measured again.
    """
    known_by = {
        (system.name, reference, concurrency): ratio.error
        for system in systems
        for reference in set(system.references) - {system.name}
        for concurrency in summary.concurrencies
        if (ratio := summary.cpu_ratio(system.name, reference, concurrency)) is not None
    }
    worst = max(filter(math.isfinite, known_by.values()), default=0.0)
    enough = max(WANTED_ERROR, _WORST_FIRST * worst)
    found = set()
    for (name, reference, concurrency), error in known_by.items():
        if error <= enough:
            continue
        for side in (name, reference):
            cell = summary.cell(side, concurrency)
            if cell and 2 * cell.cpu.error**2 > enough**2:
                found.add((side, concurrency))
    return found


def known(ratios: Sequence[Ratio]) -> str:
    """How many of the *ratios* are known well enough, and how well the worst is, in words."""
    if not ratios:
        return "No ratio was measured."
    errors = [math.inf if ratio.error is None else ratio.error for ratio in ratios]
    good = sum(error <= WANTED_ERROR for error in errors)
    worst = max(errors)
    told = f"to {worst:.1%}" if math.isfinite(worst) else "from one measurement only"
    return f"{good} of {len(errors)} ratios are known to {WANTED_ERROR:.1%}, the worst {told} (standard errors)."

"""Which systems are to be measured once more, for their ratios are not known well enough."""

from collections.abc import Iterable

from bench.summary import Summary
from bench.systems.system import System

WANTED_ERROR = 0.025
"""The standard error of a ratio that is good enough, as a part of it: in one of ten thousand, runs differ by 15 %."""


def unsettled(summary: Summary, systems: Iterable[System]) -> set[tuple[str, int]]:
    """The systems to measure again, each with the concurrency.

    A ratio that is not known well enough has two sides. Only a side that has its share in that is measured again.
    """
    found = set()
    for system in systems:
        for reference in set(system.references) - {system.name}:
            for concurrency in summary.concurrencies:
                ratio = summary.cpu_ratio(system.name, reference, concurrency)
                if ratio is None or ratio.error <= WANTED_ERROR:
                    continue
                for side in (system.name, reference):
                    cell = summary.cell(side, concurrency)
                    if cell and 2 * cell.cpu.error**2 > WANTED_ERROR**2:
                        found.add((side, concurrency))
    return found

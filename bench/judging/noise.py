"""How much others disturbed a run, and whether its targets may be judged by it.

A run is told to be quiet by its own readings: how fast this core is when it has its caches to itself, no run knows.
"""

from collections.abc import Sequence

from bench.judging.summary import Summary
from bench.systems.system import System

_FOREIGN_SHARE = 0.05
SLOWNESS = 1.5
"""How many times slower than in the quietest tenth the core may be in half of the rounds. Beyond this the figures are
more of the yardstick's making than of the systems'."""


def _disturbed(summary: Summary, systems: Sequence[System]) -> dict[str, tuple[float, float]]:
    """What is wrong with each cell that was disturbed in half of its rounds: foreign share and slowness."""
    return {
        f"{system.title} at c={concurrency}": (cell.foreign_share, cell.slowness)
        for system in systems
        for concurrency in summary.concurrencies
        if (cell := summary.cell(system.name, concurrency))
        and (cell.foreign_share > _FOREIGN_SHARE or cell.slowness > SLOWNESS)
    }


def is_quiet(summary: Summary, systems: Sequence[System]) -> bool:
    """Whether no cell was disturbed in half of its rounds."""
    return not _disturbed(summary, systems)


def noise(summary: Summary, systems: Sequence[System]) -> str:
    """What others did, in words."""
    found = _disturbed(summary, systems)
    if not found:
        return (
            f"Quiet, by the run's own quietest tenth ({summary.quiet_ns:.0f} ns a look-up): nowhere did the core work "
            f"more than {_FOREIGN_SHARE:.0%} of the time for others, or was more than {SLOWNESS} times slower than "
            "then, in half of the rounds."
        )
    foreign = max(found, key=lambda name: found[name][0])
    slow = max(found, key=lambda name: found[name][1])
    return (
        f"NOT QUIET, so no target is judged. {len(found)} cells were disturbed in half of their rounds: "
        f"at worst, the core worked {found[foreign][0]:.0%} of the time for others ({foreign}), "
        f"and was {found[slow][1]:.2f} times slower than in the run's own quietest "
        f"tenth ({slow}), in which a look-up took {summary.quiet_ns:.0f} ns. "
        "CPU times, and the median of a lone request beside them, are corrected for the latter, the rest for neither."
    )

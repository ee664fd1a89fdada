"""How a CPU time is corrected: what it would have been had nobody disturbed the core.

So is the latency of a lone request: all that happens until its answer happens on that core, one thing after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, log, sqrt
from statistics import fmean

from bench.measuring.measurement import Measurement

EXPONENT = 1.0
"""A token is taken to cost twice as much where the yardstick takes twice as long; see `fitted_exponent`."""


def corrected(time: float, *, yardstick_ns: float, quiet_ns: float) -> float:
    """The time on a core on which the yardstick says *quiet_ns*, from that on one where it said *yardstick_ns*."""
    return float(time * (quiet_ns / yardstick_ns) ** EXPONENT)


@dataclass(frozen=True, slots=True)
class Slope:
    """How closely CPU times followed the yardstick.

    Attributes:
        exponent: Where it took twice as long, a token cost two to the power of this times as much.
        error: The standard error of that.
    """

    exponent: float
    error: float


def fitted_exponent(measurements: Sequence[Measurement]) -> Slope | None:
    """The exponent by which the CPU times of a run followed the yardstick; None when they do not tell.

    One slope for all, by least squares: of the logarithms, each less its mean among the measurements of the same system
    at the same concurrency.
    """
    cells: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for one in measurements:
        cells.setdefault((one.system, one.concurrency), []).append((log(one.yardstick_ns), log(one.cpu_us)))
    pairs = []
    for cell in cells.values():
        yardstick, cost = (fmean(part) for part in zip(*cell, strict=True))
        pairs += [(one - yardstick, other - cost) for one, other in cell]
    squares, freedom = fsum(one * one for one, _ in pairs), len(pairs) - len(cells) - 1
    if not squares or freedom < 1:
        return None
    exponent = fsum(one * other for one, other in pairs) / squares
    rest = fsum((other - exponent * one) ** 2 for one, other in pairs)
    return Slope(exponent, sqrt(rest / freedom / squares))


def fitted_exponents(measurements: Sequence[Measurement]) -> dict[str, Slope]:
    """The same of each system, at all concurrencies together; those that do not tell are left out."""
    runs: dict[str, list[Measurement]] = {}
    for one in measurements:
        runs.setdefault(one.system, []).append(one)
    found = {system: fitted_exponent(several) for system, several in runs.items()}
    return {system: slope for system, slope in found.items() if slope is not None}

"""How a CPU time is corrected: what it would have been had nobody disturbed the core.

So is the latency of a lone request: all that happens until its answer happens on that core, one thing after the other.
"""

from collections.abc import Sequence
from math import fsum, log
from statistics import fmean

from bench.measurement import Measurement

EXPONENT = 1.0
"""A token is taken to cost twice as much where the yardstick takes twice as long; see `fitted_exponent`."""


def corrected(time: float, *, yardstick_ns: float, quiet_ns: float) -> float:
    """The time on a core on which the yardstick says *quiet_ns*, from that on one where it said *yardstick_ns*."""
    return float(time * (quiet_ns / yardstick_ns) ** EXPONENT)


def fitted_exponent(measurements: Sequence[Measurement]) -> float | None:
    """The exponent by which CPU times followed the yardstick in a run; None when it does not tell.

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
    squares = fsum(one * one for one, _ in pairs)
    return fsum(one * other for one, other in pairs) / squares if squares else None

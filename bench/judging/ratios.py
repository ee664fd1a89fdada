"""Which ratios a run is judged by: those that tables show and that two runs must agree on."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.judging.summary import Summary
from bench.systems.floors import UNARY_FLOOR
from bench.systems.ours import HTTP_FORM
from bench.systems.system import System


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure of a system in units of another's.

    Attributes:
        figure: "CPU" or "p50".
        system: Whose.
        reference: In units of whose.
        concurrency: Where.
        value: How many times.
        as_seen: The same, nothing corrected.
        error: The standard error of it, as a part of it; None when the run does not tell.
    """

    figure: str
    system: str
    reference: str
    concurrency: int
    value: float
    as_seen: float
    error: float | None = None


def ratios(summary: Summary, systems: Iterable[System]) -> list[Ratio]:
    """CPU time of each system in units of its references', and p50 of a lone request in units of the unary floor's."""
    found = []
    for system in systems:
        for reference in system.references:
            for concurrency in summary.concurrencies:
                cpu = summary.cpu_ratio(system.name, reference, concurrency)
                as_seen = summary.cpu_ratio_as_seen(system.name, reference, concurrency)
                if cpu is not None and as_seen is not None and system.name != reference:
                    error = _finite(cpu.error)
                    found.append(Ratio("CPU", system.name, reference, concurrency, cpu.value, as_seen, error))
    lone = summary.p50_ratio(HTTP_FORM, UNARY_FLOOR, 1)
    lone_as_seen = summary.p50_ratio_as_seen(HTTP_FORM, UNARY_FLOOR, 1)
    if lone is not None and lone_as_seen is not None:
        found.append(Ratio("p50", HTTP_FORM, UNARY_FLOOR, 1, lone.value, lone_as_seen, _finite(lone.error)))
    return found


def _finite(error: float) -> float | None:
    return error if math.isfinite(error) else None

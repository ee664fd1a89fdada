"""Which ratios a run is judged by: those that tables show and that two runs must agree on."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.figures import Estimate
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
        error: The standard error of it, as a part of it; None when the run does not tell.
    """

    figure: str
    system: str
    reference: str
    concurrency: int
    value: float
    error: float | None = None


def ratios(summary: Summary, systems: Iterable[System]) -> list[Ratio]:
    """CPU time of each system in units of its references', and p50 of a lone request in units of the unary floor's."""
    found = []
    for system in systems:
        for reference in system.references:
            for concurrency in summary.concurrencies:
                cpu = summary.cpu_ratio(system.name, reference, concurrency)
                if cpu is not None and system.name != reference:
                    found.append(_ratio("CPU", system.name, reference, concurrency, cpu))
    lone = summary.p50_ratio(HTTP_FORM, UNARY_FLOOR, 1)
    if lone is not None:
        found.append(_ratio("p50", HTTP_FORM, UNARY_FLOOR, 1, lone))
    return found


def _ratio(figure: str, system: str, reference: str, concurrency: int, found: Estimate) -> Ratio:
    error = found.error if math.isfinite(found.error) else None
    return Ratio(figure, system, reference, concurrency, found.value, error)

"""Figures of a run, from its results to what a document shows."""

from collections.abc import Mapping
from typing import Any

from bench.showing.table import ratio_text
from bench.systems.catalogue import SYSTEMS
from bench.systems.system import Kind

Results = Mapping[str, Any]
"""What `bench.results.document` keeps of a run."""


def cell(results: Results, system: str, concurrency: int) -> Mapping[str, Any] | None:
    """A system's figures at a concurrency; None when it was not measured so."""
    found: Mapping[str, Any] | None = results["summary"].get(system, {}).get(str(concurrency))
    return found


def ratio_and_error(results: Results, system: str, concurrency: int, reference: str) -> tuple[str, str]:
    """CPU time of *system* in units of *reference*'s, and the standard error of that; dashes where there is none."""
    if system == reference:
        return ratio_text(1), "-"
    for one in results["ratios"]:
        error = "-" if one["error"] is None else f"{one['error']:.1%}"
        if (one["system"], one["concurrency"], one["reference"]) == (system, concurrency, reference):
            return ratio_text(one["value"]), error
        if (one["system"], one["concurrency"], one["reference"]) == (reference, concurrency, system):
            return ratio_text(1 / one["value"]), error
    return "-", "-"


def ratio(results: Results, system: str, concurrency: int, reference: str) -> str:
    """The same without the error."""
    return ratio_and_error(results, system, concurrency, reference)[0]


def figure(results: Results, system: str, concurrency: int, field: str, form: str = ",.0f") -> str:
    """The *field* of `bench.judging.summary.Cell`, in *form*; a dash where there is none."""
    found = cell(results, system, concurrency)
    return "-" if found is None or found[field] is None else format(found[field], form)


def measured(results: Results, *kinds: Kind) -> list[tuple[str, str]]:
    """Name and title of each system that was, of these *kinds*."""
    return [
        (system.name, system.title) for system in SYSTEMS if system.kind in kinds and system.name in results["summary"]
    ]

"""The findings as tables, for the terminal and for the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.growth.findings import BYTES_PER_TOKEN, DEARER_WITH_TWO, GrowthFindings
from bench.growth.flatness import FLAT_WITHIN
from bench.judging.targets import Standing
from bench.showing.table import ratio_text

_MANY = 1_000
"""Beside fewer clients it is the store's first tables that are measured, not a client's record."""


@dataclass(frozen=True, slots=True)
class GrowthTable:
    """Some of the findings.

    Attributes:
        title: What they are of, and what is promised.
        headings: The columns.
        rows: Their cells.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def _stands(standing: Standing | None) -> str:
    return standing or ""


def tables(findings: GrowthFindings) -> list[GrowthTable]:
    """All of them."""
    return [_cost(findings), _store_memory(findings), _process_memory(findings), _layouts(findings)]


def _cost(findings: GrowthFindings) -> GrowthTable:
    rows = [
        (
            f"{one.size:,} {one.what}",
            one.request,
            str(one.concurrency),
            f"{one.cpu_us_measured:.1f}",
            f"{one.cpu_us:.1f}",
            ratio_text(one.ratio),
            "-" if one.error is None else f"{one.error:.1%}",
            one.words,
        )
        for one in findings.scales.growth
    ]
    title = f"CPU per request beside ever more (target: within {FLAT_WITHIN:.0%} of the fewest)"
    return GrowthTable(title, ("", "request", "at once", "as seen", "CPU us", "x fewest", "±", ""), rows)


def _store_memory(findings: GrowthFindings) -> GrowthTable:
    judged = findings.token_memory()
    rows = [
        (
            f"{memory.tokens:,} tokens, {memory.clients:,} clients",
            f"{memory.bytes_per_token:.0f}",
            _stands(judged.standing) if memory.tokens == judged.tokens else "",
            f"{memory.bytes_per_client:.0f}" if memory.clients >= _MANY else "-",
        )
        for memory in findings.scales.memory
    ]
    title = f"Store memory (target: at most {BYTES_PER_TOKEN} bytes a live token in the largest store)"
    return GrowthTable(title, ("", "bytes/token", "", "bytes/client"), rows)


def _process_memory(findings: GrowthFindings) -> GrowthTable:
    rows = [
        (
            one.process,
            f"{one.first:.1f}",
            f"{one.last:.1f}",
            f"{one.growth:+.1f}",
            _stands(one.standing) or "holds the tokens",
        )
        for one in findings.process_memory()
    ]
    title = f"Resident memory over {findings.readings[-1].requests:,} requests (target: flat)"
    return GrowthTable(title, ("", "MiB at first", "at the end", "after the first tenth", ""), rows)


def _layouts(findings: GrowthFindings) -> GrowthTable:
    rows = []
    for one in findings.layout_costs():
        layout, ratio = one.layout, one.ratio
        cores, gateways = (
            " ".join(f"{share:.0%}" for share in shares) for shares in (layout.core_shares, layout.gateway_shares)
        )
        told = (ratio_text(ratio.value), f"{ratio.error:.1%}") if ratio else (ratio_text(1), "-")
        rows.append(
            (
                f"{layout.count} of each",
                f"{layout.cpu_us_measured:.1f}",
                f"{layout.cpu.value:.1f}",
                *told,
                cores,
                gateways,
                one.words,
            )
        )
    title = f"Cores and gateways on one store, all on one core of the machine (target: at most {DEARER_WITH_TWO} x)"
    return GrowthTable(title, ("", "as seen", "CPU us", "x one", "±", "work of each core", "of each gateway", ""), rows)

"""What README.md shows of a run: the cost of a token over HTTP, who is ahead where, and which targets are open."""

from collections.abc import Mapping
from typing import Any

from bench.judging.ahead import FIGURES, Account, not_measured, without_leads
from bench.judging.targets import MET_CORRECTED, Standing
from bench.showing.markdown import table
from bench.showing.shown import Results, cell, figure, measured, ratio
from bench.showing.table import ratio_text
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR, Kind


def short_table(results: Results) -> list[str]:
    """What a token over HTTP costs here, with nothing behind the HTTP server, and elsewhere."""
    concurrencies = results["plan"]["concurrencies"]
    last = max(concurrencies)
    floor = [(name, title) for name, title in measured(results, Kind.FLOOR) if name == HTTP_FLOOR]
    systems = [(HTTP_FORM, "**Grantway**"), *floor, *measured(results, Kind.PEER)]
    rows = [
        [
            title,
            *(figure(results, name, concurrency, "cpu_us") for concurrency in concurrencies),
            *(ratio(results, name, concurrency, HTTP_FORM) for concurrency in (1, last)),
            _as_seen(results, name, last),
            figure(results, name, 1, "p50_ms_undisturbed", ".2f"),
        ]
        for name, title in systems
    ]
    headings = ["CPU us per token", *(f"{concurrency} at once" for concurrency in concurrencies)]
    return [
        *table([*headings, "x Grantway at 1", f"x at {last}", f"x at {last} as seen", "median ms, alone"], rows),
        "",
        f"Commit {results['commit']}, {results['date'][:10]}, {results['machine']['cpu']}.",
        "CPU, and the median of a lone request, are corrected for what else the machine did; all else is as seen.",
        results["precision"],
        "",
        *(f"- {line}" for line in [*_ahead(results), *not_measured(results["summary"]), *_targets(results)]),
    ]


def _as_seen(results: Results, system: str, concurrency: int) -> str:
    """CPU time in units of Grantway's, nothing corrected."""
    theirs, ours = cell(results, system, concurrency), cell(results, HTTP_FORM, concurrency)
    return ratio_text(theirs["cpu_us_measured"] / ours["cpu_us_measured"]) if theirs and ours else "-"


def _ahead(results: Results) -> list[str]:
    """The peers that are ahead in each of these figures, and at which concurrencies."""
    if not measured(results, Kind.PEER):
        return [without_leads(results["summary"])]
    return [f"{one.lead}: {_who_is_ahead(results, name)}." for name, one in FIGURES.items()]


def _who_is_ahead(results: Results, compared: str) -> str:
    found: dict[str, list[str]] = {}
    for lead in results["peers_ahead"]:
        if lead["figure"] == compared:
            by = "_as_seen" if lead["account"] == Account.AS_SEEN else ""
            times = f"{ratio_text(lead[f'theirs{by}'] / lead[f'ours{by}'])} x"
            where = f"{times} at {lead['concurrency']} {lead['account']}".strip()
            found.setdefault(lead["title"], []).append(where)
    return "; ".join(f"{title} ({', '.join(where)})" for title, where in found.items()) or "none"


def _targets(results: Results) -> list[str]:
    """How many targets are met, and those that are missed, not judged, not measured, or met in one account only."""
    found: dict[str, list[str]] = {}
    targets = results["targets"]
    met = sum(target["words"] in (Standing.MET, MET_CORRECTED) for target in targets)
    for target in targets:
        if target["words"] != Standing.MET:
            limit = f"{target['limit']:g} {target['unit']} at {target['concurrency']}"
            found.setdefault(target["words"], []).append(f"{target['promise']}: {limit}{_target_figures(target)}")
    open_ones = [f"Targets {words}: {'; '.join(which)}." for words, which in found.items()]
    return [f"Targets met: {met} of {len(targets)}.", *open_ones]


def _target_figures(target: Mapping[str, Any]) -> str:
    if target["measured"] is None:
        return ""
    return f" ({ratio_text(target['measured'])}, as seen {ratio_text(target['as_seen'])})"

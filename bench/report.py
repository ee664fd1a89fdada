"""The findings as the documentation shows them: `python -m bench report` writes them from the latest results.

`docs/performance.md` and `docs/performance.svg` whole, and the short table between two markers of README.md. A full
`make bench` does the same at its end.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bench.plot import performance
from bench.processes import ROOT
from bench.results import RESULTS
from bench.systems.catalogue import SYSTEMS
from bench.systems.floors import HTTP_FLOOR
from bench.systems.ours import HTTP_FORM
from bench.systems.system import Kind
from bench.table import ratio_text

_PAIRED = "Ratios are medians of the ratios within each round, so they need not be those of the medians beside them."

MARKERS = ("<!-- performance: written by make bench -->", "<!-- end of performance -->")

_PAGE = ROOT / "docs" / "performance.md"
_PLOT = ROOT / "docs" / "performance.svg"
_README = ROOT / "README.md"

Results = Mapping[str, Any]
"""`bench/results/latest.json`."""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(*headings), _row("---", *["---:"] * (len(headings) - 1)), *(_row(*row) for row in rows)]


def _cell(results: Results, system: str, concurrency: int) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = results["summary"].get(system, {}).get(str(concurrency))
    return found


def _ratio(results: Results, system: str, concurrency: int, reference: str) -> str:
    ratio = results["cpu_ratios"].get(system, {}).get(str(concurrency), {}).get(reference)
    return "-" if ratio is None else ratio_text(ratio)


def _figure(results: Results, system: str, concurrency: int, figure: str, form: str = ",.0f") -> str:
    cell = _cell(results, system, concurrency)
    return "-" if cell is None else format(cell[figure], form)


def _measured(results: Results, *kinds: Kind) -> list[tuple[str, str]]:
    return [
        (system.name, system.title) for system in SYSTEMS if system.kind in kinds and system.name in results["summary"]
    ]


def note(results: Results) -> str:
    """What was measured, in one line."""
    plan = results["plan"]
    rounds = {cell["rounds"] for cells in results["summary"].values() for cell in cells.values()}
    return (
        f"make bench, {results['date'][:10]}: medians of {min(rounds)} to {max(rounds)} interleaved rounds "
        f"of {plan['seconds']} s."
    )


def short_table(results: Results) -> list[str]:
    """What a token over HTTP costs here and elsewhere."""
    concurrencies = results["plan"]["concurrencies"]
    last = max(concurrencies)
    systems = [(HTTP_FORM, "**Grantway**"), *_measured(results, Kind.PEER)]
    rows = [
        [
            title,
            *(_figure(results, name, concurrency, "cpu_us") for concurrency in concurrencies),
            _ratio(results, name, last, HTTP_FORM),
            _figure(results, name, 1, "p50_ms", ".2f"),
        ]
        for name, title in systems
    ]
    headings = ["CPU us per token", *(f"{concurrency} at once" for concurrency in concurrencies)]
    table = _table([*headings, f"x Grantway at {last}", "median ms, alone"], rows)
    return [
        *table,
        "",
        _PAIRED,
        f"Less CPU than Grantway: {_ahead(results, 'cpu_us')}.",
        f"Less time at the median: {_ahead(results, 'p50_ms')}.",
        f"Less memory: {_ahead(results, 'resident_mib')}.",
    ]


def _ahead(results: Results, figure: str) -> str:
    """The peers whose *figure* is lower than Grantway's, and at which concurrencies."""
    found = []
    for name, title in _measured(results, Kind.PEER):
        where = [
            str(concurrency)
            for concurrency in results["plan"]["concurrencies"]
            if (theirs := _cell(results, name, concurrency))
            and (ours := _cell(results, HTTP_FORM, concurrency))
            and theirs[figure] < ours[figure]
        ]
        if where:
            found.append(f"{title.replace(', ', ' with ')} (at {', '.join(where)})")
    return "; ".join(found) or "none"


def _full_table(results: Results, concurrency: int) -> list[str]:
    rows = [
        [
            title,
            _figure(results, name, concurrency, "rounds"),
            _figure(results, name, concurrency, "tokens_per_second"),
            _figure(results, name, concurrency, "cpu_us", ",.1f"),
            _figure(results, name, concurrency, "cpu_spread", ".0%"),
            _ratio(results, name, concurrency, HTTP_FLOOR),
            _ratio(results, name, concurrency, HTTP_FORM),
            _figure(results, name, concurrency, "p50_ms", ".2f"),
            _figure(results, name, concurrency, "p99_ms", ".2f"),
            _figure(results, name, concurrency, "resident_mib"),
            _figure(results, name, concurrency, "failures"),
            _figure(results, name, concurrency, "missing"),
        ]
        for name, title in _measured(results, *Kind)
        if _cell(results, name, concurrency)
    ]
    first = ["", "rounds", "tokens/s", "CPU us", "range", "x HTTP", "x Grantway"]
    return _table([*first, "p50 ms", "p99 ms", "MiB", "failed", "lost"], rows)


def _targets(results: Results) -> list[str]:
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [
        [
            target["promise"],
            str(target["concurrency"]),
            f"{target['limit']:g} {target['unit']}",
            "-" if target["measured"] is None else f"{ratio_text(target['measured'])} {target['unit']}",
            words[target["met"]],
        ]
        for target in results["targets"]
    ]
    return _table(["", "at once", "limit", "measured", ""], rows)


def _not_measured(results: Results) -> list[str]:
    missing = [one.title for one in SYSTEMS if one.kind is Kind.PEER and one.name not in results["summary"]]
    return ["", f"Not measured: {', '.join(missing)}."] if missing else []


def page(results: Results) -> str:
    """`docs/performance.md`."""
    lines = [
        "# What a token costs",
        "",
        f"Written by `make bench`; [bench/README.md](../bench/README.md) says how it measures. {note(results)}",
        f"Machine: {results['machine']['cpu']}, kernel {results['machine']['kernel']}; one core for the system.",
        f"Commit {results['commit']}. {_PAIRED}",
        "Range: from the lowest to the highest CPU time, as a part of the median. Lost: answered and not in the store.",
        "Some rows again: `.venv/bin/python -m bench --systems grantway-form,authlib-flask --concurrencies 1`.",
        "",
        "![What an access token costs](performance.svg)",
        "",
        *short_table(results),
        "",
        "## Where peers are ahead",
        "",
        *([f"- {line}" for line in results["peers_ahead"]] or ["Nowhere, of those that were measured."]),
        *_not_measured(results),
        "",
        "## Targets",
        "",
        *_targets(results),
    ]
    for concurrency in results["plan"]["concurrencies"]:
        lines += ["", f"## {concurrency} at once", "", *_full_table(results, concurrency)]
    lines += ["", "## Settings and versions", ""]
    lines += [f"- {results['titles'][name]}: {text}" for name, text in results["settings"].items()]
    everything = {"here": results["versions"], **results["peers"]}
    lines += [f"- {where}: {', '.join(map(' '.join, versions.items()))}" for where, versions in everything.items()]
    return "\n".join([*lines, ""])


def with_short_table(readme: str, results: Results) -> str:
    """README.md with the short table of *results* between its markers."""
    before, begin, rest = readme.partition(MARKERS[0])
    _, end, after = rest.partition(MARKERS[1])
    if not (begin and end):
        msg = f"README.md lacks the lines {' and '.join(MARKERS)}."
        raise SystemExit(msg)
    return "\n".join([f"{before}{MARKERS[0]}", "", *short_table(results), "", f"{MARKERS[1]}{after}"])


def write(results: Results) -> None:
    """Writes all of it."""
    costs = {
        system: {int(concurrency): cell["cpu_us"] for concurrency, cell in cells.items()}
        for system, cells in results["summary"].items()
    }
    last = max(results["plan"]["concurrencies"])
    _PLOT.write_text(performance(costs, f"{note(results)} The numbers are the costs at {last}."))
    _PAGE.write_text(page(results))
    _README.write_text(with_short_table(_README.read_text(), results))


def main(arguments: Sequence[str]) -> int:
    """Writes the documentation from `bench/results/latest.json`."""
    parser = argparse.ArgumentParser(prog="python -m bench report", description=main.__doc__)
    parser.parse_args(arguments)
    results = json.loads((RESULTS / "latest.json").read_text())
    if not results.get("whole"):
        msg = "The latest results are not of a whole run without a failure: run make bench."
        raise SystemExit(msg)
    write(results)
    return 0

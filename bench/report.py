"""The findings as the documentation shows them: `python -m bench report` writes them from the latest results.

`docs/performance.md` and `docs/performance.svg` whole, but for the part that `python -m bench growth` writes, and the
short table between two markers of README.md. A full `make bench` does the same at its end.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bench.ahead import FIGURES
from bench.growth import section as growth
from bench.markdown import table
from bench.plot import performance
from bench.processes import ROOT
from bench.results import RESULTS
from bench.systems.catalogue import SYSTEMS
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR, Kind
from bench.table import ratio_text
from bench.targets import Standing
from bench.written_part import WrittenPart

SHORT_TABLE = WrittenPart("<!-- performance: written by make bench -->", "<!-- end of performance -->")
"""Of README.md."""

_PAGE = ROOT / "docs" / "performance.md"
_PLOT = ROOT / "docs" / "performance.svg"
_README = ROOT / "README.md"

Results = Mapping[str, Any]
"""`bench/results/latest.json`."""


def _cell(results: Results, system: str, concurrency: int) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = results["summary"].get(system, {}).get(str(concurrency))
    return found


def _ratio(results: Results, system: str, concurrency: int, reference: str) -> str:
    if system == reference:
        return ratio_text(1)
    for ratio in results["ratios"]:
        if (ratio["system"], ratio["concurrency"], ratio["reference"]) == (system, concurrency, reference):
            return ratio_text(ratio["value"])
    return "-"


def _figure(results: Results, system: str, concurrency: int, figure: str, form: str = ",.0f") -> str:
    cell = _cell(results, system, concurrency)
    return "-" if cell is None or cell[figure] is None else format(cell[figure], form)


def _measured(results: Results, *kinds: Kind) -> list[tuple[str, str]]:
    return [
        (system.name, system.title) for system in SYSTEMS if system.kind in kinds and system.name in results["summary"]
    ]


def note(results: Results) -> str:
    """What was measured, in one line."""
    rounds = {cell["rounds"] for cells in results["summary"].values() for cell in cells.values()}
    return (
        f"make bench, {results['date'][:10]}: {min(rounds)} to {max(rounds)} interleaved measurements of each, "
        f"{results['plan']['seconds']} s long."
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
    ahead = ((words, _ahead(results, figure)) for figure, words in _AHEAD.items())
    return [
        *table([*headings, f"x Grantway at {last}", "median ms, alone"], rows),
        "",
        *(f"{words}: {peers}." for words, peers in ahead),
    ]


_AHEAD = {
    "cpu_us": "Less CPU than Grantway",
    "p50_ms": "Less time at the median",
    "resident_mib": "Less memory",
}
assert _AHEAD.keys() <= FIGURES.keys()


def _ahead(results: Results, figure: str) -> str:
    """The peers whose *figure* is lower than Grantway's, and at which concurrencies."""
    found: dict[str, list[str]] = {}
    for lead in results["peers_ahead"]:
        if lead["figure"] == figure:
            found.setdefault(lead["title"].replace(", ", " with "), []).append(str(lead["concurrency"]))
    return "; ".join(f"{title} (at {', '.join(where)})" for title, where in found.items()) or "none"


def _full_table(results: Results, concurrency: int) -> list[str]:
    rows = [
        [
            title,
            _figure(results, name, concurrency, "rounds"),
            _figure(results, name, concurrency, "tokens_per_second"),
            _figure(results, name, concurrency, "cpu_us_measured", ",.1f"),
            _figure(results, name, concurrency, "cpu_us", ",.1f"),
            _figure(results, name, concurrency, "cpu_error", ".1%"),
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
    first = ["", "times", "tokens/s", "as seen", "CPU us", "±", "x HTTP", "x Grantway"]
    return table([*first, "p50 ms", "p99 ms", "MiB", "failed", "lost"], rows)


def _targets(results: Results) -> list[str]:
    rows = [
        [
            target["promise"],
            str(target["concurrency"]),
            f"{target['limit']:g} {target['unit']}",
            "-" if target["measured"] is None else f"{ratio_text(target['measured'])} {target['unit']}",
            f"**{target['standing']}**" if target["standing"] == Standing.MISSED else target["standing"],
        ]
        for target in results["targets"]
    ]
    return table(["", "at once", "limit", "measured", ""], rows)


def _not_measured(results: Results) -> list[str]:
    missing = [one.title for one in SYSTEMS if one.kind is Kind.PEER and one.name not in results["summary"]]
    return ["", f"Not measured: {', '.join(missing)}."] if missing else []


def _correction(results: Results) -> list[str]:
    """How the figures were corrected, and by how much."""
    slowness = [cell["slowness"] for cells in results["summary"].values() for cell in cells.values()]
    yardstick = results["yardstick"]
    fitted = yardstick["fitted_exponent"]
    told = "" if fitted is None else f"; the CPU times of this run followed it with an exponent of {fitted:.2f}"
    low, high = min(slowness), max(slowness)
    return [
        "CPU us is corrected: the same fixed work is timed on a system's core again and again while it is measured.",
        "Where it took twice as long as in the quietest tenth of all measurements, half of the CPU time counts (an",
        f"exponent of {yardstick['exponent']:g}{told}). By that work the core was",
        f"{low:.2f} to {high:.2f} times slower than at its best, in the middle of the measurements of each cell.",
        "*As seen* is the median of what the kernel counted, nothing corrected; latencies and tokens/s are not",
        "corrected either. ± is the standard error of CPU us. Lost: answered and not in the store.",
    ]


def page(results: Results) -> str:
    """`docs/performance.md`, but for what `python -m bench growth` writes."""
    lines = [
        "# What a token costs",
        "",
        f"Written by `make bench`; [bench/README.md](../bench/README.md) says how it measures. {note(results)}",
        f"Machine: {results['machine']['cpu']}, kernel {results['machine']['kernel']}; one core for the system.",
        f"Commit {results['commit']}.",
        "Some rows again: `.venv/bin/python -m bench --systems grantway-form,authlib-flask --concurrencies 1`.",
        "",
        *_correction(results),
        "",
        results["noise"],
        "",
        "![What an access token costs](performance.svg)",
        "",
        *short_table(results),
        "",
        "## Where peers are ahead",
        "",
        *([f"- {lead['text']}" for lead in results["peers_ahead"]] or ["Nowhere, of those that were measured."]),
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


def write_page(results: Results) -> None:
    """Writes `docs/performance.md`; what growth costs is of another run, and stays."""
    kept = growth.PART.of(_PAGE.read_text()) if _PAGE.exists() else ""
    _PAGE.write_text(page(results) + (f"\n{kept}\n" if kept else ""))


def write(results: Results) -> None:
    """Writes all of it."""
    costs = {
        system: {int(concurrency): cell["cpu_us"] for concurrency, cell in cells.items()}
        for system, cells in results["summary"].items()
    }
    _PLOT.write_text(performance(costs, note(results)))
    write_page(results)
    _README.write_text(SHORT_TABLE.renewed(_README.read_text(), short_table(results)))


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

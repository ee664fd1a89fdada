"""The findings as the documentation shows them: `python -m bench report` writes them from the newest whole run.

`docs/performance.md` and `docs/performance.svg` whole, but for the part that `python -m bench growth` writes, and the
short table between two markers of README.md. A full `make bench` does the same at its end.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from bench.judging.ahead import without_leads
from bench.judging.targets import FAR_ERRORS, JUDGED_ERROR, Standing
from bench.results import RESULTS, WHOLE, whole_run
from bench.showing.correction_note import correction_note
from bench.showing.markdown import table
from bench.showing.plot import performance
from bench.showing.short_table import short_table
from bench.showing.shown import Results, cell, figure, measured, ratio_and_error
from bench.showing.table import LEGEND, ratio_text
from bench.showing.written_part import GROWTH, WrittenPart
from bench.stages.processes import ROOT
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR, Kind

SHORT_TABLE = WrittenPart("<!-- performance: written by make bench -->", "<!-- end of performance -->")
"""Of README.md."""

_PAGE = ROOT / "docs" / "performance.md"
_PLOT = ROOT / "docs" / "performance.svg"
_README = ROOT / "README.md"
_PUBLISHED = ROOT / "docs" / "performance.json"
_KEPT = ("date", "commit", "whole", "machine", "plan", "noise", "precision", "titles", "summary", "ratios")
"""What is published of the results: enough to compare another run with it."""


def note(results: Results) -> str:
    """What was measured, in one line."""
    rounds = {one["rounds"] for cells in results["summary"].values() for one in cells.values()}
    return (
        f"make bench, {results['date'][:10]}: {min(rounds)} to {max(rounds)} measurements of each in turns, "
        f"{results['plan']['seconds']} s long, on processes that were started for them."
    )


def _full_table(results: Results, concurrency: int) -> list[str]:
    rows = [
        [
            title,
            figure(results, name, concurrency, "rounds"),
            figure(results, name, concurrency, "tokens_per_second"),
            figure(results, name, concurrency, "cpu_us_measured", ",.1f"),
            figure(results, name, concurrency, "cpu_us", ",.1f"),
            figure(results, name, concurrency, "cpu_error", ".1%"),
            *ratio_and_error(results, name, concurrency, HTTP_FLOOR),
            *ratio_and_error(results, name, concurrency, HTTP_FORM),
            figure(results, name, concurrency, "p50_ms", ".2f"),
            figure(results, name, concurrency, "p99_ms", ".2f"),
            figure(results, name, concurrency, "resident_mib"),
            figure(results, name, concurrency, "failures"),
            figure(results, name, concurrency, "missing"),
        ]
        for name, title in measured(results, *Kind)
        if cell(results, name, concurrency)
    ]
    first = ["", "times", "tokens/s", "as seen", "CPU us", "±", "x HTTP", "±", "x Grantway", "±"]
    return table([*first, "p50 ms", "p99 ms", "MiB", "failed", "lost"], rows)


def _targets(results: Results) -> list[str]:
    rows = []
    for target in results["targets"]:
        corrected, as_seen = (
            "-" if one is None else f"{ratio_text(one)} {target['unit']}"
            for one in (target["measured"], target["as_seen"])
        )
        rows.append(
            [
                target["promise"],
                str(target["concurrency"]),
                f"{target['limit']:g} {target['unit']}",
                corrected,
                "-" if target["error"] is None else f"{target['error']:.1%}",
                as_seen,
                target["words"] if target["standing"] == Standing.MET else f"**{target['words']}**",
            ]
        )
    return [
        "Those of growth are [further down](#what-growth-costs).",
        "Each is judged by the corrected figure. Where that meets it and the one as seen does not, it says so.",
        f"Not judged: its standard error is above {JUDGED_ERROR:.0%}, and the limit at most {FAR_ERRORS} of them away.",
        "",
        *table(["", "at once", "limit", "corrected", "±", "as seen", ""], rows),
    ]


def page(results: Results) -> str:
    """`docs/performance.md`, but for what `python -m bench growth` writes."""
    lines = [
        "# What a token costs",
        "",
        f"Written by `make bench`; [bench/README.md](../bench/README.md) says how it measures. {note(results)}",
        "How a run of your own agrees with it, which takes its place here:",
        "`git show HEAD:docs/performance.json > theirs.json`, then",
        "`.venv/bin/python -m bench compare theirs.json bench/results/whole.json`.",
        f"Machine: {results['machine']['cpu']}, kernel {results['machine']['kernel']}; one core for the system.",
        f"Commit {results['commit']}. One client asks; peers were not measured with several.",
        "Some rows again: `.venv/bin/python -m bench --systems grantway-form,authlib-flask --concurrencies 1`.",
        "",
        *correction_note(results),
        "",
        results["noise"],
        "",
        results["precision"],
        "",
        "![What an access token costs](performance.svg)",
        "",
        *short_table(results),
        "",
        "## Where peers are ahead",
        "",
        *([f"- {lead['text']}" for lead in results["peers_ahead"]] or [without_leads(results["summary"])]),
        "",
        "## Targets",
        "",
        *_targets(results),
    ]
    lines += ["", "## The columns below", "", *(f"- {line}" for line in LEGEND.replace("\n  ", " ").splitlines())]
    lines.append("- times: how often it was measured.")
    for concurrency in results["plan"]["concurrencies"]:
        lines += ["", f"## {concurrency} at once", "", *_full_table(results, concurrency)]
    lines += ["", "## Settings and versions", ""]
    lines += [f"- {results['titles'][name]}: {text}" for name, text in results["settings"].items()]
    everything = {"here": results["versions"], **results["peers"]}
    lines += [f"- {where}: {', '.join(map(' '.join, versions.items()))}" for where, versions in everything.items()]
    return "\n".join([*lines, ""])


def write_page(results: Results) -> None:
    """Writes `docs/performance.md`; what growth costs is of another run, and stays."""
    kept = GROWTH.of(_PAGE.read_text()) if _PAGE.exists() else ""
    _PAGE.write_text(page(results) + (f"\n{kept}\n" if kept else ""))


def write(results: Results) -> None:
    """Writes all of it."""
    costs = {
        system: {int(concurrency): cell["cpu_us"] for concurrency, cell in cells.items()}
        for system, cells in results["summary"].items()
    }
    _PLOT.write_text(performance(costs, note(results)))
    write_page(results)
    _PUBLISHED.write_text(json.dumps({key: results[key] for key in _KEPT}, indent=1) + "\n")
    _README.write_text(SHORT_TABLE.renewed(_README.read_text(), short_table(results)))


def main(arguments: Sequence[str]) -> int:
    """Writes the documentation from the newest whole run, or from another one that was kept."""
    parser = argparse.ArgumentParser(prog="python -m bench report", description=main.__doc__)
    parser.add_argument("results", type=Path, nargs="?", default=RESULTS / WHOLE, help="a file in bench/results")
    write(whole_run(parser.parse_args(arguments).results))
    return 0

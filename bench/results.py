"""The findings of a run as a machine reads them."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.cores import Cores
from bench.environment import describe
from bench.interleaved import Findings
from bench.plan import Plan
from bench.processes import ROOT
from bench.summary import Summary
from bench.systems.floors import HTTP_FLOOR
from bench.systems.ours import HTTP_FORM
from bench.table import peers_ahead
from bench.targets import verdicts

RESULTS = ROOT / "bench" / "results"


def _ratios(summary: Summary) -> dict[str, dict[str, dict[str, float | None]]]:
    """By system, concurrency and reference."""
    return {
        system: {
            str(concurrency): {
                reference: None if math.isnan(ratio) else ratio
                for reference in (HTTP_FLOOR, HTTP_FORM)
                for ratio in [summary.cpu_ratio(system, reference, concurrency)]
            }
            for concurrency in summary.concurrencies
            if summary.cell(system, concurrency)
        }
        for system in summary.systems
    }


def _cells(summary: Summary) -> dict[str, dict[str, object]]:
    return {
        system: {
            str(concurrency): cell.as_json()
            for concurrency in summary.concurrencies
            if (cell := summary.cell(system, concurrency))
        }
        for system in summary.systems
    }


def document(findings: Findings, plan: Plan, cores: Cores, *, whole: bool) -> dict[str, object]:
    """All that is to be kept of a run; *whole* when nothing was left out of it and nothing failed."""
    summary = Summary(findings.measurements)
    return {
        **describe(cores),
        "whole": whole,
        "plan": {
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "warm_up_seconds": plan.warm_up_seconds,
            "concurrencies": list(plan.concurrencies),
        },
        "settings": {system.name: system.settings for system in plan.systems},
        "titles": {system.name: system.title for system in plan.systems},
        "summary": _cells(summary),
        "cpu_ratios": _ratios(summary),
        "peers_ahead": peers_ahead(summary, plan.systems),
        "targets": [{**asdict(verdict), "met": verdict.met} for verdict in verdicts(summary)],
        "problems": findings.problems,
        "measurements": [asdict(measurement) for measurement in findings.measurements],
    }


def write(content: dict[str, object], names: Sequence[str]) -> Path:
    """Writes a result under each of *names* in `bench/results/`; the first file."""
    RESULTS.mkdir(exist_ok=True)
    paths = [RESULTS / name for name in names]
    for path in paths:
        path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    return paths[0]

"""The findings of a run as a machine reads them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.ahead import leads
from bench.cores import Cores
from bench.correction import EXPONENT, fitted_exponent
from bench.environment import describe
from bench.interleaved import Findings
from bench.noise import is_quiet, noise
from bench.plan import Plan
from bench.processes import ROOT
from bench.ratios import ratios
from bench.summary import Summary
from bench.targets import verdicts

RESULTS = ROOT / "bench" / "results"


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
    judged = not plan.quick and is_quiet(summary, plan.systems)
    return {
        **describe(cores),
        "whole": whole,
        "plan": {
            "least_rounds": plan.least_rounds,
            "most_rounds": plan.most_rounds,
            "minutes": plan.minutes,
            "seconds": plan.seconds,
            "warm_up_seconds": plan.warm_up_seconds,
            "concurrencies": list(plan.concurrencies),
        },
        "settings": {system.name: system.settings for system in plan.systems},
        "titles": {system.name: system.title for system in plan.systems},
        "noise": noise(summary, plan.systems),
        "yardstick": {
            "quiet_ns": summary.quiet_ns,
            "exponent": EXPONENT,
            "fitted_exponent": fitted_exponent(findings.measurements),
        },
        "summary": _cells(summary),
        "ratios": [asdict(ratio) for ratio in ratios(summary, plan.systems)],
        "peers_ahead": [asdict(lead) | {"text": str(lead)} for lead in leads(summary, plan.systems)],
        "targets": [asdict(verdict) for verdict in verdicts(summary, judged=judged)],
        "problems": findings.problems,
        "measurements": [asdict(measurement) for measurement in findings.measurements],
    }


def write(content: dict[str, object], folder: Path, names: Sequence[str]) -> Path:
    """Writes a result under each of *names* into *folder*; the first file."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    return paths[0]

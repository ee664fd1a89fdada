"""The findings of a run as a machine reads them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.judging.ahead import leads
from bench.judging.correction import EXPONENT, fitted_exponent, fitted_exponents
from bench.judging.noise import is_quiet, noise
from bench.judging.precision import known
from bench.judging.ratios import ratios
from bench.judging.summary import Summary
from bench.judging.targets import verdicts
from bench.measuring.environment import describe
from bench.measuring.measurement import Measurement
from bench.measuring.revision import Revision
from bench.running.findings import Findings
from bench.running.plan import Plan
from bench.stages.cores import Cores
from bench.stages.processes import ROOT
from bench.systems.catalogue import SYSTEMS
from bench.systems.system import System

RESULTS = ROOT / "bench" / "results"

WHOLE = "whole.json"
"""The newest run by which the documentation is written."""


def _cells(summary: Summary) -> dict[str, dict[str, object]]:
    return {
        system: {
            str(concurrency): cell.as_json()
            for concurrency in summary.concurrencies
            if (cell := summary.cell(system, concurrency))
        }
        for system in summary.systems
    }


def _told(findings: Findings, systems: Sequence[System], *, quick: bool) -> dict[str, object]:
    """What follows from the measurements."""
    summary = Summary(findings.measurements)
    judged = not quick and is_quiet(summary, systems)
    found = ratios(summary, systems)
    fitted = fitted_exponent(findings.measurements)
    return {
        "noise": noise(summary, systems),
        "precision": known(found),
        "yardstick": {
            "quiet_ns": summary.quiet_ns,
            "exponent": EXPONENT,
            "fitted": asdict(fitted) if fitted else None,
            "fitted_by_system": {
                system: asdict(slope) for system, slope in fitted_exponents(findings.measurements).items()
            },
        },
        "summary": _cells(summary),
        "ratios": [asdict(ratio) for ratio in found],
        "peers_ahead": [asdict(lead) | {"text": str(lead)} for lead in leads(summary, systems)],
        "targets": [asdict(verdict) | {"words": verdict.words} for verdict in verdicts(summary, judged=judged)],
        "problems": findings.problems,
        "measurements": [asdict(measurement) for measurement in findings.measurements],
    }


def document(findings: Findings, plan: Plan, cores: Cores, revision: Revision, *, whole: bool) -> dict[str, object]:
    """All that is to be kept of a run.

    Args:
        findings: What it found.
        plan: What was asked for.
        cores: Where it was done.
        revision: What was measured, as it was when it began.
        whole: Whether all of it was asked for. It is kept as a whole run when nothing failed, and no system is missing:
            not one that could not be installed either. Nor is it one when what was measured is not all of one commit.
    """
    everyone = {system.name for system in SYSTEMS} <= {one.system for one in findings.measurements}
    return {
        **describe(cores, revision),
        "whole": whole and findings.sound and everyone and revision.was_measured(),
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
        **_told(findings, plan.systems, quick=plan.quick),
    }


def content(path: Path) -> dict[str, Any]:
    """What the file *path* holds; nothing when that is no results."""
    try:
        found = json.loads(path.read_text())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def whole_run(path: Path) -> dict[str, Any]:
    """The whole run that was kept in *path*; what follows from its measurements is worked out anew.

    Raises:
        SystemExit: There is none.
    """
    if not path.is_file():
        msg = f"There is no {path}: run make bench."
        raise SystemExit(msg)
    found = content(path)
    if not found.get("whole"):
        msg = f"{path} is not of a whole run without a failure: run make bench."
        raise SystemExit(msg)
    findings = Findings([Measurement(**one) for one in found["measurements"]], found["problems"])
    systems = [system for system in SYSTEMS if system.name in found["titles"]]
    told: dict[str, Any] = json.loads(json.dumps(_told(findings, systems, quick=False)))
    return {**found, **told}


def write(content: dict[str, object], folder: Path, names: Sequence[str]) -> Path:
    """Writes a result under each of *names* into *folder*; the first file."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    return paths[0]

"""The command `python -m bench growth`."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console

from bench.growth import section
from bench.growth.endurance import endure
from bench.growth.findings import GrowthFindings
from bench.growth.scale import measure_scales
from bench.growth.scale_out import measure_layouts
from bench.growth.sizes import LOOK, Sizes
from bench.growth.tables import tables
from bench.judging.targets import Standing
from bench.measuring.environment import describe
from bench.measuring.revision import Revision
from bench.options import count
from bench.results import RESULTS, write
from bench.running.run import progress_bar
from bench.showing.table import new_console, new_table
from bench.stages.cores import Cores
from bench.stages.install import install_tools
from bench.stages.workshop import Workshop
from bench.systems import ours

_REQUESTS = 1_000_000
_LAYOUT_ROUNDS = 8
_STYLES: dict[str, str] = {Standing.MET: "[green]met[/]", Standing.MISSED: "[red]missed[/]"}


def main(arguments: Sequence[str]) -> int:
    """Measures growth, prints it, writes `bench/results/growth.json`; 1 when something failed or a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="small populations: a look, no measurement")
    parser.add_argument("--requests", type=count, help="how many requests the memory is watched over")
    options = parser.parse_args(arguments)
    console, cores = new_console(), Cores.choose()
    install_tools(console)
    os.sched_setaffinity(0, {cores.load})
    revision = Revision.now()
    revision.warn(console)
    findings = _measure(
        LOOK if options.quick else Sizes(),
        requests=options.requests or (_REQUESTS // 20 if options.quick else _REQUESTS),
        rounds=2 if options.quick else _LAYOUT_ROUNDS,
        cores=cores,
        console=console,
    )
    whole = not (options.quick or options.requests or findings.problems) and revision.was_measured()
    _tell(findings, describe(cores, revision), console, whole=whole)
    return 0 if findings.sound else 1


def _measure(sizes: Sizes, *, requests: int, rounds: int, cores: Cores, console: Console) -> GrowthFindings:
    with progress_bar(console) as progress:
        with Workshop.opened(cores) as workshop:
            readings = endure(ours.build(workshop), requests, workshop.room("scratch"), progress, cores)
        with Workshop.opened(cores) as workshop:
            layouts = measure_layouts(rounds, workshop, progress)
        with Workshop.opened(cores) as workshop:
            scales = measure_scales(sizes, workshop, progress)
    return GrowthFindings(scales, readings, layouts, quick=sizes.quick)


def _tell(findings: GrowthFindings, environment: Mapping[str, object], console: Console, *, whole: bool) -> None:
    """Prints and writes what was found; the documentation too when the run was *whole*."""
    if findings.quick:
        console.print("A quick look: small populations, and no target is judged.")
    console.print(findings.scales.noise, style="yellow")
    for one in tables(findings):
        table = new_table(one.title, *one.headings)
        for row in one.rows:
            table.add_row(*(_STYLES.get(cell, cell) for cell in row))
        console.print(table)
    for problem in findings.problems:
        console.print(f"[red]{problem}")
    content = {
        **environment,
        "whole": whole,
        "scales": asdict(findings.scales),
        "token_memory": asdict(findings.token_memory()),
        "process_memory": [asdict(one) for one in findings.process_memory()],
        "readings": [asdict(reading) for reading in findings.readings],
        "layouts": [asdict(one) for one in findings.layout_costs()],
    }
    console.print(f"Written to {write(content, RESULTS, ['growth.json'])}")
    if whole:
        section.write(findings, environment)
        console.print("Written to docs/performance.md and README.md")
    else:
        console.print(
            "The documentation stays as it is: only a whole run is shown, without failures, of one commit alone."
        )

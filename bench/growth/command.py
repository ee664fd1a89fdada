"""The command `python -m bench growth`."""

import argparse
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from bench.cores import Cores
from bench.environment import describe
from bench.growth.endurance import Reading, endure, growth_mib
from bench.growth.scale import Scales, Sizes, measure_scales
from bench.growth.scale_out import Layout, measure_layouts
from bench.install import install_tools
from bench.interleaved import progress_bar
from bench.processes import ROOT
from bench.results import write
from bench.stage import Workshop
from bench.systems import ours
from bench.table import new_console, new_table, ratio_text

_FLAT_WITHIN = 0.10
_BYTES_PER_TOKEN = 160
_FLAT_MIB = 2.0
"""Growth of a process that still counts as none: the allocator's, not the program's."""

_QUICK = Sizes(tokens=(1_000, 10_000), clients=(10, 1_000), few_tokens=1_000, rounds=2, seconds=1)


def _verdict(*, kept: bool) -> str:
    return "[green]met[/]" if kept else "[red]missed[/]"


def _cost_table(scales: Scales) -> Table:
    title = f"CPU per request beside a growing store (target: within {_FLAT_WITHIN:.0%})"
    table = new_table(title, "", "grow to", "request", "at once", "CPU us", "x smallest", "")
    for one in scales.growth:
        row = (one.what, f"{one.size:,}", one.request, str(one.concurrency), f"{one.cpu_us:.1f}", ratio_text(one.ratio))
        table.add_row(*row, _verdict(kept=one.ratio <= 1 + _FLAT_WITHIN))
    return table


def _memory_table(scales: Scales) -> Table:
    title = f"Store memory (target: at most {_BYTES_PER_TOKEN} bytes a live token)"
    table = new_table(title, "", "bytes/token", "", "bytes/client")
    for memory in scales.memory:
        # In a small store it is the tables' first size that is measured, not a token's.
        counts = memory.tokens == max(one.tokens for one in scales.memory)
        verdict = _verdict(kept=memory.bytes_per_token <= _BYTES_PER_TOKEN) if counts else ""
        label = f"{memory.tokens:,} tokens, {memory.clients:,} clients"
        table.add_row(label, f"{memory.bytes_per_token:.0f}", verdict, f"{memory.bytes_per_client:.0f}")
    return table


def _endurance_table(readings: Sequence[Reading]) -> Table:
    total = readings[-1].requests
    title = f"Resident memory over {total:,} requests (target: flat)"
    table = new_table(title, "", "MiB at first", "at the end", "growth after the first tenth", "")
    for process in readings[0].resident_mib:
        growth = growth_mib(readings, process)
        verdict = "holds the tokens" if process == "store" else _verdict(kept=growth <= _FLAT_MIB)
        first, last = (reading.resident_mib[process] for reading in (readings[0], readings[-1]))
        table.add_row(process, f"{first:.1f}", f"{last:.1f}", f"{growth:+.1f}", verdict)
    return table


def _layouts_table(layouts: Sequence[Layout]) -> Table:
    table = new_table(
        "Cores and gateways on one store, all on one core of the machine", "", "CPU us", "x one", "shares"
    )
    for layout in layouts:
        shares = (f"{share:.0%}" for share in (*layout.core_shares, *layout.gateway_shares))
        table.add_row(
            f"cores and gateways: {layout.count} each",
            f"{layout.cpu_us:.1f}",
            ratio_text(layout.cpu_us / layouts[0].cpu_us),
            " ".join(shares),
        )
    return table


def main(arguments: Sequence[str]) -> int:
    """Measures growth, prints it, writes `bench/results/growth.json`."""
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small populations: a look, no measurement")
    parser.add_argument("--requests", type=int, help="how many requests the memory is watched over")
    options = parser.parse_args(arguments)
    sizes = _QUICK if options.quick else Sizes()
    requests = options.requests or (50_000 if options.quick else 1_000_000)

    console, cores = new_console(), Cores.choose()
    install_tools(console)
    os.sched_setaffinity(0, {cores.load})
    with tempfile.TemporaryDirectory(prefix="grantway-bench-") as directory, progress_bar(console) as progress:
        workshop = Workshop(cores, Path(directory))
        with ExitStack() as running:
            stage = ours.build(workshop)
            running.callback(stage.stop)
            readings = endure(stage, requests, workshop.room("scratch"), progress, cores)
        with ExitStack() as running:
            layouts = measure_layouts(sizes.seconds, workshop, running, progress, cores)
        with ExitStack() as running:
            scales = measure_scales(sizes, workshop, running, progress, cores)
    for table in (_cost_table(scales), _memory_table(scales), _endurance_table(readings), _layouts_table(layouts)):
        console.print(table)
    content = {
        **describe(cores),
        **asdict(scales),
        "endurance": [asdict(reading) for reading in readings],
        "layouts": [asdict(layout) for layout in layouts],
    }
    console.print(f"Written to {write(content, ['growth.json']).relative_to(ROOT)}")
    return 0

"""More cores and gateways on one store: who does the work, and what it costs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from bench.cores import Cores
from bench.loads.http import HttpLoad
from bench.loads.load import LoadFigures, run
from bench.processes import Process
from bench.stage import Stage, Workshop
from bench.store import Store
from bench.systems import ours

_CONCURRENCY = 128
"""Of all gateways together."""

_LAYOUTS = (1, 2)
"""How many cores, and as many gateways."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found with so many cores and gateways.

    Attributes:
        count: How many of each.
        cpu_us: CPU time per token of all processes and the store.
        core_shares: The part of the cores' CPU time that each of them used.
        gateway_shares: The same of the gateways.
    """

    count: int
    cpu_us: float
    core_shares: Sequence[float]
    gateway_shares: Sequence[float]


def measure_layouts(
    seconds: int, workshop: Workshop, running: ExitStack, progress: Progress, cores: Cores
) -> list[Layout]:
    """Measures one core and one gateway, then two of each; what it starts is stopped by *running*."""
    task = progress.add_task("Scaling out", total=len(_LAYOUTS))
    found = []
    for count in _LAYOUTS:
        found.append(_measure(count, seconds, workshop, running, cores))
        progress.advance(task)
    progress.remove_task(task)
    return found


def _measure(count: int, seconds: int, workshop: Workshop, running: ExitStack, cores: Cores) -> Layout:
    store = Store.start(workshop.room("store"), core=cores.system)
    running.callback(store.process.stop)
    started = [ours.start_core(workshop, store) for _ in range(count)]
    addresses = ",".join(address for _, address in started)
    served = [ours.start_gateway(workshop, addresses) for _ in range(count)]
    for process, _ in (*started, *served):
        running.callback(process.stop)
    client = ours.create_client(started[0][1])
    stages = [Stage([], token_url=url, client=client) for _, url in served]
    scratches = [workshop.room("scratch") for _ in stages]
    share = _CONCURRENCY // count

    _load(stages, share, seconds, scratches, cores)
    everyone = [store.process, *(process for process, _ in started), *(process for process, _ in served)]
    before = _cpu(everyone)
    figures = _load(stages, share, seconds, scratches, cores)
    used = [after - first for after, first in zip(_cpu(everyone), before, strict=True)]
    assert not sum(one.failures for one in figures), figures
    of_cores, of_gateways = used[1 : 1 + count], used[1 + count :]
    return Layout(
        count=count,
        cpu_us=sum(used) / 1e3 / sum(one.requests for one in figures),
        core_shares=[part / sum(of_cores) for part in of_cores],
        gateway_shares=[part / sum(of_gateways) for part in of_gateways],
    )


def _load(
    stages: Sequence[Stage], concurrency: int, seconds: int, scratches: Sequence[Path], cores: Cores
) -> list[LoadFigures]:
    """Loads all gateways at the same time."""
    load = HttpLoad()

    def one(stage: Stage, scratch: Path) -> LoadFigures:
        command = load.command(stage, concurrency=concurrency, seconds=seconds, scratch=scratch)
        return load.figures(run(command, cores.load, seconds), scratch)

    with ThreadPoolExecutor(len(stages)) as threads:
        return list(threads.map(one, stages, scratches))


def _cpu(processes: Sequence[Process]) -> list[int]:
    return [process.usage().cpu_nanoseconds for process in processes]

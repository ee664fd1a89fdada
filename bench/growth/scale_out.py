"""More cores and gateways on one store: who does the work, and what it costs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from rich.progress import Progress

from bench.figures import Estimate
from bench.judging.correction import corrected
from bench.loads.http import HttpLoad
from bench.loads.load import LoadFigures, run
from bench.measuring.yardstick import Yardstick
from bench.stages.stage import Stage
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems import ours

_CONCURRENCY = 128
"""Of all gateways together."""

_LAYOUTS = (1, 2)
"""How many cores, and as many gateways."""

_WARM_UP_SECONDS = 2
_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found with so many cores and gateways.

    Attributes:
        count: How many of each.
        cpu: CPU time per token of all processes and the store, on a core that nobody disturbs.
        cpu_us_measured: As it was measured.
        slowness: How many times slower than at its best the core was, by the yardstick; the median.
        core_shares: The part of the cores' CPU time that each of them used.
        gateway_shares: The same of the gateways.
        failures: Requests that got no success; must be 0.
    """

    count: int
    cpu: Estimate
    cpu_us_measured: float
    slowness: float
    core_shares: Sequence[float]
    gateway_shares: Sequence[float]
    failures: int


@dataclass(frozen=True, slots=True)
class Look:
    """One measurement of a layout.

    Attributes:
        cpu_us: CPU time per token, as it was measured.
        yardstick_ns: What the yardstick said meanwhile.
        used: CPU time of each process, cores first, then gateways.
        failures: Requests that got no success.
    """

    cpu_us: float
    yardstick_ns: float
    used: Sequence[int]
    failures: int


class Arrangement:
    """So many cores and gateways on one store, up and warm.

    Args:
        count: How many of each.
        workshop: What starts and ends them.
    """

    def __init__(self, count: int, workshop: Workshop) -> None:
        self.count = count
        self._cores = workshop.cores
        store = Store.start(workshop, workshop.room("store"))
        started = [ours.start_core(workshop, store) for _ in range(count)]
        addresses = ",".join(address for _, address in started)
        served = [ours.start_gateway(workshop, addresses) for _ in range(count)]
        self._processes = [*(process for process, _ in started), *(process for process, _ in served), store.process]
        client = ours.create_client(started[0][1])
        self._stages = [Stage([], token_url=url, client=client) for _, url in served]
        self._scratches = [workshop.room("scratch") for _ in served]
        self.looks: list[Look] = []
        self._load(_WARM_UP_SECONDS)

    def look(self, yardstick: Yardstick) -> None:
        """Measures once."""
        before = [process.usage().cpu_nanoseconds for process in self._processes]
        with yardstick.beside() as readings:
            figures = self._load(_SECONDS)
        after = [process.usage().cpu_nanoseconds for process in self._processes]
        used = [then - first for then, first in zip(after, before, strict=True)]
        cpu_us = sum(used) / 1e3 / sum(one.requests for one in figures)
        failures = sum(one.failures for one in figures)
        self.looks.append(Look(cpu_us, readings.mean_ns, used, failures))

    def layout(self, quiet_ns: float) -> Layout:
        """What the looks say together."""
        costs = [corrected(one.cpu_us, yardstick_ns=one.yardstick_ns, quiet_ns=quiet_ns) for one in self.looks]
        used = [fmean(parts) for parts in zip(*(one.used for one in self.looks), strict=True)]
        of_cores, of_gateways = used[: self.count], used[self.count : 2 * self.count]
        return Layout(
            count=self.count,
            cpu=Estimate.of(costs),
            cpu_us_measured=Estimate.of([one.cpu_us for one in self.looks]).value,
            slowness=median(one.yardstick_ns / quiet_ns for one in self.looks),
            core_shares=[part / sum(of_cores) for part in of_cores],
            gateway_shares=[part / sum(of_gateways) for part in of_gateways],
            failures=sum(one.failures for one in self.looks),
        )

    def _load(self, seconds: float) -> list[LoadFigures]:
        """Loads all gateways at the same time."""
        load = HttpLoad()

        def one(stage: Stage, scratch: Path) -> LoadFigures:
            share = _CONCURRENCY // self.count
            command = load.command(stage, concurrency=share, seconds=seconds, scratch=scratch)
            return load.figures(run(command, self._cores.load, seconds), scratch)

        with ThreadPoolExecutor(len(self._stages)) as threads:
            return list(threads.map(one, self._stages, self._scratches))


def measure_layouts(rounds: int, workshop: Workshop, progress: Progress) -> list[Layout]:
    """Measures one core and one gateway, and two of each, in turns."""
    arrangements = [Arrangement(count, workshop) for count in _LAYOUTS]
    yardstick = Yardstick(workshop.cores.system)
    task = progress.add_task("Scaling out", total=rounds)
    for _ in range(rounds):
        for arrangement in arrangements:
            arrangement.look(yardstick)
        progress.advance(task)
    progress.remove_task(task)
    quiet_ns = min(look.yardstick_ns for arrangement in arrangements for look in arrangement.looks)
    return [arrangement.layout(quiet_ns) for arrangement in arrangements]

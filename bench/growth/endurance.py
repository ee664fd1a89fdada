"""How the memory of core and gateway develops over very many requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from bench.loads.http import HttpLoad
from bench.loads.load import run
from bench.stages.cores import Cores
from bench.stages.stage import Stage

_CONCURRENCY = 32
_SLICE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """Memory after so many requests.

    Attributes:
        requests: How many.
        failures: How many more got no success.
        resident_mib: Resident memory of each process, in MiB.
    """

    requests: int
    failures: int
    resident_mib: dict[str, float]


def endure(stage: Stage, requests: int, scratch: Path, progress: Progress, cores: Cores) -> list[Reading]:
    """Asks for at least *requests* tokens over HTTP and reads the memory every few seconds."""
    load = HttpLoad()
    load.check(stage)
    task = progress.add_task("Memory over many requests", total=requests)
    command = load.command(stage, concurrency=_CONCURRENCY, seconds=_SLICE_SECONDS, scratch=scratch)
    readings: list[Reading] = []
    done = failures = 0
    while done < requests:
        figures = load.figures(run(command, cores.load, _SLICE_SECONDS), scratch)
        done += figures.requests
        failures += figures.failures
        resident_mib = {process.name: process.resident_mib() for process in stage.processes}
        readings.append(Reading(done, failures, resident_mib))
        progress.update(task, completed=min(done, requests))
    progress.remove_task(task)
    return readings


def growth_mib(readings: Sequence[Reading], process: str) -> float:
    """By how much a process grew from the first tenth of the requests, its warm-up, to the end."""
    warm = next(reading for reading in readings if reading.requests >= readings[-1].requests / 10)
    return readings[-1].resident_mib[process] - warm.resident_mib[process]

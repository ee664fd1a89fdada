"""The run: sets all stages up, then measures the systems in turns."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.cores import Cores
from bench.install import install_peer
from bench.loads.load import LoadError
from bench.measurement import Measurement, MeasurementError, measure
from bench.plan import Plan
from bench.processes import ProcessError
from bench.stage import Stage, StageBuilder, Workshop
from bench.systems.system import System

_WARM_UP_CONCURRENCY = 32


@contextmanager
def progress_bar(console: Console) -> Iterator[Progress]:
    """A progress bar that says what is being done."""
    columns = (TextColumn("{task.description:<52}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Twice a second: drawing costs time on the core of the load.
    with Progress(*columns, console=console, refresh_per_second=2) as progress:
        yield progress


def runnable(systems: Sequence[System], console: Console) -> list[System]:
    """Those of *systems* whose programs are here, after installing what can be."""
    usable: dict[str, bool] = {}
    for system in systems:
        if system.peer and system.peer not in usable:
            usable[system.peer] = install_peer(system.peer, console)
    return [system for system in systems if not system.peer or usable[system.peer]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run gave.

    Attributes:
        measurements: In the order in which they were made.
        problems: Measurements that failed, each with the reason; the run goes on without them.
    """

    measurements: list[Measurement] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def run(plan: Plan, *, cores: Cores, console: Console) -> Findings:
    """Carries *plan* out."""
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="grantway-bench-") as directory, ExitStack() as running:
        workshop = Workshop(cores, Path(directory))
        scratch = workshop.room("scratch")
        with progress_bar(console) as progress:
            stages = _stages(plan, workshop, running, progress)
            for system in plan.systems:
                progress.update(progress.task_ids[0], description=f"Warming up {system.title}")
                stage = stages[system.build]
                system.load.check(stage)
                _warm_up(system, stage, plan, cores, scratch)
            steps = plan.steps()
            task = progress.task_ids[0]
            progress.reset(task, total=len(steps))
            for step in steps:
                what = f"Round {step.turn + 1}, c={step.concurrency}: {step.system.title}"
                progress.update(task, description=what)
                try:
                    findings.measurements.append(
                        measure(
                            step.system,
                            stages[step.system.build],
                            cores=cores,
                            concurrency=step.concurrency,
                            seconds=plan.seconds,
                            turn=step.turn,
                            scratch=scratch,
                        )
                    )
                except (LoadError, MeasurementError, ProcessError) as error:
                    findings.problems.append(f"{what}: {error}")
                progress.advance(task)
    return findings


def _stages(plan: Plan, workshop: Workshop, running: ExitStack, progress: Progress) -> dict[StageBuilder, Stage]:
    stages: dict[StageBuilder, Stage] = {}
    task = progress.add_task("Starting", total=None)
    for system in plan.systems:
        if system.build not in stages:
            progress.update(task, description=f"Starting {system.title}")
            stages[system.build] = system.build(workshop)
            running.callback(stages[system.build].stop)
    return stages


def _warm_up(system: System, stage: Stage, plan: Plan, cores: Cores, scratch: Path) -> None:
    concurrency = min(_WARM_UP_CONCURRENCY, max(system.concurrencies))
    measure(
        system,
        stage,
        cores=cores,
        concurrency=concurrency,
        seconds=plan.warm_up_seconds,
        turn=-1,
        scratch=scratch,
    )

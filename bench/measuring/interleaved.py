"""The run: sets all stages up, then measures the systems in turns."""

import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.judging.precision import unsettled
from bench.judging.summary import Summary
from bench.loads.load import LoadError
from bench.measuring.measurement import Measurement, MeasurementError, measure
from bench.measuring.plan import Plan, Step
from bench.measuring.yardstick import Yardstick
from bench.stages.cores import Cores
from bench.stages.install import install_peer
from bench.stages.processes import ProcessError
from bench.stages.stage import Stage, StageBuilder, Workshop
from bench.systems.system import System

_WARM_UP_CONCURRENCY = 32

_FAILURES = (LoadError, MeasurementError, ProcessError)
"""After which the run goes on without the measurement."""


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

    @property
    def sound(self) -> bool:
        """Whether everything was measured, every request succeeded, and the tokens are those that were asked for."""
        return not self.problems and not any(one.failures or one.missing or one.surplus for one in self.measurements)


class Run:
    """Measures systems on their stages, round by round.

    Args:
        plan: What and how often.
        stages: Where, by the system's name.
        cores: Which cores.
        scratch: A directory for the loads.
        progress: Where to say what is being done.
    """

    def __init__(
        self, plan: Plan, stages: Mapping[str, Stage], *, cores: Cores, scratch: Path, progress: Progress
    ) -> None:
        self._plan = plan
        self._stages = stages
        self._cores = cores
        self._scratch = scratch
        self._progress = progress
        self._yardstick = Yardstick(cores.system)
        self.findings = Findings()

    def warm_up(self) -> None:
        """Asks each system for a token and reads the answer, then keeps it busy for a while."""
        task = self._progress.add_task("", total=len(self._plan.systems))
        for system in self._plan.systems:
            what = f"Warming up {system.title}"
            self._progress.update(task, description=what)
            concurrency = min(_WARM_UP_CONCURRENCY, max(system.concurrencies))
            stage = self._stages[system.name]
            try:
                if stage.book:
                    stage.book.open()
                system.load.check(stage)
                self._measure(Step(-1, concurrency, system), stage, seconds=self._plan.warm_up_seconds)
            except _FAILURES as error:
                self.findings.problems.append(f"{what}: {error}")
            self._progress.advance(task)
        self._progress.remove_task(task)

    def measure(self, until: float) -> None:
        """Measures everything in the least number of rounds, then what is not known well enough in some more.

        Args:
            until: After the least number, no round begins that would not end by this time of the monotonic clock.
        """
        task = self._progress.add_task("", total=0)
        wanted: Collection[tuple[str, int]] | None = None
        done, start = 0, time.monotonic()
        for turn in range(self._plan.most_rounds):
            steps = self._plan.steps(turn, wanted)
            takes = len(steps) * (time.monotonic() - start) / max(1, done)
            if not steps or (turn >= self._plan.least_rounds and time.monotonic() + takes > until):
                break
            self._progress.update(task, total=done + len(steps) * max(1, self._plan.least_rounds - turn))
            for step in steps:
                what = f"Round {turn + 1}, c={step.concurrency}: {step.system.title}"
                self._progress.update(task, description=what)
                self.add(step, self._stages[step.system.name])
                self._progress.advance(task)
            done += len(steps)
            if turn + 1 >= self._plan.least_rounds:
                wanted = unsettled(Summary(self.findings.measurements), self._plan.systems)
        self._progress.remove_task(task)

    def add(self, step: Step, stage: Stage) -> None:
        """Makes one measurement, on *stage*."""
        try:
            self.findings.measurements.append(self._measure(step, stage, seconds=self._plan.seconds))
        except _FAILURES as error:
            what = f"Round {step.turn + 1}, c={step.concurrency}: {step.system.title}"
            self.findings.problems.append(f"{what}: {error}")

    def _measure(self, step: Step, stage: Stage, *, seconds: float) -> Measurement:
        return measure(
            step.system,
            stage,
            cores=self._cores,
            yardstick=self._yardstick,
            concurrency=step.concurrency,
            seconds=seconds,
            patience_seconds=self._plan.patience_seconds,
            turn=step.turn,
            scratch=self._scratch,
        )


def run(plan: Plan, *, cores: Cores, console: Console) -> Findings:
    """Carries *plan* out."""
    until = time.monotonic() + plan.minutes * 60
    with tempfile.TemporaryDirectory(prefix="grantway-bench-") as directory, ExitStack() as running:
        workshop = Workshop(cores, Path(directory))
        with progress_bar(console) as progress:
            stages = _stages(plan, workshop, running, progress)
            rounds = Run(plan, stages, cores=cores, scratch=workshop.room("scratch"), progress=progress)
            rounds.warm_up()
            rounds.measure(until)
    return rounds.findings


def _stages(plan: Plan, workshop: Workshop, running: ExitStack, progress: Progress) -> dict[str, Stage]:
    stages: dict[StageBuilder, Stage] = {}
    task = progress.add_task("", total=None)
    for system in plan.systems:
        if system.build not in stages:
            progress.update(task, description=f"Starting {system.title}")
            stages[system.build] = system.build(workshop)
            running.callback(stages[system.build].stop)
    progress.remove_task(task)
    return {system.name: stages[system.build] for system in plan.systems}

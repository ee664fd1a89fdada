"""The run: starts one stage after the other, measures the systems on it, ends it, round by round."""

import sqlite3
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from redis import RedisError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.judging.precision import unsettled
from bench.judging.summary import Summary
from bench.loads.load import LoadError
from bench.measuring.measurement import Measurement, MeasurementError, measure
from bench.measuring.yardstick import Yardstick
from bench.running.findings import Findings
from bench.running.plan import Life, Plan, Step
from bench.stages.cores import Cores
from bench.stages.processes import ProcessError
from bench.stages.stage import Stage
from bench.stages.workshop import Workshop
from bench.systems.system import System

_WARM_UP_CONCURRENCY = 32

FAILURES = (
    LoadError,
    MeasurementError,
    ProcessError,
    OSError,
    subprocess.SubprocessError,
    grpc.RpcError,
    RedisError,
    sqlite3.Error,
)
"""After which the run goes on without the measurement, or without the stage: whatever a process that died causes."""


@contextmanager
def progress_bar(console: Console) -> Iterator[Progress]:
    """A progress bar that says what is being done."""
    columns = (TextColumn("{task.description:<52}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Twice a second: drawing costs time on the core of the load.
    with Progress(*columns, console=console, refresh_per_second=2) as progress:
        yield progress


class Run:
    """Measures systems round by round.

    Args:
        plan: What and how often.
        cores: Which cores.
        progress: Where to say what is being done.
    """

    def __init__(self, plan: Plan, *, cores: Cores, progress: Progress) -> None:
        self._plan = plan
        self._cores = cores
        self._progress = progress
        self._task = progress.add_task("", total=0)
        self._yardstick = Yardstick(cores.system)
        self.findings = Findings()

    def measure(self, until: float) -> None:
        """Measures everything in the least number of rounds, then what is not known well enough in some more.

        Args:
            until: After the least number, no stage is started after this time of the monotonic clock.
        """
        wanted: Collection[tuple[str, int]] | None = None
        done = 0
        for turn in range(self._plan.most_rounds):
            lives = self._plan.lives(turn, wanted)
            count = sum(len(life.steps) for life in lives)
            if not lives:
                break
            self._progress.update(self._task, total=done + count * max(1, self._plan.least_rounds - turn))
            for life in lives:
                if turn >= self._plan.least_rounds and time.monotonic() > until:
                    return
                self.live(life)
            done += count
            self._progress.update(self._task, completed=done)
            if turn + 1 >= self._plan.least_rounds:
                wanted = unsettled(Summary(self.findings.measurements), self._plan.systems)

    def live(self, life: Life) -> None:
        """Starts a stage, warms it up, makes the measurements of its *life*, and ends it."""
        first = life.steps[0]
        what = f"Round {first.turn + 1}: {first.system.title}"
        self._tell(f"Starting {what}")
        with Workshop.opened(self._cores) as workshop:
            scratch = workshop.room("scratch")
            try:
                stage = life.build(workshop)
                for system in life.systems:
                    system.load.check(stage)
                self._tell(f"Warming up {what}")
                self.warm_up(first.system, stage, scratch)
            except FAILURES as error:
                self.findings.problems.append(f"{what} does not start: {error}")
                return
            for step in life.steps:
                self.add(step, stage, scratch)

    def warm_up(self, system: System, stage: Stage, scratch: Path) -> None:
        """Keeps *stage* busy for a while.

        Raises:
            LoadError: See `measure`.
            MeasurementError: See `measure`.
            ProcessError: See `measure`.
        """
        concurrency = min(_WARM_UP_CONCURRENCY, max(system.concurrencies))
        self._measure(Step(-1, concurrency, system), stage, scratch, seconds=self._plan.warm_up_seconds)

    def add(self, step: Step, stage: Stage, scratch: Path) -> None:
        """Makes one measurement, on *stage*."""
        what = f"Round {step.turn + 1}, c={step.concurrency}: {step.system.title}"
        self._tell(what)
        try:
            found = self._measure(step, stage, scratch, seconds=self._plan.seconds)
            self.findings.measurements.append(found)
        except FAILURES as error:
            self.findings.problems.append(f"{what}: {error}")
        self._progress.advance(self._task)

    def _tell(self, what: str) -> None:
        self._progress.update(self._task, description=what)

    def _measure(self, step: Step, stage: Stage, scratch: Path, *, seconds: float) -> Measurement:
        return measure(
            step.system,
            stage,
            cores=self._cores,
            yardstick=self._yardstick,
            concurrency=step.concurrency,
            seconds=seconds,
            patience_seconds=self._plan.patience_seconds,
            turn=step.turn,
            scratch=scratch,
        )


def run(plan: Plan, *, cores: Cores, console: Console) -> Findings:
    """Carries *plan* out; stopped from the keyboard, what was done of it."""
    until = time.monotonic() + plan.minutes * 60
    with progress_bar(console) as progress:
        started = Run(plan, cores=cores, progress=progress)
        try:
            started.measure(until)
        except KeyboardInterrupt:
            started.findings.problems.append("Stopped: there is only what was measured until then.")
    return started.findings

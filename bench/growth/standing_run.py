"""A run on processes that go on from one measurement to the next: the same ones serve all populations."""

from collections.abc import Mapping
from pathlib import Path

from rich.progress import Progress

from bench.loads.load import Load
from bench.running.plan import Plan, Step
from bench.running.run import FAILURES, Run
from bench.stages.cores import Cores
from bench.stages.stage import Stage


class StandingRun(Run):
    """Measures systems round by round on stages that are up.

    Args:
        plan: What and how often.
        scratch: A directory for the loads.
        cores: Which cores.
        progress: Where to say what is being done.
        count: How many measurements there will be.
    """

    def __init__(self, plan: Plan, scratch: Path, *, cores: Cores, progress: Progress, count: int) -> None:
        super().__init__(plan, cores=cores, progress=progress)
        self._scratch = scratch
        progress.update(self._task, total=count)

    def warm_up_on(self, stages: Mapping[str, Stage]) -> None:
        """Asks each system once and reads the answer, and keeps the processes busy with one of each kind for a while.

        Args:
            stages: Where, by the system's name.
        """
        busy_with = set[type[Load]]()
        for system in self._plan.systems:
            stage = stages[system.name]
            try:
                if stage.book:
                    stage.book.open()
                system.load.check(stage)
                if type(system.load) not in busy_with:
                    self.warm_up(system, stage, self._scratch)
                    busy_with.add(type(system.load))
            except FAILURES as error:
                self.findings.problems.append(f"Warming up {system.title}: {error}")

    def measure_round(self, turn: int, stages: Mapping[str, Stage]) -> None:
        """Measures some systems once at each concurrency.

        Args:
            turn: The round, from 0.
            stages: Where, by the system's name; those that have no stage here are left out.
        """
        for step in (step for life in self._plan.lives(turn) for step in life.steps):
            if step.system.name in stages:
                self.measure_once(step, stages[step.system.name])

    def measure_once(self, step: Step, stage: Stage) -> None:
        """Makes one measurement, on *stage*."""
        self.add(step, stage, self._scratch)

"""A run on processes that go on from its beginning to its end: the same ones serve all populations."""

from collections.abc import Mapping
from pathlib import Path

from rich.progress import Progress

from bench.running.plan import Life, Plan
from bench.running.run import FAILURES, Run
from bench.stages.cores import Cores
from bench.stages.stage import Stage


class StandingRun(Run):
    """Measures systems round by round on stages that are up.

    Args:
        plan: What and how often.
        stages: Where, by the system's name.
        scratch: A directory for the loads.
        cores: Which cores.
        progress: Where to say what is being done.
    """

    def __init__(
        self, plan: Plan, stages: Mapping[str, Stage], scratch: Path, *, cores: Cores, progress: Progress
    ) -> None:
        super().__init__(plan, cores=cores, progress=progress)
        self._stages = stages
        self._scratch = scratch

    def warm_up_all(self) -> None:
        """Asks each system for a token and reads the answer, then keeps it busy for a while."""
        for system in self._plan.systems:
            stage = self._stages[system.name]
            try:
                if stage.book:
                    stage.book.open()
                system.load.check(stage)
                self.warm_up(system, stage, self._scratch)
            except FAILURES as error:
                self.findings.problems.append(f"Warming up {system.title}: {error}")

    def live(self, life: Life) -> None:
        """Makes the measurements only."""
        for step in life.steps:
            self.add(step, self._stages[step.system.name], self._scratch)

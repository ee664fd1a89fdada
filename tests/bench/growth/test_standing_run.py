"""A run on processes that go on from one measurement to the next, of the smallest systems that there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress

from bench.growth.standing_run import StandingRun
from bench.loads.load import Command, LoadError
from bench.running.plan import Plan
from bench.stages.stage import Stage
from bench.stages.workshop import Workshop
from bench.systems.system import System
from tests.bench.small_system import SmallLoad, one_core, small_stage, small_system


class _Noted(SmallLoad):
    """A load that is asked for a command each time that it is put on a stage."""

    def __init__(self, name: str, noted: list[str], *, breaks: bool = False) -> None:
        super().__init__()
        self._name = name
        self._noted = noted
        self._breaks = breaks

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        super().check(stage)
        self._noted.append(f"check {self._name}")
        if self._breaks:
            raise LoadError("broken")

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """See `Load`."""
        self._noted.append(f"load {self._name}")
        return super().command(stage, concurrency=concurrency, seconds=seconds, scratch=scratch)


class _OtherKind(_Noted):
    """Another kind of load."""


@pytest.fixture(name="stage")
def _stage() -> Iterator[Stage]:
    with Workshop.opened(one_core()) as workshop:
        yield small_stage(workshop)


def _run(systems: list[System], folder: Path) -> StandingRun:
    plan = Plan(systems, concurrencies=(8,), most_rounds=2, seconds=1, warm_up_seconds=1, patience_seconds=0.1)
    return StandingRun(plan, folder, cores=one_core(), progress=Progress(disable=True), count=2)


def test_each_system_is_asked_once_and_each_kind_of_load_keeps_the_processes_busy(stage: Stage, tmp_path: Path) -> None:
    """They are the same processes for all."""
    noted: list[str] = []
    loads = {"a": _Noted("a", noted), "b": _Noted("b", noted), "c": _OtherKind("c", noted)}
    run = _run([small_system(load, name) for name, load in loads.items()], tmp_path)
    run.warm_up_on(dict.fromkeys(loads, stage))
    assert [line for line in noted if line.startswith("check")] == ["check a", "check b", "check c"]
    assert {line for line in noted if line.startswith("load")} == {"load a", "load c"}


def test_what_cannot_be_warmed_up_is_told_and_the_next_of_its_kind_is(stage: Stage, tmp_path: Path) -> None:
    """The run goes on without it."""
    noted: list[str] = []
    loads = {"a": _Noted("a", noted, breaks=True), "b": _Noted("b", noted)}
    run = _run([small_system(load, name) for name, load in loads.items()], tmp_path)
    run.warm_up_on(dict.fromkeys(loads, stage))
    assert run.findings.problems == ["Warming up a: broken"]
    assert {line for line in noted if line.startswith("load")} == {"load b"}


def test_a_round_measures_everything_once_and_begins_with_another_one_each_time(stage: Stage, tmp_path: Path) -> None:
    """So none always has the same place."""
    run = _run([small_system(SmallLoad(), name) for name in ("a", "b")], tmp_path)
    for turn in range(2):
        run.measure_round(turn, {"a": stage, "b": stage})
    assert [(one.turn, one.system) for one in run.findings.measurements] == [(0, "a"), (0, "b"), (1, "b"), (1, "a")]


def test_a_round_leaves_out_what_has_no_stage(stage: Stage, tmp_path: Path) -> None:
    """So some may be measured for some rounds before the others are."""
    run = _run([small_system(SmallLoad(), name) for name in ("a", "b")], tmp_path)
    for name in ("b", "a"):
        run.measure_round(0, {name: stage})
    assert [(one.turn, one.system) for one in run.findings.measurements] == [(0, "b"), (0, "a")]

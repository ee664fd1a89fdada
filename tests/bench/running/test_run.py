"""A whole run, of the smallest systems that there are."""

import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bench import results
from bench.__main__ import carry_out
from bench.judging import precision
from bench.measuring.revision import Revision
from bench.running.findings import Findings
from bench.running.plan import Plan
from bench.showing import report
from bench.stages.stage import Stage
from bench.stages.workshop import Workshop
from tests.bench.conftest import Measure
from tests.bench.small_system import SmallLoad, one_core, small_stage, small_system


def _carry_out(
    load: SmallLoad, folder: Path, *, rounds: tuple[int, int] = (1, 1), minutes: float = 1, whole: bool = False
) -> int:
    plan = Plan(
        [small_system(load, "floor"), small_system(SmallLoad(), "other", references=("floor",))],
        concurrencies=(8,),
        least_rounds=rounds[0],
        most_rounds=rounds[1],
        minutes=minutes,
        warm_up_seconds=0,
        patience_seconds=0,
    )
    return carry_out(plan, one_core(), Console(file=io.StringIO()), whole=whole, folder=folder)


@pytest.mark.parametrize(
    ("load", "code"),
    [
        pytest.param(SmallLoad(), 0, id="all went well"),
        pytest.param(SmallLoad(failures=1), 1, id="a request failed"),
        pytest.param(SmallLoad(99, 100), 1, id="a token is missing"),
        pytest.param(SmallLoad(109, 100), 1, id="a token is there that nobody asked for"),
        pytest.param(SmallLoad(0, 0), 1, id="a measurement says nothing"),
        pytest.param(SmallLoad(breaks_after=2), 1, id="a generator breaks"),
    ],
)
def test_the_exit_code_says_whether_all_went_well(load: SmallLoad, code: int, tmp_path: Path) -> None:
    """What did is written down in any case."""
    assert _carry_out(load, tmp_path) == code
    assert "other" in json.loads((tmp_path / "latest.json").read_text())["summary"]


@pytest.mark.parametrize(
    ("error", "minutes", "rounds"),
    [
        pytest.param(math.inf, 1, 2, id="any error is good enough: the least"),
        pytest.param(0.0, 1, 4, id="none is: the most"),
        pytest.param(0.0, 0, 2, id="none is, and there is no time"),
    ],
)
def test_rounds_go_on_until_the_ratios_are_known_or_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: float, minutes: float, rounds: int
) -> None:
    """Two rounds at least and four at most."""
    monkeypatch.setattr(precision, "WANTED_ERROR", error)
    monkeypatch.setattr(precision, "_WORST_FIRST", 0.0)  # Neither of the two waits for the other.
    _carry_out(SmallLoad(), tmp_path, rounds=(2, 4), minutes=minutes)
    turns = [one["turn"] for one in json.loads((tmp_path / "latest.json").read_text())["measurements"]]
    assert turns == [turn for turn in range(rounds) for _system in ("floor", "other")]


def test_a_stage_that_does_not_start_is_a_problem_of_its_round(tmp_path: Path) -> None:
    """It is told, nothing of it is left running, the others are measured, and so is it in the next round."""
    started: list[frozenset[int]] = []

    def build(workshop: Workshop) -> Stage:
        room = workshop.room("flaky")
        started.append(workshop.start("store", ["sleep", "60"], log=room / "log").usage().pids)
        if len(started) == 1:
            workshop.start("app", ["sh", "-c", "echo no such thing; exit 3"], log=room / "log").wait_for_port(1)
        return small_stage(workshop)

    flaky = replace(small_system(SmallLoad(), "flaky"), build=build)
    plan = Plan(
        [flaky, small_system(SmallLoad())],
        concurrencies=(8,),
        least_rounds=2,
        most_rounds=2,
        warm_up_seconds=0,
        patience_seconds=0,
    )
    assert carry_out(plan, one_core(), Console(file=io.StringIO()), whole=False, folder=tmp_path) == 1
    kept = json.loads((tmp_path / "latest.json").read_text())
    assert [(one["system"], one["turn"]) for one in kept["measurements"]] == [("small", 0), ("small", 1), ("flaky", 1)]
    (problem,) = kept["problems"]
    assert problem.startswith("Round 1: flaky does not start: app does not listen")
    assert "no such thing" in problem
    assert not [pid for pids in started for pid in pids if Path(f"/proc/{pid}").exists()]


def test_the_newest_whole_run_is_kept_beside_the_latest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A partial run after it does not take its place, and is not shown."""
    shown: list[str] = []
    monkeypatch.setattr(results, "SYSTEMS", ())
    monkeypatch.setattr(Revision, "now", lambda: Revision("1234567", uncommitted_changes=False))
    monkeypatch.setattr(report, "write", lambda content: shown.append(content["date"]))
    _carry_out(SmallLoad(), tmp_path, whole=True)
    kept = (tmp_path / "whole.json").read_text()
    _carry_out(SmallLoad(failures=1), tmp_path, whole=True)
    _carry_out(SmallLoad(), tmp_path)
    assert (tmp_path / "whole.json").read_text() == kept
    assert shown == [json.loads(kept)["date"]]
    assert not json.loads((tmp_path / "latest.json").read_text())["whole"]


def test_findings_are_sound_or_not(measured: Measure) -> None:
    """One thing that should not be is enough."""
    assert Findings([measured("a", 10.0)]).sound
    for flaw in ("failures", "missing", "surplus"):
        assert not Findings([measured("a", 10.0), measured("a", 10.0, **{flaw: 1})]).sound
    assert not Findings([measured("a", 10.0)], ["Round 1: it broke"]).sound

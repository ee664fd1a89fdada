"""A whole run, of the smallest systems that there are."""

import io
import json
import math
from pathlib import Path

import pytest
from rich.console import Console

from bench import results
from bench.__main__ import carry_out
from bench.judging import precision
from bench.measuring.interleaved import Findings
from bench.measuring.plan import Plan
from bench.showing import report
from tests.bench.conftest import Measure
from tests.bench.small_system import SmallLoad, one_core, small_system


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
    _carry_out(SmallLoad(), tmp_path, rounds=(2, 4), minutes=minutes)
    turns = [one["turn"] for one in json.loads((tmp_path / "latest.json").read_text())["measurements"]]
    assert turns == [turn for turn in range(rounds) for _system in ("floor", "other")]


def test_the_newest_whole_run_is_kept_beside_the_latest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A partial run after it does not take its place, and is not shown."""
    shown: list[str] = []
    monkeypatch.setattr(results, "SYSTEMS", ())
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

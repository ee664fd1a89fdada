"""What is measured once more."""

from collections.abc import Sequence

import pytest

from bench.judging.precision import known, unsettled
from bench.judging.ratios import Ratio
from bench.judging.summary import Summary
from bench.measuring.measurement import Measurement
from tests.bench.conftest import Measure
from tests.bench.small_system import SmallLoad, small_system

_FLOOR = small_system(SmallLoad(), "floor", references=("floor",))
_STEADY = small_system(SmallLoad(), "steady", references=("floor",))
_RESTLESS = small_system(SmallLoad(), "restless", references=("floor",))


def _rounds(measured: Measure, system: str, costs: Sequence[float]) -> list[Measurement]:
    return [measured(system, cost, turn=turn) for turn, cost in enumerate(costs)]


def test_only_the_side_of_a_ratio_that_is_not_known_is_measured_again(measured: Measure) -> None:
    """The floor is known to half a per cent: more of it would change nothing."""
    floor = _rounds(measured, "floor", [50.0, 50.5] * 3)
    steady = _rounds(measured, "steady", [80.0, 81.0] * 3)
    restless = _rounds(measured, "restless", [80.0, 110.0] * 3)
    summary = Summary([*floor, *steady, *restless])
    assert unsettled(summary, [_FLOOR, _STEADY, _RESTLESS]) == {("restless", 32)}


def test_a_floor_that_is_not_known_is_measured_again_for_all(measured: Measure) -> None:
    """It is in every ratio."""
    floor = _rounds(measured, "floor", [50.0, 70.0] * 3)
    steady = _rounds(measured, "steady", [80.0, 81.0] * 3)
    assert unsettled(Summary([*floor, *steady]), [_FLOOR, _STEADY]) == {("floor", 32)}


def test_what_is_known_worst_comes_first(measured: Measure) -> None:
    """Others wait, though they are not known well enough either, until it is known about as well as they are."""
    floor = _rounds(measured, "floor", [50.0, 50.5] * 3)
    uneasy = _rounds(measured, "steady", [80.0, 95.0] * 3)
    restless = _rounds(measured, "restless", [80.0, 160.0] * 3)
    restless_but_known = _rounds(measured, "restless", [80.0, 160.0] * 40)
    systems = [_FLOOR, _STEADY, _RESTLESS]

    assert unsettled(Summary([*floor, *uneasy, *restless]), systems) == {("restless", 32)}
    assert unsettled(Summary([*floor, *uneasy, *restless_but_known]), systems) == {("restless", 32), ("steady", 32)}


def test_one_measurement_is_never_enough(measured: Measure) -> None:
    """It does not tell how far it is off."""
    summary = Summary([measured("floor", 50.0), measured("steady", 80.0)])
    assert unsettled(summary, [_FLOOR, _STEADY]) == {("floor", 32), ("steady", 32)}


def test_what_failed_is_not_waited_for(measured: Measure) -> None:
    """A system without figures has no ratio."""
    assert unsettled(Summary([measured("steady", 80.0)]), [_FLOOR, _STEADY]) == set()


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        pytest.param(
            [0.01, 0.025, 0.031], "2 of 3 ratios are known to 2.5%, the worst to 3.1% (standard errors).",
            id="one is not known well enough",
        ),
        pytest.param(
            [0.01, None], "1 of 2 ratios are known to 2.5%, the worst from one measurement only (standard errors).",
            id="one does not tell",
        ),
        pytest.param([], "No ratio was measured.", id="there is none"),
    ],
)  # fmt: skip
def test_a_run_says_how_well_its_ratios_are_known(errors: Sequence[float | None], said: str) -> None:
    """All of them, not only those that a table shows."""
    assert known([Ratio("CPU", "a", "floor", 32, 2.0, error) for error in errors]) == said

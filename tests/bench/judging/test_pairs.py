"""Two systems in the same rounds."""

from collections.abc import Mapping, Sequence

import pytest

from bench.judging.pairs import corrected_ratio, pairs, ratio_as_seen
from bench.judging.summary import Summary
from bench.measuring.measurement import Measurement
from tests.bench.conftest import Measure


def _runs(measured: Measure, system: str, costs: Mapping[int, Sequence[float]], slow: float = 1.0) -> list[Measurement]:
    return [
        measured(system, cost, turn=turn, yardstick_ns=350.0 * slow)
        for turn, several in costs.items()
        for cost in several
    ]


def _ratio_of(ones: Sequence[Measurement], others: Sequence[Measurement]) -> tuple[float, float]:
    found = pairs(ones, others, lambda run: run.cpu_us, quiet_ns=350.0)
    ratio, as_seen = corrected_ratio(found), ratio_as_seen(found)
    assert ratio is not None
    assert as_seen is not None
    return ratio.value, as_seen


def test_what_disturbs_a_round_disturbs_both(measured: Measure) -> None:
    """However dear a round was, the ratio is the same in each, and so its error is none."""
    ones = _runs(measured, "a", {0: [20], 1: [40], 2: [60]})
    others = _runs(measured, "b", {0: [10], 1: [20], 2: [30]})
    ratio = Summary([*ones, *others]).cpu_ratio("a", "b", 32)
    assert ratio is not None
    assert [ratio.value, ratio.error] == pytest.approx([2, 0])


def test_a_round_that_has_one_of_them_only_has_no_say(measured: Measure) -> None:
    """It was at another time: as dear as 80 nobody measured the other one."""
    ones = _runs(measured, "a", {0: [20], 1: [20], 2: [80], 3: [80]})
    others = _runs(measured, "b", {0: [10], 1: [10]})
    assert _ratio_of(ones, others) == pytest.approx((2, 2))


def test_several_measurements_of_a_round_are_one(measured: Measure) -> None:
    """Their geometric mean: a reference of many has several lives in each round."""
    ones = _runs(measured, "a", {0: [20]})
    others = _runs(measured, "b", {0: [5, 20]})
    assert _ratio_of(ones, others) == pytest.approx((2, 2))


def test_each_side_is_corrected_by_its_own_yardstick(measured: Measure) -> None:
    """What slowed the one down did not slow the other; as seen it did cost that."""
    ones = _runs(measured, "a", {0: [40]}, slow=2.0)
    others = _runs(measured, "b", {0: [10]})
    assert _ratio_of(ones, others) == pytest.approx((2, 4))


def test_the_quarter_of_the_rounds_in_which_either_was_slowest_has_no_say(measured: Measure) -> None:
    """Of eight the two worst; as seen, all have."""
    ones = _runs(measured, "a", {turn: [20] for turn in range(6)}) + _runs(
        measured, "a", {6: [900], 7: [900]}, slow=2.0
    )
    others = _runs(measured, "b", {turn: [10] for turn in range(8)})
    assert _ratio_of(ones, others) == pytest.approx((2, (2**5 * 90) ** (1 / 6)))


def test_without_a_common_round_there_is_no_ratio(measured: Measure) -> None:
    """Not even where both were measured."""
    ones, others = _runs(measured, "a", {0: [20]}), _runs(measured, "b", {1: [10]})
    assert pairs(ones, others, lambda run: run.cpu_us, quiet_ns=350.0) == []
    assert Summary([*ones, *others]).cpu_ratio("a", "b", 32) is None
    assert Summary([*ones, *others]).cpu_ratio_as_seen("a", "b", 32) is None

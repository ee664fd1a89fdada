"""Many measurements as few figures."""

import pytest

from bench.judging.summary import Summary
from tests.bench.conftest import Measure


def test_a_cell_is_the_middle_of_its_rounds_and_the_sum_of_its_failures(measured: Measure) -> None:
    """One bad round moves no figure and is still seen."""
    bad = {"failures": 3, "missing": 2, "surplus": 1}
    costs = (10.0, 90.0, 10.0, 10.0, 10.0)
    summary = Summary([measured("a", cost, turn=turn, **(bad if turn == 1 else {})) for turn, cost in enumerate(costs)])
    cell = summary.cell("a", 32)
    assert cell is not None
    assert (cell.cpu_us, cell.cpu_us_measured) == pytest.approx((10.0, 10.0))
    assert (cell.failures, cell.missing, cell.surplus) == (3, 2, 1)
    assert cell.cpu_us_by_process == pytest.approx({"core": 5.0, "gateway": 5.0})


def test_what_slowed_the_core_down_is_taken_out(measured: Measure) -> None:
    """The same cost, seen on a core that is now and then slower, is the same; the same mean, uncorrected, is kept."""
    slow_for = {0: 1.0, 1: 1.0, 2: 2.0, 3: 2.0, 4: 2.0}
    summary = Summary(
        [measured("a", 10.0 * slow, turn=turn, yardstick_ns=350.0 * slow) for turn, slow in slow_for.items()]
    )
    cell = summary.cell("a", 32)
    assert cell is not None
    assert (cell.cpu_us, cell.cpu_us_measured, cell.slowness) == pytest.approx((10.0, (10 * 20 * 20) ** (1 / 3), 2.0))


def test_what_was_disturbed_the_most_has_no_say_in_what_is_corrected(measured: Measure) -> None:
    """Of eight measurements the two in which the core was the slowest; as seen, all of them have."""
    slow_for = {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.1, 4: 1.1, 5: 1.1, 6: 1.6, 7: 1.6}
    runs = [
        measured("a", 10.0 * (slow if slow < 1.5 else 3 * slow), turn=turn, yardstick_ns=350.0 * slow)
        for turn, slow in slow_for.items()
    ]
    (few, many) = (Summary(some).cell("a", 32) for some in (runs[3:], runs))
    assert few is not None
    assert many is not None
    assert (many.cpu_us, many.cpu_us_measured) == pytest.approx((10.0, 10 * (1.1**3 * 4.8) ** (1 / 6)))
    assert few.cpu_us == pytest.approx(11.0 * 3 ** (1 / 3))  # Five are too few: none is left out.


def test_a_core_is_quiet_where_the_quietest_tenth_was(measured: Measure) -> None:
    """Not at the very fastest, which may be chance."""
    summary = Summary([measured("a", 10.0, turn=turn, yardstick_ns=300.0 + turn) for turn in range(40)])
    assert summary.quiet_ns == 303.0


def test_what_was_not_measured_has_no_figures(measured: Measure) -> None:
    """Not zero: none."""
    summary = Summary([measured("a", 10.0)])
    assert summary.cell("a", 128) is None
    assert summary.cpu_ratio("a", "b", 32) is None
    assert summary.p50_ratio("a", "b", 32) is None


def test_the_error_of_one_measurement_is_not_known(measured: Measure) -> None:
    """None, which JSON has, and not infinity, which it has not."""
    cell = Summary([measured("a", 10.0)]).cell("a", 32)
    assert cell is not None
    assert cell.cpu_error is None


def test_the_wait_of_a_lone_request_is_compared_as_on_a_quiet_core(measured: Measure) -> None:
    """All that it waits for happens on one core; what it waited is told as it was."""
    slow_for = {0: 1.0, 1: 1.0, 2: 2.0}
    runs = [measured("a", 10.0 * slow, turn=turn, yardstick_ns=350.0 * slow) for turn, slow in slow_for.items()]
    summary = Summary([*runs, *(measured("b", 5.0, turn=turn, yardstick_ns=350.0) for turn in range(3))])
    ratio = summary.p50_ratio("a", "b", 32)
    assert ratio is not None
    assert (ratio.value, ratio.error) == pytest.approx((2.0, 0.0))
    assert (cell := summary.cell("a", 32)) is not None
    assert (cell.p50_ms, cell.p50_ms_undisturbed) == pytest.approx(((1 * 1 * 2) ** (1 / 3), 1.0))


def test_half_of_the_requests_are_never_told_to_take_longer_than_nearly_all(measured: Measure) -> None:
    """As would be where one is a mean and the other a median: 2 and 1.1 of these."""
    summary = Summary([measured("a", 10.0, p50_ms=fast, p99_ms=1.1 * fast) for fast in (1.0, 1.0, 8.0)])
    cell = summary.cell("a", 32)
    assert cell is not None
    assert [cell.p50_ms, cell.p99_ms] == pytest.approx([2.0, 2.2])

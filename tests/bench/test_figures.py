"""Arithmetic on measured figures."""

import math

import pytest

from bench.figures import Estimate, percentile


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (75, 3.0), (99, 4.0), (100, 4.0), (1, 1.0)])
def test_a_percentile_is_one_of_the_figures(percent: float, expected: float) -> None:
    """The nearest rank: what was measured, nothing between."""
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == expected


def test_nothing_has_no_percentile() -> None:
    """No answer came, so no latency is claimed."""
    assert math.isnan(percentile([], 50))


def test_an_estimate_is_a_mean_that_a_few_bad_figures_do_not_move() -> None:
    """Of five, the lowest and the highest have no say; twice and half as much cancel."""
    found = Estimate.of([1000.0, 50.0, 200.0, 100.0, 3.0])
    assert found.value == pytest.approx(100)
    assert found.value == pytest.approx(Estimate.of([9.0, 50.0, 200.0, 100.0, 201.0]).value)


def test_its_error_shrinks_with_the_square_root_of_their_number() -> None:
    """As a part of it, whatever the unit."""
    few, many = Estimate.of([90.0, 110.0] * 5), Estimate.of([900.0, 1100.0] * 20)
    assert few.error == pytest.approx(2 * many.error, rel=0.1)
    assert Estimate.of([100.0] * 4).error == 0


def test_one_figure_says_nothing_of_its_error() -> None:
    """It may be anything."""
    assert Estimate.of([100.0]).error == math.inf


def test_a_ratio_has_the_errors_of_both_sides() -> None:
    """3 % and 4 % make 5 %."""
    ratio = Estimate(200.0, 0.03).over(Estimate(50.0, 0.04))
    assert (ratio.value, ratio.error) == pytest.approx((4.0, 0.05))

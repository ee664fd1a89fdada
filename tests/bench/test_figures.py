"""Arithmetic on measured figures."""

import math

import pytest

from bench.figures import paired_ratio, percentile, spread


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (75, 3.0), (99, 4.0), (100, 4.0), (1, 1.0)])
def test_a_percentile_is_one_of_the_figures(percent: float, expected: float) -> None:
    """The nearest rank: what was measured, nothing between."""
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == expected


def test_nothing_has_no_percentile() -> None:
    """No answer came, so no latency is claimed."""
    assert math.isnan(percentile([], 50))


def test_a_slow_round_leaves_the_ratio_alone() -> None:
    """Round 1 took everyone three times as long: within it the ratio is what it is elsewhere."""
    assert paired_ratio({0: 20.0, 1: 60.0, 2: 22.0}, {0: 10.0, 1: 30.0, 2: 11.0}) == 2.0


def test_a_ratio_needs_rounds_in_which_both_were_measured() -> None:
    """A system that took part in fewer rounds is compared in those; one that took part in none is not compared."""
    assert paired_ratio({0: 30.0, 1: 40.0}, {1: 10.0, 2: 99.0}) == 4.0
    assert math.isnan(paired_ratio({0: 30.0}, {1: 10.0}))


def test_spread_is_the_range_in_units_of_the_median() -> None:
    """From the lowest to the highest."""
    assert spread([9.0, 10.0, 12.0]) == pytest.approx(0.3)

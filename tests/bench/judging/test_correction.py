"""What a CPU time would have been had nobody disturbed the core."""

import pytest

from bench.judging.correction import corrected, fitted_exponent, fitted_exponents
from tests.bench.conftest import Measure


def test_where_the_yardstick_takes_twice_as_long_half_of_the_time_counts() -> None:
    """And all of it where the core is quiet."""
    assert corrected(90.0, yardstick_ns=700.0, quiet_ns=350.0) == 45.0
    assert corrected(90.0, yardstick_ns=350.0, quiet_ns=350.0) == 90.0


@pytest.mark.parametrize("exponent", [0.5, 1.0], ids=["half follows", "all follows"])
def test_a_run_tells_how_closely_its_costs_followed(measured: Measure, exponent: float) -> None:
    """Whatever each system costs on a quiet core."""
    measurements = [
        measured(system, cost * slowness**exponent, yardstick_ns=350.0 * slowness)
        for system, cost in (("a", 20.0), ("b", 700.0))
        for slowness in (1.0, 1.3, 2.1)
    ]
    slope = fitted_exponent(measurements)
    assert slope is not None
    assert (slope.exponent, slope.error) == pytest.approx((exponent, 0.0))


def test_each_system_has_a_slope_of_its_own(measured: Measure) -> None:
    """One that works in its registers follows less than one that follows pointers; one measurement tells nothing."""
    measurements = [
        measured(system, 20.0 * slowness**exponent, yardstick_ns=350.0 * slowness)
        for system, exponent in (("follows", 1.3), ("hardly follows", 0.2))
        for slowness in (1.0, 1.3, 2.1)
    ]
    found = fitted_exponents([*measurements, measured("once", 5.0)])
    assert {system: round(slope.exponent, 6) for system, slope in found.items()} == {
        "follows": 1.3,
        "hardly follows": 0.2,
    }


def test_a_slope_says_how_well_it_is_known(measured: Measure) -> None:
    """Costs that come and go for other reasons make it worse."""
    slow_for = [(1.0, 1.0), (1.5, 1.4), (1.2, 1.5), (2.0, 1.8), (1.1, 1.0)]
    slope = fitted_exponent([measured("a", 20.0 * cost, yardstick_ns=350.0 * slowness) for slowness, cost in slow_for])
    assert slope is not None
    assert 0.1 < slope.error < 1


def test_a_core_that_is_always_as_fast_tells_nothing(measured: Measure) -> None:
    """There is no exponent to be seen."""
    assert fitted_exponent([measured("a", 20.0), measured("a", 22.0)]) is None

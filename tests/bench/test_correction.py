"""What a CPU time would have been had nobody disturbed the core."""

import pytest

from bench.correction import corrected, fitted_exponent
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
    assert fitted_exponent(measurements) == pytest.approx(exponent)


def test_a_core_that_is_always_as_fast_tells_nothing(measured: Measure) -> None:
    """There is no exponent to be seen."""
    assert fitted_exponent([measured("a", 20.0), measured("a", 22.0)]) is None

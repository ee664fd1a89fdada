"""The yardstick."""

import os
import time

import pytest

from bench.measuring.yardstick import Readings, Yardstick


def test_it_is_read_as_long_as_the_block_lasts_and_not_after() -> None:
    """Beside everything else, on a thread of its own; the thread of the caller stays where it is."""
    before = os.sched_getaffinity(0)
    yardstick = Yardstick(min(before))
    with yardstick.beside() as readings:
        time.sleep(0.5)
    count = len(readings)
    time.sleep(0.2)
    assert 3 <= len(readings) == count
    assert os.sched_getaffinity(0) == before
    assert 10 < readings.mean_ns < 100_000


def test_a_short_block_has_a_reading_too() -> None:
    """A figure without one could not be corrected."""
    with Yardstick(min(os.sched_getaffinity(0))).beside() as readings:
        pass
    assert len(readings) == 1


def test_its_mean_is_geometric_and_its_cost_is_known() -> None:
    """Twice as slow and half as slow cancel. What it took of the core is not the work of others."""
    readings = Readings()
    for nanoseconds in (200.0, 800.0):
        readings.add(nanoseconds)
    assert readings.mean_ns == pytest.approx(400)
    assert readings.cpu_seconds == pytest.approx(1000 * 2_500 / 1e9)

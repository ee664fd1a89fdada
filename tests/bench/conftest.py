"""Made-up measurements."""

from collections.abc import Callable

import pytest

from bench.measuring.measurement import Measurement

Measure = Callable[..., Measurement]


@pytest.fixture
def measured() -> Measure:
    """Makes a measurement of a system, in which nothing went wrong unless it is said."""

    def make(system: str, cpu_us: float, *, concurrency: int = 32, turn: int = 0, **more: object) -> Measurement:
        figures = {
            "tokens": 1000,
            "tokens_per_second": 1e6 / cpu_us,
            "cpu_us_by_process": {"core": cpu_us / 2, "gateway": cpu_us / 2},
            "yardstick_ns": 350.0,
            "yardstick_readings": 16,
            "p50_ms": cpu_us / 10,
            "p99_ms": cpu_us / 5,
            "resident_mib": 100.0,
            "failures": 0,
            "stored": 1000,
            "missing": 0,
            "surplus": 0,
            "foreign_share": 0.0,
            "stolen_share": 0.0,
            "load_average": 0.0,
        }
        return Measurement(system=system, concurrency=concurrency, turn=turn, cpu_us=cpu_us, **(figures | more))  # type: ignore[arg-type]

    return make

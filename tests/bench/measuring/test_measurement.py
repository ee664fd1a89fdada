"""One measurement, of a real process under a real generator, and what is made of what it counts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.measuring.measurement import Measurement, MeasurementError, measure
from bench.measuring.yardstick import Yardstick
from bench.stages.stage import Stage
from bench.stages.workshop import Workshop
from tests.bench.small_system import SmallLoad, one_core, small_stage, small_system


@pytest.fixture(name="stage")
def _stage(tmp_path: Path) -> Iterator[Stage]:
    workshop = Workshop(one_core(), tmp_path)
    yield small_stage(workshop)
    workshop.stop()


def _measure(load: SmallLoad, stage: Stage, scratch: Path) -> Measurement:
    cores = one_core()
    return measure(
        small_system(load),
        stage,
        cores=cores,
        yardstick=Yardstick(cores.system),
        concurrency=8,
        seconds=0.1,
        patience_seconds=0,
        turn=3,
        scratch=scratch,
    )


@pytest.mark.parametrize("prompted", [False, True], ids=["a generator that begins at once", "one that waits"])
def test_a_measurement_tells_what_it_saw(stage: Stage, tmp_path: Path, *, prompted: bool) -> None:
    """The figures of the generator, the count of the book, the time of the processes, and the yardstick beside them."""
    found = _measure(SmallLoad(104, 100, prompted=prompted), stage, tmp_path)
    assert (found.tokens, found.stored, found.tokens_per_second, found.p50_ms) == (104, 104, 100.0, 2.0)
    assert (found.failures, found.missing, found.surplus, found.turn) == (0, 0, 0, 3)
    assert found.cpu_us == pytest.approx(sum(found.cpu_us_by_process.values()))
    assert found.cpu_us > 0
    assert found.yardstick_readings >= 1
    assert found.yardstick_ns > 0


def test_a_store_that_forgets_is_found_out(stage: Stage, tmp_path: Path) -> None:
    """As are failures, and tokens that are there and were never asked for."""
    forgetful = _measure(SmallLoad(60, 100, failures=2), stage, tmp_path)
    assert (forgetful.missing, forgetful.surplus, forgetful.failures) == (40, 0, 2)
    generous = _measure(SmallLoad(150, 100), stage, tmp_path)
    assert (generous.missing, generous.surplus) == (0, 42)


def test_no_answer_is_no_measurement(stage: Stage, tmp_path: Path) -> None:
    """A price of nothing would be infinite."""
    with pytest.raises(MeasurementError, match="nothing was answered"):
        _measure(SmallLoad(0, 0), stage, tmp_path)

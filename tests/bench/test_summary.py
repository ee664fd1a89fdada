"""Many measurements as few figures."""

import math
from collections.abc import Callable

from bench.measurement import Measurement
from bench.summary import Summary
from bench.systems.floors import HTTP_FLOOR, UNARY_FLOOR
from bench.systems.ours import HTTP_FORM
from bench.targets import verdicts

Measure = Callable[..., Measurement]


def test_a_cell_is_the_median_of_its_rounds_and_the_sum_of_its_failures(measured: Measure) -> None:
    """One bad round moves no median and is still seen."""
    summary = Summary(
        [
            measured("a", 10.0, turn=0),
            measured("a", 90.0, turn=1, failures=3, missing=2, foreign_share=0.4),
            measured("a", 12.0, turn=2),
        ]
    )
    cell = summary.cell("a", 32)
    assert cell is not None
    assert (cell.cpu_us, cell.failures, cell.missing, cell.foreign_share) == (12.0, 3, 2, 0.4)
    assert cell.cpu_us_by_process == {"core": 6.0, "gateway": 6.0}


def test_what_was_not_measured_has_no_figures(measured: Measure) -> None:
    """Not zero: none."""
    summary = Summary([measured("a", 10.0)])
    assert summary.cell("a", 128) is None
    assert math.isnan(summary.cpu_ratio("a", "b", 32))


def test_targets_are_met_missed_or_not_measured(measured: Measure) -> None:
    """A target that the run says nothing of counts as neither."""
    summary = Summary(
        [
            measured(HTTP_FLOOR, 30.0),
            measured(HTTP_FORM, 59.0),
            measured(HTTP_FORM, 600.0, concurrency=1),
            measured(UNARY_FLOOR, 400.0, concurrency=1),
        ]
    )
    found = {(verdict.promise, verdict.concurrency): verdict.met for verdict in verdicts(summary)}
    assert found["a token over HTTP costs at most, of the HTTP floor", 32] is True
    assert found["a token over HTTP costs at most, of the HTTP floor", 128] is None
    assert found["a lone request waits at most, of the unary echo", 1] is False

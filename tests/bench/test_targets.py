"""What Grantway promises of itself."""

import pytest

from bench.figures import Estimate
from bench.summary import Summary
from bench.systems.floors import UNARY_FLOOR
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR
from bench.targets import Standing, standing, verdicts
from tests.bench.conftest import Measure

_FLOOR_TARGET = "a token over HTTP costs at most, of the HTTP floor"


def _summary(measured: Measure) -> Summary:
    costs = {(HTTP_FLOOR, 32): 30.0, (HTTP_FORM, 32): 59.0, (HTTP_FORM, 1): 600.0, (UNARY_FLOOR, 1): 400.0}
    return Summary(
        [
            measured(system, cost, concurrency=concurrency, turn=turn)
            for (system, concurrency), cost in costs.items()
            for turn in range(3)
        ]
    )


def test_targets_are_met_missed_or_not_measured(measured: Measure) -> None:
    """A target that the run says nothing of counts as neither."""
    found = {(one.promise, one.concurrency): one.standing for one in verdicts(_summary(measured), judged=True)}
    assert found[_FLOOR_TARGET, 32] is Standing.MET
    assert found[_FLOOR_TARGET, 128] is Standing.NOT_MEASURED
    assert found["a lone request waits at most, of the unary echo", 1] is Standing.MISSED


def test_a_look_judges_nothing_and_still_tells_its_figures(measured: Measure) -> None:
    """Neither does a run on a machine that others disturbed."""
    found = verdicts(_summary(measured), judged=False)
    assert {one.standing for one in found} == {Standing.NOT_JUDGED, Standing.NOT_MEASURED}
    assert next(one.measured for one in found if one.concurrency == 32) == pytest.approx(59 / 30)


@pytest.mark.parametrize(
    ("figure", "at_least", "expected"),
    [
        pytest.param(Estimate(2.0, 0.01), False, Standing.MET, id="as much as is allowed"),
        pytest.param(Estimate(2.01, 0.01), False, Standing.MISSED, id="more than is allowed"),
        pytest.param(Estimate(2.01, 0.01), True, Standing.MET, id="more than is promised"),
        pytest.param(Estimate(1.99, 0.01), True, Standing.MISSED, id="less than is promised"),
        pytest.param(Estimate(1.8, 0.06), False, Standing.NOT_JUDGED, id="near, and not known well enough"),
        pytest.param(Estimate(1.0, 0.06), False, Standing.MET, id="far from the limit, and known well enough for that"),
        pytest.param(Estimate(1.0, float("inf")), False, Standing.NOT_JUDGED, id="measured once"),
        pytest.param(None, False, Standing.NOT_MEASURED, id="not measured"),
    ],
)
def test_a_promise_stands_by_its_figure(figure: Estimate | None, expected: Standing, *, at_least: bool) -> None:
    """The limit is 2."""
    assert standing(figure, 2.0, at_least=at_least, judged=True) is expected

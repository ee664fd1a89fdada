"""What Grantway promises of itself."""

import pytest

from bench.figures import Estimate
from bench.judging.summary import Summary
from bench.judging.targets import Standing, standing, verdicts
from bench.systems.floors import UNARY_FLOOR
from bench.systems.ours import HTTP_FORM, SDK_INTROSPECT
from bench.systems.system import HTTP_FLOOR
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


def test_a_target_that_only_the_corrected_figure_meets_says_so(measured: Measure) -> None:
    """The correction took out what slowed the core while Grantway was on it; the kernel counted more than the limit."""
    runs = [measured(HTTP_FLOOR, 50.0, turn=turn, yardstick_ns=350.0) for turn in range(20)]
    runs += [measured(HTTP_FORM, 120.0, turn=turn, yardstick_ns=700.0) for turn in range(6)]
    (found,) = (one for one in verdicts(Summary(runs), judged=True) if one.measured is not None)
    assert (found.standing, found.words) == (Standing.MET, "met, but not as seen")
    assert (found.measured, found.as_seen, found.error) == pytest.approx((1.2, 2.4, 0.0))


def test_what_a_check_costs_the_core_has_both_accounts_too(measured: Measure) -> None:
    """The core has half of the CPU time here."""
    runs = [measured(SDK_INTROSPECT, 42.0, turn=turn, yardstick_ns=420.0) for turn in range(3)]
    runs += [measured(HTTP_FLOOR, 50.0, turn=turn) for turn in range(3)]
    (found,) = (one for one in verdicts(Summary(runs), judged=True) if one.measured is not None)
    assert (found.measured, found.as_seen) == pytest.approx((17.5, 21.0))
    assert found.words == "met, but not as seen"

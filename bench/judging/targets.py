"""What Grantway promises of itself, beside what was measured."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bench.figures import Estimate
from bench.judging.summary import Summary
from bench.systems.floors import UNARY_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM, SDK_INTROSPECT
from bench.systems.python_peers import AUTHLIB, DJANGO_FAST
from bench.systems.system import HTTP_FLOOR

JUDGED_ERROR = 0.05
"""A figure whose standard error is a larger part of it is not held against a limit that is near."""
FAR_ERRORS = 3
"""A limit is far when it is more than so many standard errors away."""


class Standing(StrEnum):
    """How a promise stands."""

    MET = "met"
    MISSED = "missed"
    NOT_JUDGED = "not judged"
    NOT_MEASURED = "not measured"


MET_CORRECTED = f"{Standing.MET}, but not as seen"
"""What is said of a promise that the uncorrected figure would not keep."""


def told(standing: Standing, *, kept_as_seen: bool) -> str:
    """How a promise stands, and that the uncorrected figure would not do when it would not."""
    return MET_CORRECTED if standing is Standing.MET and not kept_as_seen else standing


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and how it stands.

    Attributes:
        promise: What is promised, in words.
        concurrency: Where.
        limit: The figure promised.
        at_least: Whether more is better.
        measured: The figure on a core that nobody disturbs, by which it is judged; None when the run does not tell.
        error: The standard error of it, as a part of it; None when the run does not tell.
        as_seen: The figure when nothing is corrected; None when the run does not tell.
        unit: What the figures are.
        standing: How it stands.
    """

    promise: str
    concurrency: int
    limit: float
    at_least: bool
    measured: float | None
    error: float | None
    as_seen: float | None
    unit: str
    standing: Standing

    @property
    def words(self) -> str:
        """How it stands, and that the uncorrected figure would not do when it would not."""
        kept = self.as_seen is None or _keeps(self.as_seen, self.limit, at_least=self.at_least)
        return told(self.standing, kept_as_seen=kept)


@dataclass(frozen=True, slots=True)
class BothAccounts:
    """What is measured of a target.

    Attributes:
        corrected: On a core that nobody disturbs.
        as_seen: Nothing corrected.
    """

    corrected: Estimate
    as_seen: float


FigureOf = Callable[[Summary, int], BothAccounts | None]


def _cpu_ratio(system: str, reference: str) -> FigureOf:
    def of(summary: Summary, concurrency: int) -> BothAccounts | None:
        corrected = summary.cpu_ratio(system, reference, concurrency)
        as_seen = summary.cpu_ratio_as_seen(system, reference, concurrency)
        return None if corrected is None or as_seen is None else BothAccounts(corrected, as_seen)

    return of


def _cost_of_peer(peer: str) -> FigureOf:
    return _cpu_ratio(peer, HTTP_FORM)


_over_http_floor = _cpu_ratio(HTTP_FORM, HTTP_FLOOR)


def _core_cpu_of_introspection(summary: Summary, concurrency: int) -> BothAccounts | None:
    cell = summary.cell(SDK_INTROSPECT, concurrency)
    if cell is None:
        return None
    core = cell.cpu_us_by_process["core"]
    return BothAccounts(Estimate(core, cell.cpu.error), core / cell.cpu_us * cell.cpu_us_measured)


def _lone_request(summary: Summary, concurrency: int) -> BothAccounts | None:
    corrected = summary.p50_ratio(HTTP_FORM, UNARY_FLOOR, concurrency)
    as_seen = summary.p50_ratio_as_seen(HTTP_FORM, UNARY_FLOOR, concurrency)
    return None if corrected is None or as_seen is None else BothAccounts(corrected, as_seen)


_TARGETS: tuple[tuple[str, int, float, bool, FigureOf, str], ...] = (
    ("a token over HTTP costs at most, of the HTTP floor", 32, 2.0, False, _over_http_floor, "x"),
    ("a token over HTTP costs at most, of the HTTP floor", 128, 1.5, False, _over_http_floor, "x"),
    ("node-oidc-provider, auto-pipelining, costs at least", 32, 1.2, True, _cost_of_peer(NODE_OIDC_PIPELINED), "x"),
    ("node-oidc-provider, auto-pipelining, costs at least", 128, 1.7, True, _cost_of_peer(NODE_OIDC_PIPELINED), "x"),
    ("Authlib costs at least", 32, 6, True, _cost_of_peer(AUTHLIB), "x"),
    ("Authlib costs at least", 128, 8, True, _cost_of_peer(AUTHLIB), "x"),
    ("django-oauth-toolkit, fast hash, costs at least", 32, 18, True, _cost_of_peer(DJANGO_FAST), "x"),
    ("django-oauth-toolkit, fast hash, costs at least", 128, 20, True, _cost_of_peer(DJANGO_FAST), "x"),
    ("a check by the SDK costs the core process alone at most", 32, 20, False, _core_cpu_of_introspection, "us"),
    ("a check by the SDK costs the core process alone at most", 128, 20, False, _core_cpu_of_introspection, "us"),
    ("a lone request waits at most, of the unary echo", 1, 1.2, False, _lone_request, "x"),
)
"""Promise, concurrency, limit, whether it is a lower limit, the measured figure, unit."""


def standing(figure: Estimate | None, limit: float, *, at_least: bool, judged: bool) -> Standing:
    """How a promise stands.

    Args:
        figure: What was measured; None when nothing was.
        limit: What is promised.
        at_least: Whether more is better.
        judged: Whether the run is one to judge by at all.
    """
    if figure is None:
        return Standing.NOT_MEASURED
    is_far = abs(math.log(figure.value / limit)) > FAR_ERRORS * figure.error
    if not judged or not (figure.error <= JUDGED_ERROR or is_far):
        return Standing.NOT_JUDGED
    return Standing.MET if _keeps(figure.value, limit, at_least=at_least) else Standing.MISSED


def _keeps(value: float, limit: float, *, at_least: bool) -> bool:
    return value >= limit if at_least else value <= limit


def verdicts(summary: Summary, *, judged: bool) -> list[Verdict]:
    """All targets; none is met or missed unless the run is one to be *judged* by."""
    found = []
    for promise, concurrency, limit, at_least, figure_of, unit in _TARGETS:
        figure = figure_of(summary, concurrency)
        estimate = figure.corrected if figure else None
        found.append(
            Verdict(
                promise=promise,
                concurrency=concurrency,
                limit=limit,
                at_least=at_least,
                measured=estimate.value if estimate else None,
                error=estimate.error if estimate and math.isfinite(estimate.error) else None,
                as_seen=figure.as_seen if figure else None,
                unit=unit,
                standing=standing(estimate, limit, at_least=at_least, judged=judged),
            )
        )
    return found

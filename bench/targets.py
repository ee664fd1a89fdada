"""What Grantway promises of itself, beside what was measured."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bench.figures import Estimate
from bench.summary import Summary
from bench.systems.floors import UNARY_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM, SDK_INTROSPECT
from bench.systems.python_peers import AUTHLIB, DJANGO_FAST
from bench.systems.system import HTTP_FLOOR

_JUDGED_ERROR = 0.05
"""A figure whose standard error is a larger part of it is not held against a limit that is near."""
_FAR_ERRORS = 3
"""A limit is far when it is more than so many standard errors away."""


class Standing(StrEnum):
    """How a promise stands."""

    MET = "met"
    MISSED = "missed"
    NOT_JUDGED = "not judged"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and how it stands.

    Attributes:
        promise: What is promised, in words.
        concurrency: Where.
        limit: The figure promised.
        at_least: Whether more is better.
        measured: The figure measured; None when the run does not tell.
        unit: What the figures are.
        standing: How it stands.
    """

    promise: str
    concurrency: int
    limit: float
    at_least: bool
    measured: float | None
    unit: str
    standing: Standing


Figure = Callable[[Summary, int], Estimate | None]
"""What is measured of a target; the error of what has none of its own is 0."""


def _cost_of_peer(peer: str) -> Figure:
    return lambda summary, concurrency: summary.cpu_ratio(peer, HTTP_FORM, concurrency)


def _core_cpu_of_introspection(summary: Summary, concurrency: int) -> Estimate | None:
    cell = summary.cell(SDK_INTROSPECT, concurrency)
    return Estimate(cell.cpu_us_by_process["core"], cell.cpu.error) if cell else None


def _over_http_floor(summary: Summary, concurrency: int) -> Estimate | None:
    return summary.cpu_ratio(HTTP_FORM, HTTP_FLOOR, concurrency)


def _lone_request(summary: Summary, concurrency: int) -> Estimate | None:
    return summary.p50_ratio(HTTP_FORM, UNARY_FLOOR, concurrency)


_TARGETS: tuple[tuple[str, int, float, bool, Figure, str], ...] = (
    ("a token over HTTP costs at most, of the HTTP floor", 32, 2.0, False, _over_http_floor, "x"),
    ("a token over HTTP costs at most, of the HTTP floor", 128, 1.5, False, _over_http_floor, "x"),
    ("node-oidc-provider, auto-pipelining, costs at least", 32, 1.2, True, _cost_of_peer(NODE_OIDC_PIPELINED), "x"),
    ("node-oidc-provider, auto-pipelining, costs at least", 128, 1.7, True, _cost_of_peer(NODE_OIDC_PIPELINED), "x"),
    ("Authlib costs at least", 32, 6, True, _cost_of_peer(AUTHLIB), "x"),
    ("Authlib costs at least", 128, 8, True, _cost_of_peer(AUTHLIB), "x"),
    ("django-oauth-toolkit, fast hash, costs at least", 32, 18, True, _cost_of_peer(DJANGO_FAST), "x"),
    ("django-oauth-toolkit, fast hash, costs at least", 128, 20, True, _cost_of_peer(DJANGO_FAST), "x"),
    ("a check by the SDK costs the core at most", 32, 20, False, _core_cpu_of_introspection, "us"),
    ("a check by the SDK costs the core at most", 128, 20, False, _core_cpu_of_introspection, "us"),
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
    is_far = abs(math.log(figure.value / limit)) > _FAR_ERRORS * figure.error
    if not judged or not (figure.error <= _JUDGED_ERROR or is_far):
        return Standing.NOT_JUDGED
    kept = figure.value >= limit if at_least else figure.value <= limit
    return Standing.MET if kept else Standing.MISSED


def verdicts(summary: Summary, *, judged: bool) -> list[Verdict]:
    """All targets; none is met or missed unless the run is one to be *judged* by."""
    found = []
    for promise, concurrency, limit, at_least, figure_of, unit in _TARGETS:
        figure = figure_of(summary, concurrency)
        measured = figure.value if figure else None
        stands = standing(figure, limit, at_least=at_least, judged=judged)
        found.append(Verdict(promise, concurrency, limit, at_least, measured, unit, stands))
    return found

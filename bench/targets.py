"""What Grantway promises of itself, beside what was measured."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bench.summary import Summary
from bench.systems.floors import HTTP_FLOOR, UNARY_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM, SDK_INTROSPECT
from bench.systems.python_peers import AUTHLIB, DJANGO_FAST


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
    """

    promise: str
    concurrency: int
    limit: float
    at_least: bool
    measured: float | None
    unit: str

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None when the run does not tell."""
        if self.measured is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def _cost_of_peer(peer: str) -> Callable[[Summary, int], float]:
    return lambda summary, concurrency: summary.cpu_ratio(peer, HTTP_FORM, concurrency)


def _core_cpu_of_introspection(summary: Summary, concurrency: int) -> float:
    cell = summary.cell(SDK_INTROSPECT, concurrency)
    return cell.cpu_us_by_process["core"] if cell else math.nan


def _over_http_floor(summary: Summary, concurrency: int) -> float:
    return summary.cpu_ratio(HTTP_FORM, HTTP_FLOOR, concurrency)


def _lone_request(summary: Summary, concurrency: int) -> float:
    return summary.p50_ratio(HTTP_FORM, UNARY_FLOOR, concurrency)


_TARGETS: tuple[tuple[str, int, float, bool, Callable[[Summary, int], float], str], ...] = (
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


def verdicts(summary: Summary) -> list[Verdict]:
    """All targets."""
    found = []
    for promise, concurrency, limit, at_least, figure, unit in _TARGETS:
        measured = figure(summary, concurrency)
        found.append(Verdict(promise, concurrency, limit, at_least, None if math.isnan(measured) else measured, unit))
    return found

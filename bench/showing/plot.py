"""Draws `docs/performance.svg`: what a token costs, by how many are wanted at the same moment."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bench.systems.floors import UNARY_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.python_peers import AUTHLIB, DJANGO_FAST
from bench.systems.system import HTTP_FLOOR

_WIDTH, _HEIGHT = 940, 500
_MARGIN = 20
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 630, 84, 420
_INSET_LEFT, _INSET_RIGHT = 60, 20
_LABEL_X, _LABEL_GAP = 644, 17
_COST_GAP = 13
"""Between two costs that are written one above the other."""
_TOLD_APART = 19
"""So far from all others a point has a cost of its own beside it."""
_STYLE = """
text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; font-size: 13px; fill: #444 }
.title { font-size: 20px; font-weight: 600; fill: #111 }
.tick { font-size: 12px; fill: #666 }
.note { font-size: 11px; fill: #777 }
.cost { font-size: 11px }
.ours { font-weight: 700 }
.grid { stroke: #e3e3e3 }
polyline { fill: none }
""".strip()
_LEAST, _MOST = 20, 4000
_TICKS = (20, 50, 100, 200, 500, 1000, 2000)

_LINES: tuple[tuple[str, str, str, float, str], ...] = (
    (DJANGO_FAST, "django-oauth-toolkit, fast hash", "#8c6d31", 1.5, ""),
    (AUTHLIB, "Authlib, Flask", "#bd6b1f", 1.5, ""),
    ("node-oauth2-server", "@node-oauth/oauth2-server", "#7a7a2e", 1.5, ""),
    ("node-oidc-provider", "node-oidc-provider", "#9d4edd", 1.5, ""),
    (NODE_OIDC_PIPELINED, "node-oidc-provider, auto-pipelining", "#5a189a", 1.5, ""),
    (UNARY_FLOOR, "floor: HTTP + unary gRPC echo", "#888", 1.5, "2 4"),
    (HTTP_FLOOR, "floor: HTTP only", "#888", 1.5, "6 4"),
    (HTTP_FORM, "Grantway", "#0a7d4f", 3.5, ""),
)
"""System, label, colour, width, dashes. The last is on top."""


@dataclass(frozen=True, slots=True)
class Line:
    """A system in the drawing.

    Attributes:
        words: What it is called.
        colour: Its colour.
        costs: Microseconds, by concurrency.
        bold: Whether it is the one that all is about.
    """

    words: str
    colour: str
    costs: Mapping[int, float]
    bold: bool

    def text(self, x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
        """Something in its colour."""
        classes = " ".join(filter(None, (kind, "ours" if self.bold else "")))
        named = f' class="{classes}"' if classes else ""
        return _text(x, y, words, f'style="fill: {self.colour}" text-anchor="{anchor}"{named}')


def spread_out(ends: Sequence[float], gap: float) -> list[float]:
    """Places near the sorted *ends* that are at least *gap* apart: each pushes the next one on, then all settle."""
    places: list[float] = []
    for end in ends:
        places.append(max(end, places[-1] + gap) if places else end)
    for _ in places:
        for index, end in enumerate(ends):
            low = places[index - 1] + gap if index else -math.inf
            high = places[index + 1] - gap if index + 1 < len(places) else math.inf
            places[index] = min(max(end, low), high)
    return places


def told_apart(places: Sequence[float], gap: float) -> list[bool]:
    """Which of the *places* are at least *gap* away from all others."""
    return [
        all(abs(place - other) >= gap for position, other in enumerate(places) if position != index)
        for index, place in enumerate(places)
    ]


def _y(microseconds: float) -> float:
    part = math.log(microseconds / _LEAST) / math.log(_MOST / _LEAST)
    return _BOTTOM - part * (_BOTTOM - _TOP)


def _xs(concurrencies: Sequence[int]) -> dict[int, float]:
    step = (_RIGHT - _LEFT - _INSET_LEFT - _INSET_RIGHT) / max(1, len(concurrencies) - 1)
    return {concurrency: _LEFT + _INSET_LEFT + index * step for index, concurrency in enumerate(concurrencies)}


def _text(x: float, y: float, words: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(words)}</text>'


def _frame(xs: Mapping[int, float]) -> Iterator[str]:
    for tick in _TICKS:
        y = _y(tick)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_RIGHT}" y2="{y:.1f}"/>'
        yield _text(_LEFT - 8, y + 4, f"{tick:,}", 'class="tick" text-anchor="end"')
    for concurrency, x in xs.items():
        yield _text(x, _BOTTOM + 20, str(concurrency), 'class="tick" text-anchor="middle"')
    yield _text((_LEFT + _RIGHT) / 2, _BOTTOM + 40, "requests under way at any moment", 'text-anchor="middle"')


def _path(points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str) -> Iterator[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield f'<polyline points="{path}" stroke="{colour}" stroke-width="{width}"{dashed}/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width + 1}" fill="{colour}"/>'


def _names(lines: Sequence[Line]) -> Iterator[str]:
    """At the right, each beside the end of its line, with the cost there."""
    ends = sorted(((_y(line.costs[max(line.costs)]), line) for line in lines), key=lambda end: end[0])
    for (_, line), y in zip(ends, spread_out([y for y, _ in ends], _LABEL_GAP), strict=True):
        yield line.text(_LABEL_X, y + 4, f"{line.words}: {line.costs[max(line.costs)]:,.0f}")


def _costs(lines: Sequence[Line], xs: Mapping[int, float]) -> Iterator[str]:
    """At the left all of them, one above the other; between the ends where the lines can be told apart."""
    first, *between = list(xs)[:-1] or [max(xs)]
    starts = sorted(((_y(line.costs[first]), line) for line in lines if first in line.costs), key=lambda one: one[0])
    if len(xs) > 1:
        for (_, line), y in zip(starts, spread_out([y for y, _ in starts], _COST_GAP), strict=True):
            yield line.text(xs[first] - 10, y + 4, f"{line.costs[first]:,.0f}", anchor="end", kind="cost")
    for concurrency in between:
        here = [line for line in lines if concurrency in line.costs]
        places = [_y(line.costs[concurrency]) for line in here]
        for line, y, alone in zip(here, places, told_apart(places, _TOLD_APART), strict=True):
            if alone:
                yield line.text(xs[concurrency], y - 8, f"{line.costs[concurrency]:,.0f}", anchor="middle", kind="cost")


def performance(costs: Mapping[str, Mapping[int, float]], note: str) -> str:
    """The drawing.

    Args:
        costs: Microseconds of CPU per token, by system and concurrency.
        note: What was measured, in one line.
    """
    xs = _xs(sorted({concurrency for by_concurrency in costs.values() for concurrency in by_concurrency}))
    paths: list[str] = []
    lines: list[Line] = []
    for system, words, colour, width, dashes in _LINES:
        by_concurrency = costs.get(system)
        if not by_concurrency:
            continue
        points = [(xs[concurrency], _y(cost)) for concurrency, cost in sorted(by_concurrency.items())]
        paths += _path(points, colour, width, dashes)
        lines.append(Line(words, colour, by_concurrency, system == HTTP_FORM))
    shapes = [
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(_MARGIN, 32, "What an access token costs, in microseconds of CPU", 'class="title"'),
        _text(_MARGIN, 54, "All processes and the store on one core, the load on another. Log scale, lower is better."),
        *_frame(xs),
        *paths,
        *_names(lines),
        *_costs(lines, xs),
        _text(_MARGIN, _HEIGHT - 14, note, 'class="note"'),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
    alternative = "<title>CPU time per access token, by requests under way at any moment</title>"
    return "\n".join([head, alternative, f"<style>{_STYLE}</style>", *shapes, "</svg>", ""])

"""Draws `docs/performance.svg`: what a token costs, by how many are wanted at the same moment."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bench.systems.floors import HTTP_FLOOR, UNARY_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.python_peers import AUTHLIB, DJANGO_FAST

_WIDTH, _HEIGHT = 900, 500
_MARGIN = 20
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 590, 84, 420
_INSET = 20
_LABEL_X, _LABEL_GAP = 604, 17
_STYLE = """
text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; font-size: 13px; fill: #444 }
.title { font-size: 20px; font-weight: 600; fill: #111 }
.tick { font-size: 12px; fill: #666 }
.note { font-size: 11px; fill: #777 }
.ours { font-weight: 700 }
.grid { stroke: #e3e3e3 }
polyline { fill: none }
""".strip()
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
class Label:
    """Words at the end of a line.

    Attributes:
        y: Where the line ends.
        text: The words.
        colour: The line's.
        bold: Whether they are.
    """

    y: float
    text: str
    colour: str
    bold: bool


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


def _y(microseconds: float) -> float:
    part = math.log(microseconds / _TICKS[0]) / math.log(_TICKS[-1] / _TICKS[0])
    return _BOTTOM - part * (_BOTTOM - _TOP)


def _xs(concurrencies: Sequence[int]) -> dict[int, float]:
    step = (_RIGHT - _LEFT - 2 * _INSET) / max(1, len(concurrencies) - 1)
    return {concurrency: _LEFT + _INSET + index * step for index, concurrency in enumerate(concurrencies)}


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


def _line(points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str) -> Iterator[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield f'<polyline points="{path}" stroke="{colour}" stroke-width="{width}"{dashed}/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width + 1}" fill="{colour}"/>'


def _labels(labels: Sequence[Label]) -> Iterator[str]:
    ordered = sorted(labels, key=lambda label: label.y)
    for label, y in zip(ordered, spread_out([label.y for label in ordered], _LABEL_GAP), strict=True):
        weight = ' class="ours"' if label.bold else ""
        yield _text(_LABEL_X, y + 4, label.text, f'style="fill: {label.colour}"{weight}')


def performance(costs: Mapping[str, Mapping[int, float]], note: str) -> str:
    """The drawing.

    Args:
        costs: Microseconds of CPU per token, by system and concurrency.
        note: What was measured, in one line.
    """
    xs = _xs(sorted({concurrency for by_concurrency in costs.values() for concurrency in by_concurrency}))
    lines: list[str] = []
    labels: list[Label] = []
    for system, words, colour, width, dashes in _LINES:
        by_concurrency = costs.get(system)
        if not by_concurrency:
            continue
        points = [(xs[concurrency], _y(cost)) for concurrency, cost in sorted(by_concurrency.items())]
        lines += _line(points, colour, width, dashes)
        cost = by_concurrency[max(by_concurrency)]
        labels.append(Label(points[-1][1], f"{words}: {cost:,.0f}", colour, system == HTTP_FORM))
    shapes = [
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(_MARGIN, 32, "What an access token costs, in microseconds of CPU", 'class="title"'),
        _text(_MARGIN, 54, "All processes and the store on one core, the load on another. Log scale, lower is better."),
        *_frame(xs),
        *lines,
        *_labels(labels),
        _text(_MARGIN, _HEIGHT - 14, note, 'class="note"'),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
    alternative = "<title>CPU time per access token, by requests under way at any moment</title>"
    return "\n".join([head, alternative, f"<style>{_STYLE}</style>", *shapes, "</svg>", ""])

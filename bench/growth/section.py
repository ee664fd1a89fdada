"""What the documentation says of growth: a part of docs/performance.md, and a shorter one of README.md."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.growth.findings import BYTES_PER_TOKEN, DEARER_WITH_TWO, FLAT_MIB, GrowthFindings
from bench.growth.flatness import FLAT_WITHIN
from bench.growth.tables import tables
from bench.judging.targets import MET_CORRECTED, Standing
from bench.showing.markdown import table
from bench.showing.table import ratio_text
from bench.showing.written_part import GROWTH
from bench.stages.processes import ROOT

_PAGE = ROOT / "docs" / "performance.md"
_README = ROOT / "README.md"

_FIRST_TOKENS = """\
*issue* and *check* are of a core that has served all clients before, which is how one runs. *issue, first* is the first
token of each client after a start of the core, which reads the client from the store; no target is about it. CPU us is
corrected as above; *as seen* is not. Both are of all lives together; *x fewest* is taken within the life of each core
and gateway, and ± is by how much the lives differ. Processes go on from one measurement to the next, so figures compare
within a table only."""


def lines(findings: GrowthFindings, environment: Mapping[str, Any]) -> list[str]:
    """The part, without its markers."""
    text = [
        "## What growth costs",
        "",
        f"Written by `make bench GROWTH=1`, {environment['date'][:10]}, commit {environment['commit']}.",
        *_FIRST_TOKENS.splitlines(),
        "",
        findings.scales.noise,
    ]
    for one in tables(findings):
        text += ["", f"### {one.title}", "", *table(one.headings, one.rows)]
    return text


def short_lines(findings: GrowthFindings, environment: Mapping[str, Any]) -> list[str]:
    """README's part: which promises of growth are missed, not known well enough to say, or kept in one account only."""
    open_ones: dict[str, dict[str, list[str]]] = {Standing.MISSED: {}, Standing.NOT_JUDGED: {}, MET_CORRECTED: {}}
    for what, figure, stands in _promises(findings):
        if stands in open_ones:
            open_ones[stands].setdefault(what, []).append(figure)
    return [
        f"Commit {environment['commit']}, {environment['date'][:10]}. Beside however many tokens or clients, a request",
        f"may cost {1 + FLAT_WITHIN:g} times what it costs beside the fewest.",
        "",
        *(
            f"- Growth targets {stands}: "
            + ("; ".join(f"{what} ({', '.join(figures)})" for what, figures in several.items()) or "none")
            + "."
            for stands, several in open_ones.items()
        ),
    ]


def _promises(findings: GrowthFindings) -> Iterator[tuple[str, str, str | None]]:
    """What is promised, the figure, and how it stands."""
    for one in findings.scales.growth:
        what = f"{one.request} beside {one.size:,} {one.what}"
        yield what, f"{ratio_text(one.ratio)} x at {one.concurrency}", one.words
    for cost in findings.layout_costs():
        if cost.ratio is not None:
            what = f"a token with {cost.layout.count} cores and gateways, at most {DEARER_WITH_TWO} x"
            yield what, f"{ratio_text(cost.ratio.value)} x", cost.words
    token = findings.token_memory()
    yield f"memory of a live token, at most {BYTES_PER_TOKEN} bytes", f"{token.bytes_per_token:.0f}", token.standing
    for process in findings.process_memory():
        what = f"memory of the {process.process}, at most +{FLAT_MIB:g} MiB"
        yield what, f"{process.growth:+.1f}", process.standing


def write(findings: GrowthFindings, environment: Mapping[str, Any]) -> None:
    """Writes both parts, that of the page at its end when it has none yet."""
    page, part = _PAGE.read_text(), lines(findings, environment)
    has_one = bool(GROWTH.of(page))
    _PAGE.write_text(GROWTH.renewed(page, part) if has_one else f"{page}\n{GROWTH.around(part)}\n")
    _README.write_text(GROWTH.renewed(_README.read_text(), short_lines(findings, environment)))

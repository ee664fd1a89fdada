"""The part of docs/performance.md that says what growth costs."""

from collections.abc import Mapping
from typing import Any

from bench.growth.findings import GrowthFindings
from bench.growth.tables import tables
from bench.showing.markdown import table
from bench.showing.written_part import GROWTH
from bench.stages.processes import ROOT

_PAGE = ROOT / "docs" / "performance.md"

_FIRST_TOKENS = """\
*issue* and *check* are of a core that has served all clients before, which is how one runs. *issue, first* is the first
token of each client after a start of the core, which reads the client from the store; no target is about it. CPU us is
corrected as above; *as seen* is not."""


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


def write(findings: GrowthFindings, environment: Mapping[str, Any]) -> None:
    """Writes the part, at the end of the page when it has none yet."""
    page, part = _PAGE.read_text(), lines(findings, environment)
    has_one = bool(GROWTH.of(page))
    _PAGE.write_text(GROWTH.renewed(page, part) if has_one else f"{page}\n{GROWTH.around(part)}\n")

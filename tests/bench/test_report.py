"""What the documentation shows of a run."""

import json
from pathlib import Path

from bench import report
from bench.cores import Cores
from bench.interleaved import Findings
from bench.plan import Plan
from bench.processes import ROOT
from bench.results import document
from bench.systems.catalogue import SYSTEMS
from bench.systems.floors import HTTP_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from tests.bench.conftest import Measure


def _results(measured: Measure) -> report.Results:
    alone = {HTTP_FLOOR: 50, HTTP_FORM: 100, NODE_OIDC_PIPELINED: 50}
    together = {HTTP_FLOOR: 50, HTTP_FORM: 100, NODE_OIDC_PIPELINED: 150}
    findings = Findings(
        [
            measured(system, cost, concurrency=concurrency)
            for concurrency, costs in ((1, alone), (32, together))
            for system, cost in costs.items()
        ]
    )
    plan = Plan([system for system in SYSTEMS if system.name in alone], concurrencies=(1, 32))
    content: report.Results = json.loads(json.dumps(document(findings, plan, Cores(system=1, load=0), whole=True)))
    return content


def test_the_short_table_sets_peers_beside_grantway(measured: Measure) -> None:
    """The cost at each concurrency, the ratio at the highest, and how long a lone request takes."""
    assert [
        "| CPU us per token | 1 at once | 32 at once | x Grantway at 32 | median ms, alone |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| **Grantway** | 100 | 100 | 1.00 | 10.00 |",
        "| node-oidc-provider, auto-pipelining | 50 | 150 | 1.50 | 5.00 |",
        "",
        "Ratios are medians of the ratios within each round, so they need not be those of the medians beside them.",
        "Less CPU than Grantway: node-oidc-provider with auto-pipelining (at 1).",
        "Less time at the median: node-oidc-provider with auto-pipelining (at 1).",
        "Less memory: none.",
    ] == report.short_table(_results(measured))


def test_the_page_says_where_peers_win(measured: Measure) -> None:
    """As plainly as where they do not."""
    page = report.page(_results(measured))

    assert "- c=1: node-oidc-provider, auto-pipelining: CPU per token 50 us, Grantway 100" in page.splitlines()
    assert "| a token over HTTP costs at most, of the HTTP floor | 32 | 2 x | 2.00 x | met |" in page.splitlines()


def test_only_what_is_between_the_markers_is_written_anew(measured: Measure) -> None:
    """README.md stays as it is around them, and a second time changes nothing."""
    begin, end = report.MARKERS
    once = report.with_short_table(f"before\n{begin}\nold\n{end}\nafter\n", _results(measured))

    assert (f"before\n{begin}\n\n| CPU", f".\n\n{end}\nafter\n") == (once[: len(begin) + 14], once[-len(end) - 10 :])
    assert once == report.with_short_table(once, _results(measured))


def test_readme_and_the_page_show_the_same_run() -> None:
    """Both are written at once; neither is edited by hand."""
    begin, end = report.MARKERS
    readme = (ROOT / "README.md").read_text()
    table = readme.partition(begin)[2].partition(end)[0].strip()

    assert table
    assert table in (ROOT / "docs" / "performance.md").read_text()


def test_the_plot_of_readme_is_there() -> None:
    """README shows the drawing that the same run made."""
    assert "docs/performance.svg" in Path(ROOT / "README.md").read_text()
    assert (ROOT / "docs" / "performance.svg").read_text().startswith("<svg")

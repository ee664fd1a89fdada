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
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR
from tests.bench.conftest import Measure


def _results(measured: Measure) -> report.Results:
    alone = {HTTP_FLOOR: 50, HTTP_FORM: 100, NODE_OIDC_PIPELINED: 50}
    together = {HTTP_FLOOR: 50, HTTP_FORM: 100, NODE_OIDC_PIPELINED: 150}
    findings = Findings(
        [
            measured(system, cost, concurrency=concurrency, turn=turn)
            for turn in range(2)
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
        "Less CPU than Grantway: node-oidc-provider with auto-pipelining (at 1).",
        "Less time at the median: node-oidc-provider with auto-pipelining (at 1).",
        "Less memory: none.",
    ] == report.short_table(_results(measured))


def test_the_page_says_how_its_figures_were_corrected(measured: Measure) -> None:
    """By how much, with which exponent, and what was seen before that."""
    results = dict(_results(measured))
    results["yardstick"] = {"quiet_ns": 350.0, "exponent": 1.0, "fitted_exponent": 0.93}
    page = " ".join(report.page(results).split())

    assert "CPU us is corrected: the same fixed work is timed on a system's core" in page
    assert "(an exponent of 1; the CPU times of this run followed it with an exponent of 0.93)" in page
    assert "1.00 to 1.00 times slower than at its best" in page
    assert "| Grantway, HTTP form | 2 | 10,000 | 100.0 | 100.0 | 0.0% | 2.00 | 1.00 |" in page


def test_the_page_says_where_peers_win(measured: Measure) -> None:
    """As plainly as where they do not."""
    page = report.page(_results(measured))

    assert "- c=1: node-oidc-provider, auto-pipelining: CPU per token 50 us, Grantway 100" in page.splitlines()
    assert "| node-oidc-provider, auto-pipelining, costs at least | 32 | 1.2 x | 1.50 x | met |" in page.splitlines()


def test_only_what_is_between_the_markers_is_written_anew(measured: Measure) -> None:
    """README.md stays as it is around them, and a second time changes nothing."""
    begin, end = report.SHORT_TABLE.begin, report.SHORT_TABLE.end
    table = report.short_table(_results(measured))
    once = report.SHORT_TABLE.renewed(f"before\n{begin}\nold\n{end}\nafter\n", table)

    assert (f"before\n{begin}\n\n| CPU", f".\n\n{end}\nafter\n") == (once[: len(begin) + 14], once[-len(end) - 10 :])
    assert once == report.SHORT_TABLE.renewed(once, table)


def test_readme_and_the_page_show_the_same_run() -> None:
    """Both are written at once; neither is edited by hand."""
    part = report.SHORT_TABLE
    readme = (ROOT / "README.md").read_text()
    table = part.of(readme).removeprefix(part.begin).removesuffix(part.end).strip()

    assert table
    assert table in (ROOT / "docs" / "performance.md").read_text()


def test_the_plot_of_readme_is_there() -> None:
    """README shows the drawing that the same run made."""
    assert "docs/performance.svg" in Path(ROOT / "README.md").read_text()
    assert (ROOT / "docs" / "performance.svg").read_text().startswith("<svg")

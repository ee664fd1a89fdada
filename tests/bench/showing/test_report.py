"""What the documentation shows of a run."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.measuring.revision import Revision
from bench.results import document, whole_run
from bench.running.findings import Findings
from bench.running.plan import Plan
from bench.showing import report
from bench.showing.short_table import short_table
from bench.showing.shown import Results
from bench.stages.cores import Cores
from bench.stages.processes import ROOT
from bench.systems.catalogue import SYSTEMS
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR
from tests.bench.conftest import Measure

_MEASURED = Revision("1234567", uncommitted_changes=False)


def _results(
    measured: Measure,
    *,
    ours: float = 100.0,
    ours_slow_for: float = 1.0,
    theirs: float = 150.0,
    systems: Sequence[str] = (HTTP_FLOOR, HTTP_FORM, NODE_OIDC_PIPELINED),
) -> Results:
    """Of the floor, Grantway and one peer, which is cheaper alone and *theirs* at 32."""
    alone = {HTTP_FLOOR: 50.0, HTTP_FORM: 100.0, NODE_OIDC_PIPELINED: 50.0}
    together = {HTTP_FLOOR: 50.0, HTTP_FORM: ours, NODE_OIDC_PIPELINED: theirs}
    slow = {HTTP_FORM: ours_slow_for}
    findings = Findings(
        [
            measured(
                system,
                costs[system],
                concurrency=concurrency,
                turn=turn,
                yardstick_ns=350.0 * (slow.get(system, 1.0) if concurrency == 32 else 1.0),
            )
            for turn in range(3)
            for concurrency, costs in ((1, alone), (32, together))
            for system in systems
        ]
    )
    plan = Plan([system for system in SYSTEMS if system.name in systems], concurrencies=(1, 32))
    told = document(findings, plan, Cores(system=1, load=0), _MEASURED, whole=True)
    content: Results = json.loads(json.dumps(told))
    return content


def test_the_short_table_sets_the_floor_and_peers_beside_grantway(measured: Measure) -> None:
    """The cost at each concurrency, the ratio at the highest, how long a lone request takes, and what was measured."""
    results = _results(measured)

    assert [
        (
            "| CPU us per token | 1 at once | 32 at once | x Grantway at 1 | x at 32 | x at 32 as seen "
            "| median ms, alone |"
        ),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| **Grantway** | 100 | 100 | 1.00 | 1.00 | 1.00 | 10.00 |",
        "| Floor: HTTP only | 50 | 50 | 0.50 | 0.50 | 0.50 | 5.00 |",
        "| node-oidc-provider, auto-pipelining | 50 | 150 | 0.50 | 1.50 | 1.50 | 5.00 |",
        "",
        f"Commit {results['commit']}, {results['date'][:10]}, {results['machine']['cpu']}.",
        "CPU, and the median of a lone request, are corrected for what else the machine did; all else is as seen.",
        "6 of 6 ratios are known to 2.5%, the worst to 0.0% (standard errors).",
        "",
        "- Less CPU than Grantway: node-oidc-provider, auto-pipelining (0.50 x at 1).",
        "- Less time at the median: node-oidc-provider, auto-pipelining (0.50 x at 1).",
        "- Less time at the slowest hundredth: node-oidc-provider, auto-pipelining (0.50 x at 1).",
        "- Less memory: none.",
    ] == short_table(results)[:14]


def test_the_short_table_names_the_targets_that_are_not_simply_met(measured: Measure) -> None:
    """And the systems that were not measured: whoever reads no further has not read that all is well."""
    *_, missing, met, missed, unknown = short_table(_results(measured, ours=110.0))
    assert missing.startswith("- Not measured: Floor: HTTP + unary gRPC echo; ")
    assert missing.endswith("; django-oauth-toolkit, fast hash; django-oauth-toolkit, default hash.")
    assert met == "- Targets met: 1 of 11."
    assert (
        missed
        == "- Targets missed: a token over HTTP costs at most, of the HTTP floor: 2 x at 32 (2.20, as seen 2.20)."
    )
    assert unknown.startswith(
        "- Targets not measured: a token over HTTP costs at most, of the HTTP floor: 1.5 x at 128; "
    )


def test_the_short_table_says_when_a_lead_or_a_target_is_of_one_account_only(measured: Measure) -> None:
    """What was measured beside Grantway on a slow core costs less when that is taken out, and the other way round."""
    lines = short_table(_results(measured, ours=130.0, ours_slow_for=1.4, theirs=120.0))
    assert (
        "- Less CPU than Grantway: node-oidc-provider, auto-pipelining (0.50 x at 1, 0.92 x at 32 as seen only)."
        in lines
    )
    assert (
        "- Targets met, but not as seen: a token over HTTP costs at most, of the HTTP floor: 2 x at 32 "
        "(1.86, as seen 2.60); node-oidc-provider, auto-pipelining, costs at least: 1.2 x at 32 (1.29, as seen 0.92)."
    ) in lines


def test_without_a_peer_nobody_is_beaten(measured: Measure) -> None:
    """Neither in README nor on the page."""
    results = _results(measured, systems=[HTTP_FLOOR, HTTP_FORM])
    page = report.page(results).splitlines()
    assert page.count("- Nobody knows: no peer was measured beside it.") == 1
    assert page[page.index("## Where peers are ahead") + 2] == "Nobody knows: no peer was measured beside it."
    assert not any(line.startswith("- Less") for line in page)


def test_the_page_says_how_its_figures_were_corrected(measured: Measure) -> None:
    """By how much, with which exponent, and what was seen before that."""
    results = dict(_results(measured))
    results["yardstick"] = {
        "quiet_ns": 350.0,
        "exponent": 1.0,
        "fitted": {"exponent": 0.93, "error": 0.02},
        "fitted_by_system": {
            HTTP_FLOOR: {"exponent": 0.8, "error": 0.02},
            HTTP_FORM: {"exponent": 0.61, "error": 0.07},
            NODE_OIDC_PIPELINED: {"exponent": 1.32, "error": 0.15},
        },
    }
    page = " ".join(report.page(results).split())

    assert "CPU us is corrected: the same fixed work is timed on a system's core" in page
    assert "(an exponent of 1; the CPU times of this run followed it with an exponent of 0.93 ± 0.02)" in page
    assert "In that tenth a look-up took 350 ns" in page
    assert "otherwise: Grantway, HTTP form: 0.61 ± 0.07; node-oidc-provider, auto-pipelining: 1.32" in page
    assert "1.00 to 1.00 times slower than then" in page
    assert "| Grantway, HTTP form | 3 | 10,000 | 100.0 | 100.0 | 0.0% | 2.00 | 0.0% | 1.00 | - |" in page


def test_the_page_says_where_peers_win(measured: Measure) -> None:
    """As plainly as where they do not."""
    page = report.page(_results(measured))

    assert (
        "- c=1: node-oidc-provider, auto-pipelining: CPU per token 50 us, Grantway 100; as seen 50, Grantway 100"
        in page.splitlines()
    )
    assert (
        "| node-oidc-provider, auto-pipelining, costs at least | 32 | 1.2 x | 1.50 x | 0.0% | 1.50 x | met |"
        in page.splitlines()
    )


def test_only_what_is_between_the_markers_is_written_anew(measured: Measure) -> None:
    """README.md stays as it is around them, and a second time changes nothing."""
    begin, end = report.SHORT_TABLE.begin, report.SHORT_TABLE.end
    table = short_table(_results(measured))
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


@pytest.mark.parametrize(
    ("asked_for", "missing", "failures", "at_the_end", "kept"),
    [
        pytest.param(True, 0, 0, _MEASURED, True, id="everything was asked for and measured"),
        pytest.param(True, 1, 0, _MEASURED, False, id="a system is missing: it could not be installed"),
        pytest.param(True, 0, 1, _MEASURED, False, id="a request failed"),
        pytest.param(False, 0, 0, _MEASURED, False, id="less was asked for"),
        pytest.param(
            True, 0, 0, Revision("7654321", uncommitted_changes=False), False, id="somebody committed meanwhile"
        ),
        pytest.param(
            True, 0, 0, Revision("1234567", uncommitted_changes=True), False, id="somebody changed a file meanwhile"
        ),
    ],
)
def test_a_run_is_whole_when_all_systems_of_one_commit_ran(
    monkeypatch: pytest.MonkeyPatch,
    measured: Measure,
    *,
    asked_for: bool,
    missing: int,
    failures: int,
    at_the_end: Revision,
    kept: bool,
) -> None:
    """One without Node.js is not, and does not take the place of one that is."""
    monkeypatch.setattr(Revision, "now", lambda: at_the_end)
    systems = SYSTEMS[missing:]
    findings = Findings([measured(system.name, 50.0, failures=failures) for system in systems])
    assert document(findings, Plan(systems), Cores(system=1, load=0), _MEASURED, whole=asked_for)["whole"] is kept


def test_what_follows_from_a_kept_run_is_worked_out_anew(measured: Measure, tmp_path: Path) -> None:
    """So the documentation of an older run can be written by a newer bench."""
    results = _results(measured)
    file = tmp_path / "whole.json"
    file.write_text(json.dumps({**results, "whole": True, "ratios": [], "peers_ahead": None}))
    assert whole_run(file) == {**results, "whole": True}


def test_only_a_whole_run_is_shown(measured: Measure, tmp_path: Path) -> None:
    """And when there is none, that is said."""
    file = tmp_path / "whole.json"
    with pytest.raises(SystemExit, match=r"There is no .*whole\.json: run make bench\."):
        whole_run(file)
    file.write_text(json.dumps(_results(measured)))
    with pytest.raises(SystemExit, match=r"whole\.json is not of a whole run"):
        whole_run(file)

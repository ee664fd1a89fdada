"""What a person reads."""

import io

from rich.console import Console

from bench.judging.summary import Summary
from bench.measuring.measurement import Measurement
from bench.showing.table import show
from bench.systems.catalogue import SYSTEMS
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR
from tests.bench.conftest import Measure


def _shown(*measurements: Measurement, quick: bool = False) -> str:
    output = io.StringIO()
    show(Summary(measurements), SYSTEMS, Console(file=output, width=125), quick=quick)
    return output.getvalue()


def test_a_peer_that_is_ahead_is_named(measured: Measure) -> None:
    """The claim does not hold at this concurrency, and the report says so."""
    text = _shown(measured(HTTP_FLOOR, 50.0), measured(HTTP_FORM, 200.0), measured(NODE_OIDC_PIPELINED, 100.0))
    assert "node-oidc-provider, auto-pipelining: CPU per token 100 us, Grantway 200" in text


def test_a_peer_that_is_behind_is_not(measured: Measure) -> None:
    """The list of defeats holds defeats only."""
    text = _shown(
        measured(HTTP_FORM, 50.0, resident_mib=90.0), measured(NODE_OIDC_PIPELINED, 100.0, resident_mib=100.0)
    )
    assert "Nowhere, of those that were measured." in text


def test_who_was_not_measured_is_named_and_not_beaten(measured: Measure) -> None:
    """Without Node.js, or when only some are asked for."""
    text = _shown(measured(HTTP_FLOOR, 50.0), measured(HTTP_FORM, 50.0))
    assert "Nobody knows: no peer was measured beside it." in text
    assert "Nowhere" not in text
    assert "Not measured: Floor: HTTP + unary gRPC echo;" in text


def test_a_row_holds_the_cost_as_seen_and_as_corrected_and_the_ratios(measured: Measure) -> None:
    """In units of the floor and, for a peer, of ours."""
    text = _shown(
        measured(HTTP_FLOOR, 50.0), measured(HTTP_FORM, 80.0), measured(NODE_OIDC_PIPELINED, 200.0, yardstick_ns=700.0)
    )
    table = [line.split() for line in text.partition("Where the CPU time goes")[0].splitlines()]
    (peer,) = (row for row in table if row[:1] == ["node-oidc-provider,"])
    (floor,) = (row for row in table if row[:3] == ["Floor:", "HTTP", "only"])
    assert peer[-10:] == [
        *("200.0", "100.0", "-"),
        *("2.00", "1.25"),
        *("20.00", "40.00", "100", "0", "0"),
    ]
    assert floor[-7:-5] == ["1.00", "-"]


def test_what_a_run_is_worth_comes_first(measured: Measure) -> None:
    """Before any figure that it is not worth."""
    quiet = _shown(measured(HTTP_FORM, 80.0))
    noisy = _shown(measured(HTTP_FORM, 80.0, foreign_share=0.2))
    look = _shown(measured(HTTP_FORM, 80.0), quick=True)
    assert quiet.startswith("Quiet, by the run's own quietest tenth")
    assert noisy.startswith("NOT QUIET, so no target is judged.")
    assert "0 of 1 ratios are known to 2.5%" in _shown(measured(HTTP_FLOOR, 50.0), measured(HTTP_FORM, 80.0))
    assert look.startswith("A quick look: ratios are rough and no target is judged.")


def test_targets_are_judged_by_a_quiet_whole_run_only(measured: Measure) -> None:
    """One that was disturbed tells its figures and leaves it at that; a quick look has none of most of them."""

    def run(**more: object) -> list[Measurement]:
        return [
            measured(system, cost, turn=turn, **more)
            for system, cost in ((HTTP_FLOOR, 50.0), (HTTP_FORM, 80.0))
            for turn in range(3)
        ]

    def target(text: str) -> list[str]:
        line = next(line for line in text.splitlines() if "of the HTTP floor" in line and " 32 " in line)
        return line.partition("2 x")[2].split()

    assert target(_shown(*run())) == ["1.60", "x", "1.60", "x", "met"]
    assert target(_shown(*run(foreign_share=0.2))) == ["1.60", "x", "1.60", "x", "not", "judged"]
    assert "Targets" not in _shown(*run(), quick=True)

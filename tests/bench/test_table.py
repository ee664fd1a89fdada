"""What a person reads."""

import io
from collections.abc import Callable

from rich.console import Console

from bench.measurement import Measurement
from bench.summary import Summary
from bench.systems.catalogue import SYSTEMS
from bench.systems.floors import HTTP_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.table import show

Measure = Callable[..., Measurement]


def _shown(*measurements: Measurement) -> str:
    output = io.StringIO()
    show(Summary(measurements), SYSTEMS, Console(file=output, width=120))
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
    assert "nowhere" in text


def test_a_row_holds_both_ratios(measured: Measure) -> None:
    """Of the floor and of ours."""
    text = _shown(measured(HTTP_FLOOR, 50.0), measured(HTTP_FORM, 80.0), measured(NODE_OIDC_PIPELINED, 100.0))
    row = next(line for line in text.splitlines() if line.strip().startswith("node-oidc-provider, auto"))
    assert row.split()[-7:] == ["2.00", "1.25", "10.00", "20.00", "100", "0", "0"]


def test_a_noisy_core_is_reported(measured: Measure) -> None:
    """Somebody else used the core: the reader should know."""
    text = _shown(measured(HTTP_FORM, 80.0, foreign_share=0.2))
    assert "Not a quiet machine: in 1 of 1 cells" in text
    assert "at worst 20% (Grantway, HTTP form at c=32)" in " ".join(text.split())


def test_a_quiet_core_is_reported_too(measured: Measure) -> None:
    """Silence would leave the reader guessing."""
    assert "A quiet machine" in _shown(measured(HTTP_FORM, 80.0))

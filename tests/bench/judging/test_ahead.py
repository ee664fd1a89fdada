"""Where a peer is ahead."""

import pytest

from bench.judging.ahead import leads, not_measured, without_leads
from bench.judging.summary import Summary
from bench.systems.catalogue import SYSTEMS
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.python_peers import DJANGO_FAST
from bench.systems.system import HTTP_FLOOR
from tests.bench.conftest import Measure


def test_every_figure_in_which_a_peer_is_ahead_is_told(measured: Measure) -> None:
    """Also small ones, and the memory; of a peer that is nowhere ahead nothing."""
    summary = Summary(
        [
            measured(HTTP_FORM, 1200.0, resident_mib=150.0),
            measured(NODE_OIDC_PIPELINED, 1199.0, resident_mib=99.5),
            measured(DJANGO_FAST, 2500.0, resident_mib=200.0),
        ]
    )
    peer = "c=32: node-oidc-provider, auto-pipelining"
    assert [str(lead) for lead in leads(summary, SYSTEMS)] == [
        f"{peer}: CPU per token 1,199 us, Grantway 1,200; as seen 1,199, Grantway 1,200",
        f"{peer}: p50 120 ms, Grantway 120",
        f"{peer}: p99 240 ms, Grantway 240",
        f"{peer}: memory 99.5 MiB, Grantway 150",
    ]


@pytest.mark.parametrize(
    ("theirs", "slowness", "told"),
    [
        pytest.param(90.0, 1.0, "CPU per token 90 us, Grantway 100; as seen 90, Grantway 100", id="in each account"),
        pytest.param(
            150.0, 2.0, "CPU per token 75 us, Grantway 100; as seen 150, Grantway 100: ahead as corrected only",
            id="only when what slowed it down is taken out",
        ),
        pytest.param(
            90.0, 0.5, "CPU per token 180 us, Grantway 100; as seen 90, Grantway 100: ahead as seen only",
            id="only when what slowed Grantway down is left in",
        ),
    ],
)  # fmt: skip
def test_a_lead_in_one_account_is_a_lead(measured: Measure, theirs: float, slowness: float, told: str) -> None:
    """The correction may change who is ahead, so it does not decide what is told."""
    many = [measured(HTTP_FLOOR, 50.0, turn=turn, yardstick_ns=350.0) for turn in range(40)]
    pair = [measured(HTTP_FORM, 100.0), measured(NODE_OIDC_PIPELINED, theirs, yardstick_ns=350.0 * slowness)]
    assert f"c=32: node-oidc-provider, auto-pipelining: {told}" in map(str, leads(Summary([*many, *pair]), SYSTEMS))


def test_without_grantway_nobody_is_ahead_of_it(measured: Measure) -> None:
    """A run may leave it out."""
    assert leads(Summary([measured(NODE_OIDC_PIPELINED, 100.0)]), SYSTEMS) == []


@pytest.mark.parametrize(
    ("systems", "said"),
    [
        pytest.param([HTTP_FORM, DJANGO_FAST], "Nowhere, of those that were measured.", id="a peer was measured"),
        pytest.param([HTTP_FORM, HTTP_FLOOR], "Nobody knows: no peer was measured beside it.", id="none was"),
        pytest.param([DJANGO_FAST], "Nobody knows: no peer was measured beside it.", id="Grantway was not"),
    ],
)
def test_nobody_is_beaten_who_was_not_measured(systems: list[str], said: str) -> None:
    """Without Node.js half of the peers are missing."""
    assert without_leads(systems) == said


def test_who_was_not_measured_is_named() -> None:
    """Whatever the reason was."""
    names = [system.name for system in SYSTEMS]
    assert not_measured(names) == []
    assert not_measured(names[:-2]) == [
        "Not measured: django-oauth-toolkit, fast hash; django-oauth-toolkit, default hash."
    ]

"""Where a peer is ahead."""

from bench.ahead import leads
from bench.summary import Summary
from bench.systems.catalogue import SYSTEMS
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.python_peers import DJANGO_FAST
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
    assert [str(lead) for lead in leads(summary, SYSTEMS)] == [
        "c=32: node-oidc-provider, auto-pipelining: CPU per token 1,199 us, Grantway 1,200",
        "c=32: node-oidc-provider, auto-pipelining: p50 120 ms, Grantway 120",
        "c=32: node-oidc-provider, auto-pipelining: p99 240 ms, Grantway 240",
        "c=32: node-oidc-provider, auto-pipelining: memory 99.5 MiB, Grantway 150",
    ]


def test_without_grantway_nobody_is_ahead_of_it(measured: Measure) -> None:
    """A run may leave it out."""
    assert leads(Summary([measured(NODE_OIDC_PIPELINED, 100.0)]), SYSTEMS) == []

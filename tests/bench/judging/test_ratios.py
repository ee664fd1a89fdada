"""The ratios that two runs must agree on."""

from bench.judging.ratios import ratios
from bench.judging.summary import Summary
from bench.systems.catalogue import SYSTEMS
from bench.systems.floors import UNARY_FLOOR
from bench.systems.node_peers import NODE_OIDC_PIPELINED
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR
from tests.bench.conftest import Measure


def test_each_system_is_told_in_units_of_its_references(measured: Measure) -> None:
    """All of the HTTP floor's, peers of Grantway's too; and a lone request's latency of the unary floor's."""
    costs = {HTTP_FLOOR: 50.0, UNARY_FLOOR: 100.0, HTTP_FORM: 150.0, NODE_OIDC_PIPELINED: 75.0}
    summary = Summary([measured(system, cost, concurrency=1) for system, cost in costs.items()])
    assert {(one.figure, one.system, one.reference): round(one.value, 6) for one in ratios(summary, SYSTEMS)} == {
        ("CPU", UNARY_FLOOR, HTTP_FLOOR): 2.0,
        ("CPU", HTTP_FORM, HTTP_FLOOR): 3.0,
        ("CPU", NODE_OIDC_PIPELINED, HTTP_FLOOR): 1.5,
        ("CPU", NODE_OIDC_PIPELINED, HTTP_FORM): 0.5,
        ("p50", HTTP_FORM, UNARY_FLOOR): 1.5,
    }

"""Made-up findings."""

from collections.abc import Sequence

from bench.figures import Estimate
from bench.growth.endurance import Reading
from bench.growth.findings import GrowthFindings
from bench.growth.flatness import Growth
from bench.growth.population import StoreMemory
from bench.growth.scale import Scales
from bench.growth.scale_out import Layout
from bench.judging.targets import Standing


def _layouts(cost_of_two: float, as_seen: float, slowness: float) -> list[Layout]:
    one = Layout(1, Estimate(80.0, 0.01), 88.0, 1.1, [1.0], [1.0], 0)
    return [one, Layout(2, Estimate(cost_of_two, 0.01), as_seen, slowness, [0.5, 0.5], [0.48, 0.52], 0)]


def found(
    *,
    standing: Standing | None = Standing.MET,
    bytes_per_token: float = 120.0,
    core_at_the_end: float = 61.0,
    cost_of_two: float = 90.0,
    cost_of_two_as_seen: float = 99.0,
    slowness: float = 1.1,
    problems: Sequence[str] = (),
    failures: int = 0,
    quick: bool = False,
) -> GrowthFindings:
    """All promises are kept, unless it is said."""
    growth = Growth("tokens", 1_000_000, "issue", 32, 81.0, 85.0, 1.02, 0.01, 1.03, standing)
    memory = [StoreMemory(10, 1_000, 300.0, 300.0), StoreMemory(10, 1_000_000, 300.0, bytes_per_token)]
    readings = [
        Reading(10_000, 0, {"core": 50.0, "gateway": 40.0, "store": 5.0}),
        Reading(150_000, 0, {"core": 60.0, "gateway": 50.0, "store": 20.0}),
        Reading(1_000_000, failures, {"core": core_at_the_end, "gateway": 50.5, "store": 110.0}),
    ]
    scales = Scales([growth], memory, "Quiet.", problems, [], judged=not quick)
    return GrowthFindings(scales, readings, _layouts(cost_of_two, cost_of_two_as_seen, slowness), quick)

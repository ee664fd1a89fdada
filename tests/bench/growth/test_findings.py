"""What growth costs, and whether that is what is promised."""

import pytest

from bench.growth.findings import GrowthFindings
from bench.judging.targets import Standing
from tests.bench.growth.made_up import found


@pytest.mark.parametrize(
    ("findings", "sound"),
    [
        pytest.param(found(), True, id="all promises are kept"),
        pytest.param(found(standing=Standing.MISSED), False, id="a request is dearer beside many tokens"),
        pytest.param(found(standing=None), True, id="what no target is about"),
        pytest.param(found(bytes_per_token=161.0), False, id="a token takes more than is promised"),
        pytest.param(found(core_at_the_end=62.5), False, id="the core grows"),
        pytest.param(found(cost_of_two=101.0), False, id="two cores and gateways cost more than is promised"),
        pytest.param(found(problems=["a request failed"]), False, id="something failed"),
        pytest.param(found(failures=1), False, id="one of a million requests failed"),
        pytest.param(found(bytes_per_token=161.0, quick=True), True, id="a look judges nothing"),
        pytest.param(found(problems=["a request failed"], quick=True), False, id="a look in which something failed"),
    ],
)
def test_findings_are_sound_or_not(findings: GrowthFindings, *, sound: bool) -> None:
    """The exit code says as much."""
    assert findings.sound is sound


def test_store_memory_is_judged_where_there_are_most_tokens() -> None:
    """In a small store it is the tables' first size that is measured."""
    judged = found().token_memory()
    assert (judged.tokens, judged.bytes_per_token, judged.standing) == (1_000_000, 120.0, Standing.MET)


def test_a_process_may_grow_in_the_first_tenth_and_the_store_throughout() -> None:
    """The one warms up, the other holds the tokens."""
    assert {one.process: (one.growth, one.standing) for one in found().process_memory()} == {
        "core": (1.0, Standing.MET),
        "gateway": (0.5, Standing.MET),
        "store": (90.0, None),
    }


@pytest.mark.parametrize(
    ("findings", "standing"),
    [
        pytest.param(found(cost_of_two=99.0), Standing.MET, id="at most a quarter more"),
        pytest.param(found(cost_of_two=101.0), Standing.MISSED, id="more than that"),
        pytest.param(found(cost_of_two=101.0, quick=True), Standing.NOT_JUDGED, id="more, at a look"),
        pytest.param(found(slowness=1.6), Standing.NOT_JUDGED, id="while others slowed the core down"),
        pytest.param(found(cost_of_two_as_seen=111.0), Standing.MET, id="more only as seen"),
    ],
)
def test_two_cores_and_gateways_may_cost_a_little_more_than_one(findings: GrowthFindings, standing: Standing) -> None:
    """Their batches are half as large. One of each is what they are held against."""
    one, two = findings.layout_costs()
    assert (one.ratio, one.standing, one.words, two.standing) == (None, None, "", standing)

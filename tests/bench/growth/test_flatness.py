"""What requests cost beside ever more: held against the smallest populations, in each life apart."""

from collections.abc import Sequence

import pytest

from bench.growth.flatness import Growth, Subject, growth
from bench.judging.targets import Standing
from bench.measuring.measurement import Measurement
from tests.bench.conftest import Measure

_FEW_TOKENS = Subject("tokens", "check", {"tokens": 1_000, "clients": 10})
_MANY_TOKENS = Subject("tokens", "check", {"tokens": 1_000_000, "clients": 10})
_FEW_CLIENTS = Subject("clients", "check", {"tokens": 20_000, "clients": 10})
_MANY_CLIENTS = Subject("clients", "check", {"tokens": 20_000, "clients": 100_000})
_CHECKS = (_FEW_TOKENS, _MANY_TOKENS, _FEW_CLIENTS, _MANY_CLIENTS)


def _only(found: Sequence[Growth], subject: Subject) -> Growth:
    (one,) = (one for one in found if (one.what, one.size, one.request) == (subject.what, subject.size, subject.label))
    return one


def _life(measured: Measure, *costs: tuple[Subject, float], **more: float) -> list[Measurement]:
    return [measured(subject.name, cost, **more) for subject, cost in costs]


def test_many_clients_are_held_against_all_populations_that_have_few(measured: Measure) -> None:
    """One of those may be dear or cheap by chance: 10, 10 and 13.31 are 11 together."""
    life = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 10), (_FEW_CLIENTS, 13.31), (_MANY_CLIENTS, 11.33))
    found = growth([life, life], _CHECKS, judged=True)
    many = _only(found, _MANY_CLIENTS)
    assert [many.ratio, many.ratio_as_seen] == pytest.approx([1.03, 1.03])
    assert (many.error, many.standing, many.words) == (0, Standing.MET, "met")
    assert _only(found, _FEW_CLIENTS).ratio == pytest.approx(1.21)


def test_many_tokens_are_held_against_the_one_population_that_has_the_fewest(measured: Measure) -> None:
    """Those of few clients have more."""
    life = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 12), (_FEW_CLIENTS, 20), (_MANY_CLIENTS, 20))
    found = growth([life, life], _CHECKS, judged=True)
    assert _only(found, _MANY_TOKENS).ratio == pytest.approx(1.2)
    assert (_only(found, _FEW_TOKENS).ratio, _only(found, _FEW_TOKENS).standing) == (1, None)


def test_the_smallest_populations_are_held_against_no_target(measured: Measure) -> None:
    """Not even one that is dearer than the others."""
    life = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 10), (_FEW_CLIENTS, 20), (_MANY_CLIENTS, 20))
    dear = _only(growth([life, life], _CHECKS, judged=True), _FEW_CLIENTS)
    assert (dear.ratio > 1.5, dear.standing, dear.words) == (True, None, "")


def test_what_one_life_costs_more_than_another_is_no_growth(measured: Measure) -> None:
    """Two processes never cost the same, so ratios are taken within each life."""
    cheap = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 11))
    dear = _life(measured, (_FEW_TOKENS, 30), (_MANY_TOKENS, 33))
    many = _only(growth([cheap, dear], (_FEW_TOKENS, _MANY_TOKENS), judged=True), _MANY_TOKENS)
    assert [many.ratio, many.error] == pytest.approx([1.1, 0])


def test_the_error_is_by_how_much_lives_differ(measured: Measure) -> None:
    """However often each of them was measured: two that say 1 and 1.5 leave open what the next one says."""
    lives = [_life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, cost)) * 20 for cost in (10, 15)]
    many = _only(growth(lives, (_FEW_TOKENS, _MANY_TOKENS), judged=True), _MANY_TOKENS)
    assert [many.ratio, many.error] == pytest.approx([1.2247, 0.2027], abs=1e-4)
    assert many.standing is Standing.NOT_JUDGED


@pytest.mark.parametrize(
    ("cost", "slowness", "judged", "words"),
    [
        pytest.param(10.9, 1.0, True, "met", id="less than a tenth more"),
        pytest.param(11.1, 1.0, True, "missed", id="more than that"),
        pytest.param(15.0, 1.5, True, "met, but not as seen", id="more only as seen: others slowed the core down"),
        pytest.param(10.9, 1.0, False, "not judged", id="a look"),
    ],
)
def test_a_request_may_cost_a_tenth_more(
    cost: float, slowness: float, words: str, measured: Measure, *, judged: bool
) -> None:
    """Beside however many."""
    few = _life(measured, (_FEW_TOKENS, 10))
    many = _life(measured, (_MANY_TOKENS, cost), yardstick_ns=350.0 * slowness)
    found = growth([few + many] * 2, (_FEW_TOKENS, _MANY_TOKENS), judged=judged)
    assert _only(found, _MANY_TOKENS).words == words


def test_one_odd_life_of_six_says_nothing(measured: Measure) -> None:
    """The highest and the lowest are left out."""
    usual = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 11))
    odd = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 40))
    many = _only(growth([*[usual] * 5, odd], (_FEW_TOKENS, _MANY_TOKENS), judged=True), _MANY_TOKENS)
    assert [many.ratio, many.error] == pytest.approx([1.1, 0])


def test_one_life_does_not_tell_how_far_it_is_off(measured: Measure) -> None:
    """None, which JSON has, and not infinity, which it has not."""
    life = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 11))
    many = _only(growth([life], (_FEW_TOKENS, _MANY_TOKENS), judged=True), _MANY_TOKENS)
    assert (many.error, many.standing) == (None, Standing.NOT_JUDGED)


def test_first_tokens_are_held_against_those_that_are_none_and_against_no_target(measured: Measure) -> None:
    """A core that was just started reads its clients first: that has a price, and no limit."""
    few = Subject("clients", "issue", {"tokens": 1_000, "clients": 10})
    first = Subject("clients", "issue", {"tokens": 1_000, "clients": 100_000}, first=True)
    life = _life(measured, (few, 50), (first, 100))
    cold = _only(growth([life, life], (few, first), judged=True), first)
    assert cold.ratio == pytest.approx(2)
    assert (cold.request, cold.words) == ("issue, first", "")


def test_a_life_in_which_one_side_failed_has_no_say(measured: Measure) -> None:
    """The others have; and what no life tells is left out."""
    whole = _life(measured, (_FEW_TOKENS, 10), (_MANY_TOKENS, 11))
    half = _life(measured, (_MANY_TOKENS, 30))
    subjects = (_FEW_TOKENS, _MANY_TOKENS)
    assert _only(growth([whole, whole, half], subjects, judged=True), _MANY_TOKENS).ratio == pytest.approx(1.1)
    assert growth([half, half], subjects, judged=True) == []

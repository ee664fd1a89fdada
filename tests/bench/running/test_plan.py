"""The order of measurements."""

from dataclasses import replace

import pytest

from bench.running.plan import Plan
from bench.systems.catalogue import SYSTEMS
from bench.systems.system import System
from tests.bench.small_system import SmallLoad, small_stage, small_system


def _systems(names: str, references: str = "") -> list[System]:
    return [small_system(SmallLoad(), name, references=tuple(references)) for name in names]


_SYSTEMS = _systems("abc")


def _order(plan: Plan, turn: int, **more: object) -> list[str]:
    """The lives of a round, each as the systems and concurrencies that it measures."""
    lives = plan.lives(turn, **more)  # type: ignore[arg-type]
    return [" ".join(f"{step.system.name}{step.concurrency}" for step in life.steps) for life in lives]


def test_stages_take_turns_and_none_is_always_first() -> None:
    """A B C, then B C A, each measured at all concurrencies before it ends, and they take turns too."""
    plan = Plan(_SYSTEMS, concurrencies=(1, 32))
    assert _order(plan, 0) == ["a1 a32", "b1 b32", "c1 c32"]
    assert _order(plan, 1) == ["b32 b1", "c32 c1", "a32 a1"]


def test_systems_of_one_stage_share_its_life() -> None:
    """They take turns at each concurrency."""
    shared = [replace(system, build=small_stage) for system in _SYSTEMS]
    assert _order(Plan(shared, concurrencies=(1, 32)), 0) == ["a1 b1 c1 a32 b32 c32"]


@pytest.mark.parametrize("turn", range(3))
def test_nothing_is_measured_twice_in_one_life(turn: int) -> None:
    """So the differences between lives are in the error of every figure."""
    for life in Plan(SYSTEMS).lives(turn):
        cells = [(step.system.name, step.concurrency) for step in life.steps]
        assert len(cells) == len(set(cells))
        assert {step.system.build for step in life.steps} == {life.build}


def test_a_later_round_has_only_what_is_not_known_well_enough() -> None:
    """Still in turns; nothing is started for nothing."""
    plan = Plan(_SYSTEMS, concurrencies=(1, 32))
    assert _order(plan, 6, wanted={("a", 32), ("c", 32), ("c", 1)}) == ["a32", "c1 c32"]
    assert _order(plan, 6, wanted=set()) == []


def test_a_reference_of_many_has_several_lives_in_a_round() -> None:
    """Its error is in the ratios of all of them. They are far from each other."""
    few, many = _systems("abcdef", "b"), _systems("abcdefghi", "b")
    assert _order(Plan(few, concurrencies=(1,)), 0) == [f"{name}1" for name in "abcdebf"]
    assert _order(Plan(many, concurrencies=(1,)), 0) == [f"{name}1" for name in "abcdebfghbi"]


def test_a_reference_lives_again_only_for_the_concurrencies_of_many() -> None:
    """Four are measured at 32, and one at 1."""
    plan = Plan(_systems("abcd", "b"), concurrencies=(1, 32))
    wanted = {*((name, 32) for name in "abcd"), ("b", 1)}
    assert sorted(_order(plan, 0, wanted=wanted)) == ["a32", "b1 b32", "b32", "c32", "d32"]


def test_a_slow_system_has_fewer_loads() -> None:
    """Five tokens a second, 128 under way: its turn would take half a minute."""
    slow = next(system for system in SYSTEMS if system.concurrencies == (1,))
    assert _order(Plan([slow]), 0) == [f"{slow.name}1"]


def test_a_look_is_a_part_of_the_whole() -> None:
    """Fewer systems and rounds, and no target is judged by it."""
    look, whole = Plan.look(SYSTEMS), Plan(SYSTEMS)
    assert set(look.systems) < set(whole.systems)
    assert len(look.lives(0)) < len(whole.lives(0))
    assert look.minutes < 3
    assert look.least_rounds == 1, "of a second one as much as there is time for"
    assert (look.quick, whole.quick) == (True, False)


def test_names_are_unique() -> None:
    """They are keys of the results and words of the command line."""
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)


def test_references_are_systems() -> None:
    """A misspelt one would make no ratio, and nobody would miss it."""
    assert {name for system in SYSTEMS for name in system.references} <= {system.name for system in SYSTEMS}

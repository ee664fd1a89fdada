"""The order of measurements."""

from bench.measuring.plan import Plan
from bench.systems.catalogue import SYSTEMS
from tests.bench.small_system import SmallLoad, small_system

_SYSTEMS = [small_system(SmallLoad(), name, references=("b",)) for name in "abc"]


def _order(plan: Plan, turn: int, **more: object) -> list[tuple[int, str]]:
    return [(step.concurrency, step.system.name) for step in plan.steps(turn, **more)]  # type: ignore[arg-type]


def test_systems_take_turns_and_nobody_is_always_first() -> None:
    """A B C, then B C A: no system profits from its place."""
    plan = Plan(_SYSTEMS, concurrencies=(1, 32))
    assert _order(plan, 0) == [(1, "a"), (1, "b"), (1, "c"), (32, "a"), (32, "b"), (32, "c")]
    assert _order(plan, 1) == [(1, "b"), (1, "c"), (1, "a"), (32, "b"), (32, "c"), (32, "a")]


def test_a_later_round_has_only_what_is_not_known_well_enough() -> None:
    """Still in turns."""
    plan = Plan(_SYSTEMS, concurrencies=(1, 32))
    assert _order(plan, 7, wanted={("a", 32), ("c", 32), ("c", 1)}) == [(1, "c"), (32, "c"), (32, "a")]


def test_a_reference_of_many_is_measured_several_times_in_a_round() -> None:
    """Its error is in the ratios of all of them. The times are far from each other."""
    few = [small_system(SmallLoad(), name, references=("b",)) for name in "abcdef"]
    assert _order(Plan(few, concurrencies=(1,)), 0) == [(1, name) for name in "abcdebf"]
    many = [small_system(SmallLoad(), name, references=("b",)) for name in "abcdefghi"]
    assert _order(Plan(many, concurrencies=(1,)), 0) == [(1, name) for name in "abcdebfghbi"]


def test_a_slow_system_has_fewer_loads() -> None:
    """Five tokens a second, 128 under way: its turn would take half a minute."""
    slow = next(system for system in SYSTEMS if system.concurrencies == (1,))
    assert _order(Plan([slow]), 0) == [(1, slow.name)]


def test_a_look_is_a_part_of_the_whole() -> None:
    """Fewer systems and rounds, and no target is judged by it."""
    look, whole = Plan.look(SYSTEMS), Plan(SYSTEMS)
    assert set(look.systems) < set(whole.systems)
    assert len(look.steps(0)) * 2 < len(whole.steps(0))
    assert look.minutes < 3
    assert look.least_rounds == 1, "a second one begins only when it will end in time"
    assert (look.quick, whole.quick) == (True, False)


def test_names_are_unique() -> None:
    """They are keys of the results and words of the command line."""
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)


def test_references_are_systems() -> None:
    """A misspelt one would make no ratio, and nobody would miss it."""
    assert {name for system in SYSTEMS for name in system.references} <= {system.name for system in SYSTEMS}

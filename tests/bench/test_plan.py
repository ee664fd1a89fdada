"""The order of measurements."""

from bench.plan import Plan
from bench.systems.catalogue import SYSTEMS

_SYSTEMS = [system for system in SYSTEMS if system.most_rounds is None][:3]


def test_systems_take_turns_and_nobody_is_always_first() -> None:
    """A B C, then B C A: no system profits from its place."""
    plan = Plan(_SYSTEMS, concurrencies=(1, 32), rounds=2)
    a, b, c = _SYSTEMS
    assert [(step.turn, step.concurrency, step.system) for step in plan.steps()] == [
        *[(0, 1, system) for system in (a, b, c)],
        *[(0, 32, system) for system in (a, b, c)],
        *[(1, 1, system) for system in (b, c, a)],
        *[(1, 32, system) for system in (b, c, a)],
    ]


def test_a_slow_system_takes_part_in_fewer_rounds_and_loads() -> None:
    """Five tokens a second, 128 under way: its turn would take half a minute."""
    slow = next(system for system in SYSTEMS if system.most_rounds)
    steps = Plan([slow], rounds=5).steps()
    assert {step.concurrency for step in steps} == set(slow.concurrencies)
    assert max(step.turn for step in steps) == (slow.most_rounds or 0) - 1


def test_names_are_unique() -> None:
    """They are keys of the results and words of the command line."""
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)

"""How much is measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.systems.system import CONCURRENCIES, System


@dataclass(frozen=True, slots=True)
class Step:
    """One measurement to make."""

    turn: int
    concurrency: int
    system: System


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is measured, how often and for how long.

    Attributes:
        systems: In the order of the tables.
        concurrencies: How many tokens are wanted at any moment.
        rounds: How often everything is measured.
        seconds: How long each measurement takes.
        warm_up_seconds: How long each system is kept busy before the first.
    """

    systems: Sequence[System]
    concurrencies: Sequence[int] = CONCURRENCIES
    rounds: int = 5
    seconds: int = 1
    warm_up_seconds: int = 5

    @classmethod
    def quick(cls, systems: Sequence[System]) -> "Plan":
        """A look that takes two minutes: fewer systems, two concurrencies, two short rounds."""
        chosen = [system for system in systems if system.quick]
        return cls(chosen, concurrencies=(1, 32), rounds=2, seconds=1, warm_up_seconds=3)

    def steps(self) -> list[Step]:
        """All measurements in order: within a round and a concurrency one system after the other, A B C.

        The next round begins with another system, so that none always has the same place in the row.
        """
        steps = []
        for turn in range(self.rounds):
            first = turn % len(self.systems)
            order = [*self.systems[first:], *self.systems[:first]]
            steps += [
                Step(turn, concurrency, system)
                for concurrency in self.concurrencies
                for system in order
                if concurrency in system.concurrencies and (system.most_rounds is None or turn < system.most_rounds)
            ]
        return steps

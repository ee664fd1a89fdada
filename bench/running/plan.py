"""How much is measured, and in which order."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bench.stages.stage import StageBuilder
from bench.systems.system import CONCURRENCIES, System


@dataclass(frozen=True, slots=True)
class Step:
    """One measurement to make."""

    turn: int
    concurrency: int
    system: System


@dataclass(frozen=True, slots=True)
class Life:
    """What is measured on a stage from its start to its end: each system on it once at each concurrency.

    Attributes:
        steps: The measurements in order; one at least.
    """

    steps: Sequence[Step]

    @property
    def build(self) -> StageBuilder:
        """Starts the stage."""
        return self.steps[0].system.build

    @property
    def systems(self) -> list[System]:
        """Those that are measured."""
        return list({step.system.name: step.system for step in self.steps}.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is measured, how often and for how long.

    Attributes:
        systems: In the order of the tables.
        concurrencies: How many tokens are wanted at any moment.
        least_rounds: How often everything is measured.
        most_rounds: How often that is measured which is not known well enough after those.
        minutes: After the least number, nothing is started any more when they are over.
        seconds: How long each measurement takes.
        warm_up_seconds: How long a stage is kept busy before it is measured, by the first system on it.
        patience_seconds: How long a measurement waits for others to leave the core alone.
        quick: Whether it is a look only: targets are not judged by it.
    """

    systems: Sequence[System]
    concurrencies: Sequence[int] = CONCURRENCIES
    least_rounds: int = 5
    most_rounds: int = 40
    minutes: float = 26
    seconds: int = 1
    warm_up_seconds: int = 5
    patience_seconds: float = 1
    quick: bool = False

    @classmethod
    def look(cls, systems: Sequence[System]) -> "Plan":
        """What ends within three minutes: fewer systems, two concurrencies, one round.

        Of a second one as much as the time allows.
        """
        chosen = [system for system in systems if system.quick]
        return cls(
            chosen,
            concurrencies=(1, 32),
            least_rounds=1,
            most_rounds=2,
            minutes=2.5,
            seconds=1,
            warm_up_seconds=4,
            patience_seconds=0.3,
            quick=True,
        )

    def lives(self, turn: int, wanted: Collection[tuple[str, int]] | None = None) -> list[Life]:
        """One round in order: one stage after the other is started, measured at all concurrencies, and ended.

        The next round begins with another system and another concurrency, so that none always has the same place. A
        reference of many systems has several lives, far apart. Its error is in the ratios of all of them; they are best
        known together for the time that they take when it is measured as many times as the square root of their number
        says.

        Args:
            turn: The round, from 0.
            wanted: Which systems at which concurrencies; all when it is left out.
        """
        order = _from(turn, self.systems)
        steps = [
            Step(turn, concurrency, system)
            for concurrency in _from(turn, self.concurrencies)
            for system in order
            if concurrency in system.concurrencies and (wanted is None or (system.name, concurrency) in wanted)
        ]
        builds = dict.fromkeys(system.build for system in order)
        stages = [[step for step in steps if step.system.build == build] for build in builds]
        row = [of_stage for of_stage in stages if of_stage]
        places = []
        for index, of_stage in enumerate(row):
            most = max(_times(step, steps) for step in of_stage)
            for again in range(most):
                # The first at its own place, the others between those of two others.
                place = index + again * len(row) / most + (0.5 if again else 0)
                places.append((place % len(row), Life([step for step in of_stage if _times(step, steps) > again])))
        return [life for _, life in sorted(places, key=lambda place: place[0])]


_Item = TypeVar("_Item")


def _from(turn: int, row: Sequence[_Item]) -> list[_Item]:
    """The *row*, beginning with another one in each round."""
    first = turn % len(row)
    return [*row[first:], *row[:first]]


def _times(step: Step, steps: Sequence[Step]) -> int:
    """How often *step* is made in a round of these *steps*."""
    told_by_it = [other for other in steps if step.system.name in other.system.references]
    return max(1, math.isqrt(sum(other.concurrency == step.concurrency for other in told_by_it)))

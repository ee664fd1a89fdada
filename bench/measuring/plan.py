"""How much is measured."""

import math
from collections.abc import Collection, Sequence
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
        least_rounds: How often everything is measured.
        most_rounds: How often that is measured which is not known well enough after those.
        minutes: After the least number, no round begins that would not end by then, starting and warming up included.
        seconds: How long each measurement takes.
        warm_up_seconds: How long each system is kept busy before the first.
        patience_seconds: How long a measurement waits for others to leave the core alone.
        quick: Whether it is a look only: targets are not judged by it.
    """

    systems: Sequence[System]
    concurrencies: Sequence[int] = CONCURRENCIES
    least_rounds: int = 6
    most_rounds: int = 40
    minutes: float = 29
    seconds: int = 1
    warm_up_seconds: int = 5
    patience_seconds: float = 1
    quick: bool = False

    @classmethod
    def look(cls, systems: Sequence[System]) -> "Plan":
        """What ends within three minutes: fewer systems, two concurrencies, as many rounds as the time allows.

        One at least, two as a rule, and of a third what is not known well enough.
        """
        chosen = [system for system in systems if system.quick]
        return cls(
            chosen,
            concurrencies=(1, 32),
            least_rounds=1,
            most_rounds=3,
            minutes=2.7,
            warm_up_seconds=1,
            patience_seconds=0.3,
            quick=True,
        )

    def steps(self, turn: int, wanted: Collection[tuple[str, int]] | None = None) -> list[Step]:
        """The measurements of one round in order: for each concurrency one system after the other, A B C.

        The next round begins with another system, so that none always has the same place in the row.

        Args:
            turn: The round, from 0.
            wanted: Which systems at which concurrencies; all when it is left out.
        """
        first = turn % len(self.systems)
        order = [*self.systems[first:], *self.systems[:first]]
        return [
            Step(turn, concurrency, system)
            for concurrency in self.concurrencies
            for system in _with_references_repeated(
                [
                    system
                    for system in order
                    if concurrency in system.concurrencies and (wanted is None or (system.name, concurrency) in wanted)
                ]
            )
        ]


def _with_references_repeated(row: Sequence[System]) -> list[System]:
    """The *row*, with a reference of many in it several times, far apart.

    Its error is in the ratios of all of them. They are best known together for the time that they take when it is
    measured as many times as the square root of their number says.
    """
    places = [(float(index), system) for index, system in enumerate(row)]
    for index, system in enumerate(row):
        times = math.isqrt(sum(system.name in other.references for other in row))
        places += [((index + 0.5 + again * len(row) / times) % len(row), system) for again in range(1, times)]
    return [system for _, system in sorted(places, key=lambda place: place[0])]

"""Two systems in the same rounds: what disturbs for minutes disturbs both of them.

And where one was measured more often, because it was known worse, what was measured of it alone, at other times, has no
say in what the one costs in units of the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import geometric_mean

from bench.figures import Estimate
from bench.judging.correction import corrected, least_disturbed
from bench.measuring.measurement import Measurement

FigureOf = Callable[[Measurement], float]
"""What is compared: a time."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two systems in one round.

    Attributes:
        corrected: A figure of the one in units of the other's, on a core that nobody disturbs.
        as_seen: The same, nothing corrected.
        yardstick_ns: What the yardstick said of the one at which the core was slower.
    """

    corrected: float
    as_seen: float
    yardstick_ns: float


def pairs(
    ones: Sequence[Measurement], others: Sequence[Measurement], figure: FigureOf, *, quiet_ns: float
) -> list[Pair]:
    """A pair for each round that has both. Of several measurements in a round it is their geometric mean that counts.

    Args:
        ones: What was measured of the one.
        others: What was measured of the other.
        figure: What is compared.
        quiet_ns: What the yardstick says when nobody disturbs the core.
    """

    def on_a_quiet_core(run: Measurement) -> float:
        return corrected(figure(run), yardstick_ns=run.yardstick_ns, quiet_ns=quiet_ns)

    rounds, other_rounds = _by_turn(ones), _by_turn(others)
    return [
        Pair(
            _mean(on_a_quiet_core, some) / _mean(on_a_quiet_core, other_rounds[turn]),
            _mean(figure, some) / _mean(figure, other_rounds[turn]),
            max(_mean(_yardstick_ns, side) for side in (some, other_rounds[turn])),
        )
        for turn, some in rounds.items()
        if turn in other_rounds
    ]


def corrected_ratio(found: Sequence[Pair]) -> Estimate | None:
    """What the pairs say together, but for those that were disturbed the most; None when there is none."""
    kept = least_disturbed(found, yardstick_ns=lambda pair: pair.yardstick_ns)
    return Estimate.of([pair.corrected for pair in kept]) if kept else None


def ratio_as_seen(found: Sequence[Pair]) -> float | None:
    """The same, nothing corrected, and none left out."""
    return Estimate.of([pair.as_seen for pair in found]).value if found else None


def _by_turn(runs: Sequence[Measurement]) -> Mapping[int, Sequence[Measurement]]:
    turns: dict[int, list[Measurement]] = {}
    for run in runs:
        turns.setdefault(run.turn, []).append(run)
    return turns


def _mean(figure: FigureOf, runs: Sequence[Measurement]) -> float:
    return geometric_mean(figure(run) for run in runs)


def _yardstick_ns(run: Measurement) -> float:
    return run.yardstick_ns

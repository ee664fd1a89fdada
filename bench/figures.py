"""Arithmetic on measured figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_TRIMMED_PART = 0.2
"""Of the figures at each end: a measurement that something else disturbed has no say in the mean."""


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest of the *ordered* figures that *percent* of a hundred do not exceed; NaN when there is none."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What several figures say of the one that is sought.

    Attributes:
        value: Their geometric mean without the lowest and the highest fifth.
        error: The standard error of it, as a part of it; infinite for a single figure.
    """

    value: float
    error: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Estimate":
        """The estimate from *figures*, of which there is at least one and none is 0.

        The error is that of a trimmed mean (Tukey and McLaughlin 1963): the figures that are cut off count as much as
        the last ones that are not.
        """
        logs = sorted(math.log(figure) for figure in figures)
        count = len(logs)
        cut = int(count * _TRIMMED_PART)
        kept = logs[cut : count - cut]
        value = math.exp(math.fsum(kept) / len(kept))
        if count == 1:
            return cls(value, math.inf)
        drawn_in = [kept[0]] * cut + kept + [kept[-1]] * cut
        middle = math.fsum(drawn_in) / count
        deviation = math.sqrt(math.fsum((one - middle) ** 2 for one in drawn_in) / (count - 1))
        return cls(value, deviation / ((1 - 2 * cut / count) * math.sqrt(count)))

    def over(self, other: "Estimate") -> "Estimate":
        """How many times the *other* it is."""
        return Estimate(self.value / other.value, math.hypot(self.error, other.error))

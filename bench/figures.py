"""Arithmetic on measured figures."""

import math
from collections.abc import Mapping, Sequence
from statistics import median


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest of the *ordered* figures that *percent* of a hundred do not exceed; NaN when there is none."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def paired_ratio(numerators: Mapping[int, float], denominators: Mapping[int, float]) -> float:
    """The median over rounds of the ratio within each round; NaN when no round has both.

    What slows the machine down in a round slows both sides of its ratio down, so it cancels.
    """
    ratios = [numerators[turn] / denominators[turn] for turn in numerators.keys() & denominators.keys()]
    return median(ratios) if ratios else math.nan


def spread(figures: Sequence[float]) -> float:
    """How far apart the figures are: from the lowest to the highest, as a part of the median."""
    return (max(figures) - min(figures)) / median(figures)

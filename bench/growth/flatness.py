"""Whether requests cost the same beside ever more tokens and clients: ratios within a life, and what all lives say.

What a request costs beside many is held against what it costs beside all populations that have as few of what grows as
any. Four have ten clients and differ in their tokens only: their mean is known better than any of them, which were 11 %
apart in a run with one life.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import geometric_mean

from bench.figures import Estimate
from bench.growth.sizes import What
from bench.judging.summary import Summary
from bench.judging.targets import Standing, standing, told
from bench.measuring.measurement import Measurement

CONCURRENCIES = (32, 128)
FLAT_WITHIN = 0.10
"""The target: how much dearer a request may be beside the largest population than beside the smallest ones."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A request that is measured beside a population.

    Attributes:
        what: What grows in the row of populations that this one is of.
        request: "issue" or "check".
        counts: How many tokens and clients there are.
        first: Whether it is the first token of each client after a start of the core. No target is about that.
    """

    what: What
    request: str
    counts: Mapping[What, int]
    first: bool = False

    @property
    def size(self) -> int:
        """How many there are of what grows."""
        return self.counts[self.what]

    @property
    def name(self) -> str:
        """Of the system that is measured."""
        return f"{self.label} beside {self.size} {self.what}"

    @property
    def label(self) -> str:
        """What is measured, in words."""
        return f"{self.request}, first" if self.first else self.request

    def fewest(self, subjects: Sequence["Subject"]) -> list["Subject"]:
        """The same request beside all populations of *subjects* that have the fewest of what grows."""
        same = [one for one in subjects if one.request == self.request and not one.first]
        least = min(one.counts[self.what] for one in same)
        return [one for one in same if one.counts[self.what] == least]


@dataclass(frozen=True, slots=True)
class Growth:
    """What one more size of a population changes.

    Attributes:
        what: "tokens" or "clients".
        size: How many.
        request: "issue", "check", or "issue, first" for the first token of each client after a start of the core.
        concurrency: How many requests are under way.
        cpu_us: CPU time per request on a core that nobody disturbs.
        cpu_us_measured: As it was measured.
        ratio: In units of that beside the populations that have the fewest: what all lives say together.
        error: The standard error of the ratio, as a part of it: by how much lives differ; None when there is one only.
        ratio_as_seen: The ratio when nothing is corrected.
        standing: How it stands; None for what no target is about, as the smallest itself.
    """

    what: What
    size: int
    request: str
    concurrency: int
    cpu_us: float
    cpu_us_measured: float
    ratio: float
    error: float | None
    ratio_as_seen: float
    standing: Standing | None

    @property
    def words(self) -> str:
        """How it stands, and that the uncorrected ratio would not do when it would not; empty where no target is."""
        kept = self.ratio_as_seen <= 1 + FLAT_WITHIN
        return "" if self.standing is None else told(self.standing, kept_as_seen=kept)


def growth(lives: Sequence[Sequence[Measurement]], subjects: Sequence[Subject], *, judged: bool) -> list[Growth]:
    """The findings.

    Args:
        lives: What was measured of each core and gateway.
        subjects: What was measured in them.
        judged: Whether targets may be judged.
    """
    together = Summary([measurement for life in lives for measurement in life])
    apart = [Summary(life) for life in lives]
    found = []
    for subject in subjects:
        fewest = subject.fewest(subjects)
        for concurrency in CONCURRENCIES:
            cell = together.cell(subject.name, concurrency)
            ratios = [one for life in apart if (one := _ratio(life, subject, fewest, concurrency)) is not None]
            if cell is None or not ratios:
                continue
            ratio = Estimate.of([one.corrected for one in ratios])
            stands = None
            if subject not in fewest and not subject.first:
                stands = standing(ratio, 1 + FLAT_WITHIN, at_least=False, judged=judged)
            found.append(
                Growth(
                    what=subject.what,
                    size=subject.size,
                    request=subject.label,
                    concurrency=concurrency,
                    cpu_us=cell.cpu_us,
                    cpu_us_measured=cell.cpu_us_measured,
                    ratio=ratio.value,
                    error=ratio.error if math.isfinite(ratio.error) else None,
                    ratio_as_seen=Estimate.of([one.as_seen for one in ratios]).value,
                    standing=stands,
                )
            )
    return sorted(found, key=lambda one: (one.what, one.request, one.concurrency, one.size))


@dataclass(frozen=True, slots=True)
class _Ratio:
    """What one life says."""

    corrected: float
    as_seen: float


def _ratio(life: Summary, subject: Subject, fewest: Sequence[Subject], concurrency: int) -> _Ratio | None:
    """What *subject* costs in units of the *fewest*; None when one of them was not measured in this *life*."""
    cell = life.cell(subject.name, concurrency)
    others = [life.cell(one.name, concurrency) for one in fewest]
    known = [other for other in others if other is not None]
    if cell is None or len(known) < len(others):
        return None
    return _Ratio(
        cell.cpu_us / geometric_mean(other.cpu_us for other in known),
        cell.cpu_us_measured / geometric_mean(other.cpu_us_measured for other in known),
    )

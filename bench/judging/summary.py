"""The many measurements of a run as few figures."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median

from bench.figures import Estimate, percentile
from bench.judging.correction import corrected
from bench.measuring.measurement import Measurement

_QUIET_PERCENT = 10
_LEFT_OUT_PART = 0.25
"""Of the measurements of a cell, those in which others disturbed the most, by the yardstick.

What it makes of them is the least certain, and mostly too much.
"""
_FEWEST = 5
"""So many are never left out of: fewer do not outvote a bad one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A system at a concurrency: what its rounds say together, and the worst of what should not be.

    Attributes:
        rounds: How many measurements there are.
        tokens_per_second: See `Measurement`; the median.
        cpu_us: CPU time per token on a core that nobody disturbs: the trimmed mean of what the yardstick makes of each,
            but of those that were disturbed the most.
        cpu_error: The standard error of that, as a part of it; None when there is one measurement only.
        cpu_us_measured: The trimmed mean of all CPU times as they were measured, nothing corrected and none left out.
        slowness: How many times slower than at its best the core was, by the yardstick; the median.
        cpu_us_by_process: What each process has of `cpu_us`.
        p50_ms: See `Measurement`; the trimmed mean, nothing corrected.
        p50_ms_undisturbed: The same on a core that nobody disturbs, corrected as `cpu_us` is.
        p50_error: The standard error of that, as a part of it; None when there is one measurement only.
        p99_ms: See `Measurement`; the trimmed mean, as of `p50_ms`: so it is never below that.
        resident_mib: See `Measurement`; the median.
        failures: Of all rounds together.
        missing: Of all rounds together.
        surplus: Of all rounds together.
        stored: Of all rounds together; None when nothing counts them.
        tokens: Of all rounds together.
        foreign_share: How much the core worked for others; the median.
    """

    rounds: int
    tokens_per_second: float
    cpu_us: float
    cpu_error: float | None
    cpu_us_measured: float
    slowness: float
    cpu_us_by_process: dict[str, float]
    p50_ms: float
    p50_ms_undisturbed: float
    p50_error: float | None
    p99_ms: float
    resident_mib: float
    failures: int
    missing: int
    surplus: int
    stored: int | None
    tokens: int
    foreign_share: float

    @classmethod
    def of(cls, runs: Sequence[Measurement], quiet_ns: float) -> "Cell":
        """The cell of some measurements of one system at one concurrency.

        Args:
            runs: The measurements.
            quiet_ns: What the yardstick says when nobody disturbs the core.
        """
        stored = [run.stored for run in runs if run.stored is not None]
        kept = _least_disturbed(runs)
        cpu = Estimate.of([corrected(run.cpu_us, yardstick_ns=run.yardstick_ns, quiet_ns=quiet_ns) for run in kept])
        p50 = Estimate.of([corrected(run.p50_ms, yardstick_ns=run.yardstick_ns, quiet_ns=quiet_ns) for run in kept])
        shares = {
            name: fmean(run.cpu_us_by_process[name] / run.cpu_us for run in runs) for name in runs[0].cpu_us_by_process
        }
        return cls(
            rounds=len(runs),
            tokens_per_second=median(run.tokens_per_second for run in runs),
            cpu_us=cpu.value,
            cpu_error=cpu.error if math.isfinite(cpu.error) else None,
            cpu_us_measured=Estimate.of([run.cpu_us for run in runs]).value,
            slowness=median(run.yardstick_ns / quiet_ns for run in runs),
            cpu_us_by_process={name: cpu.value * share for name, share in shares.items()},
            p50_ms=Estimate.of([run.p50_ms for run in runs]).value,
            p50_ms_undisturbed=p50.value,
            p50_error=p50.error if math.isfinite(p50.error) else None,
            p99_ms=Estimate.of([run.p99_ms for run in runs]).value,
            resident_mib=median(run.resident_mib for run in runs),
            failures=sum(run.failures for run in runs),
            missing=sum(run.missing for run in runs),
            surplus=sum(run.surplus for run in runs),
            stored=sum(stored) if stored else None,
            tokens=sum(run.tokens for run in runs),
            foreign_share=median(run.foreign_share for run in runs),
        )

    @property
    def cpu(self) -> Estimate:
        """CPU time per token, and how well it is known."""
        return Estimate(self.cpu_us, math.inf if self.cpu_error is None else self.cpu_error)

    @property
    def p50(self) -> Estimate:
        """The median latency on a core that nobody disturbs, in ms, and how well it is known."""
        return Estimate(self.p50_ms_undisturbed, math.inf if self.p50_error is None else self.p50_error)

    def as_json(self) -> dict[str, object]:
        """Its fields."""
        return asdict(self)


def _least_disturbed(runs: Sequence[Measurement]) -> Sequence[Measurement]:
    """*runs*, but for those in which the core was the slowest."""
    kept = max(_FEWEST, math.ceil(len(runs) * (1 - _LEFT_OUT_PART)))
    return sorted(runs, key=lambda run: run.yardstick_ns)[:kept]


class Summary:
    """What a run found."""

    def __init__(self, measurements: Sequence[Measurement]) -> None:
        readings = sorted(measurement.yardstick_ns for measurement in measurements)
        self.quiet_ns = percentile(readings, _QUIET_PERCENT)
        """What the yardstick said in the quietest tenth of the measurements: what all of them are corrected to."""
        runs: dict[tuple[str, int], list[Measurement]] = {}
        for measurement in measurements:
            runs.setdefault((measurement.system, measurement.concurrency), []).append(measurement)
        self._cells = {key: Cell.of(several, self.quiet_ns) for key, several in runs.items()}

    @property
    def systems(self) -> list[str]:
        """The systems that were measured."""
        return list(dict.fromkeys(system for system, _ in self._cells))

    @property
    def concurrencies(self) -> list[int]:
        """The concurrencies at which any was."""
        return sorted({concurrency for _, concurrency in self._cells})

    def cell(self, system: str, concurrency: int) -> Cell | None:
        """The figures of a system; None when it was not measured so."""
        return self._cells.get((system, concurrency))

    def cpu_ratio(self, system: str, reference: str, concurrency: int) -> Estimate | None:
        """CPU time per token of *system* in units of *reference*'s; None when one of them was not measured so."""
        one, other = self.cell(system, concurrency), self.cell(reference, concurrency)
        return one.cpu.over(other.cpu) if one and other else None

    def cpu_ratio_as_seen(self, system: str, reference: str, concurrency: int) -> float | None:
        """The same, nothing corrected."""
        one, other = self.cell(system, concurrency), self.cell(reference, concurrency)
        return one.cpu_us_measured / other.cpu_us_measured if one and other else None

    def p50_ratio(self, system: str, reference: str, concurrency: int) -> Estimate | None:
        """The same as `cpu_ratio` of the median latency."""
        one, other = self.cell(system, concurrency), self.cell(reference, concurrency)
        return one.p50.over(other.p50) if one and other else None

    def p50_ratio_as_seen(self, system: str, reference: str, concurrency: int) -> float | None:
        """The same, nothing corrected."""
        one, other = self.cell(system, concurrency), self.cell(reference, concurrency)
        return one.p50_ms / other.p50_ms if one and other else None

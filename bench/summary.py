"""The many measurements of a run as few figures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from bench.figures import paired_ratio, spread
from bench.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Cell:
    """A system at a concurrency: medians over the rounds, and the worst of what should not be.

    Attributes:
        rounds: How many measurements there are.
        tokens_per_second: See `Measurement`.
        cpu_us: See `Measurement`.
        cpu_spread: From the lowest to the highest CPU time per token, as a part of the median.
        cpu_us_by_process: See `Measurement`.
        p50_ms: See `Measurement`.
        p99_ms: See `Measurement`.
        resident_mib: See `Measurement`.
        failures: Of all rounds together.
        missing: Of all rounds together.
        stored: Of all rounds together; None when there is no store.
        tokens: Of all rounds together.
        foreign_share: The highest: how much the core worked for others.
    """

    rounds: int
    tokens_per_second: float
    cpu_us: float
    cpu_spread: float
    cpu_us_by_process: dict[str, float]
    p50_ms: float
    p99_ms: float
    resident_mib: float
    failures: int
    missing: int
    stored: int | None
    tokens: int
    foreign_share: float

    @classmethod
    def of(cls, runs: Sequence[Measurement]) -> "Cell":
        """The cell of some measurements of one system at one concurrency."""
        stored = [run.stored for run in runs if run.stored is not None]
        return cls(
            rounds=len(runs),
            tokens_per_second=median(run.tokens_per_second for run in runs),
            cpu_us=median(run.cpu_us for run in runs),
            cpu_spread=spread([run.cpu_us for run in runs]),
            cpu_us_by_process={
                name: median(run.cpu_us_by_process[name] for run in runs) for name in runs[0].cpu_us_by_process
            },
            p50_ms=median(run.p50_ms for run in runs),
            p99_ms=median(run.p99_ms for run in runs),
            resident_mib=median(run.resident_mib for run in runs),
            failures=sum(run.failures for run in runs),
            missing=sum(run.missing for run in runs),
            stored=sum(stored) if stored else None,
            tokens=sum(run.tokens for run in runs),
            foreign_share=max(run.foreign_share for run in runs),
        )

    def as_json(self) -> dict[str, object]:
        """Its fields."""
        return asdict(self)


class Summary:
    """What a run found."""

    def __init__(self, measurements: Sequence[Measurement]) -> None:
        self._runs: dict[tuple[str, int], list[Measurement]] = {}
        for measurement in measurements:
            self._runs.setdefault((measurement.system, measurement.concurrency), []).append(measurement)

    @property
    def systems(self) -> list[str]:
        """The systems that were measured."""
        return list(dict.fromkeys(system for system, _ in self._runs))

    @property
    def concurrencies(self) -> list[int]:
        """The concurrencies at which any was."""
        return sorted({concurrency for _, concurrency in self._runs})

    def cell(self, system: str, concurrency: int) -> Cell | None:
        """The figures of a system; None when it was not measured so."""
        runs = self._runs.get((system, concurrency))
        return Cell.of(runs) if runs else None

    def cpu_ratio(self, system: str, reference: str, concurrency: int) -> float:
        """CPU time per token of *system* in units of *reference*'s; see `paired_ratio`."""
        return self._ratio(system, reference, concurrency, "cpu_us")

    def p50_ratio(self, system: str, reference: str, concurrency: int) -> float:
        """The same of the median latency."""
        return self._ratio(system, reference, concurrency, "p50_ms")

    def _ratio(self, system: str, reference: str, concurrency: int, figure: str) -> float:
        numerators, denominators = (
            {run.turn: float(getattr(run, figure)) for run in self._runs.get((name, concurrency), ())}
            for name in (system, reference)
        )
        return paired_ratio(numerators, denominators)

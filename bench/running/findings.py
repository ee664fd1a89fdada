"""What a run gave."""

from dataclasses import dataclass, field

from bench.measuring.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run gave.

    Attributes:
        measurements: In the order in which they were made.
        problems: Starts and measurements that failed, each with the reason; the run goes on without them.
    """

    measurements: list[Measurement] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything was measured, every request succeeded, and the tokens are those that were asked for."""
        return not self.problems and all(one.sound for one in self.measurements)

"""What `python -m bench growth` found, beside what Grantway promises of growth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.figures import Estimate
from bench.growth.endurance import Reading, growth_mib
from bench.growth.scale import Scales
from bench.growth.scale_out import Layout
from bench.judging.noise import SLOWNESS
from bench.judging.targets import Standing, standing, told

BYTES_PER_TOKEN = 160
"""The target: what a live token may take in the store."""
FLAT_MIB = 2.0
"""Growth of a process that still counts as none: the allocator's, not the program's."""
DEARER_WITH_TWO = 1.25
"""The target: what a token may cost with two cores and gateways on one core of the machine, in units of one of each.

It is not 1: each gateway has half of the requests, so its batches are half as large, and fewer tokens share what a
batch costs.
"""


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    """Resident memory of one process over all requests, in MiB.

    Attributes:
        process: Its name.
        first: At the first reading.
        last: At the last one.
        growth: From the first tenth of the requests to the last one.
        standing: How the promise stands; None for the store, which holds the tokens.
    """

    process: str
    first: float
    last: float
    growth: float
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class TokenMemory:
    """What a token takes in the largest store: in a small one it is the tables' first size that is measured.

    Attributes:
        tokens: How many there are.
        bytes_per_token: For each of them.
        standing: How the promise stands.
    """

    tokens: int
    bytes_per_token: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class LayoutCost:
    """What a token costs with so many cores and gateways.

    Attributes:
        layout: Which.
        ratio: In units of the first layout, and how well that is known; None for the first itself.
        ratio_as_seen: The same, nothing corrected.
        standing: How the promise stands; None for the first.
    """

    layout: Layout
    ratio: Estimate | None
    ratio_as_seen: float
    standing: Standing | None

    @property
    def words(self) -> str:
        """How it stands, and that the uncorrected ratio would not do when it would not; empty for the first."""
        kept = self.ratio_as_seen <= DEARER_WITH_TWO
        return "" if self.standing is None else told(self.standing, kept_as_seen=kept)


@dataclass(frozen=True, slots=True)
class GrowthFindings:
    """Everything.

    Attributes:
        scales: What requests cost, and what the store holds.
        readings: Memory of each process over very many requests.
        layouts: Cores and gateways side by side.
        quick: Whether it was a look only, by which nothing is judged.
    """

    scales: Scales
    readings: Sequence[Reading]
    layouts: Sequence[Layout]
    quick: bool

    def token_memory(self) -> TokenMemory:
        """What a token takes."""
        largest = max(self.scales.memory, key=lambda memory: memory.tokens)
        stands = self._standing(kept=largest.bytes_per_token <= BYTES_PER_TOKEN)
        return TokenMemory(largest.tokens, largest.bytes_per_token, stands)

    def process_memory(self) -> list[ProcessMemory]:
        """What each process holds."""
        first, last = self.readings[0].resident_mib, self.readings[-1].resident_mib
        found = []
        for process in first:
            growth = growth_mib(self.readings, process)
            stands = None if process == "store" else self._standing(kept=growth <= FLAT_MIB)
            found.append(ProcessMemory(process, first[process], last[process], growth, stands))
        return found

    def layout_costs(self) -> list[LayoutCost]:
        """What more cores and gateways cost."""
        first, *others = self.layouts
        found = [LayoutCost(first, None, 1.0, None)]
        quiet = all(layout.slowness <= SLOWNESS for layout in self.layouts)
        for layout in others:
            ratio = layout.cpu.over(first.cpu)
            stands = standing(ratio, DEARER_WITH_TWO, at_least=False, judged=quiet and not self.quick)
            as_seen = layout.cpu_us_measured / first.cpu_us_measured
            found.append(LayoutCost(layout, ratio, as_seen, stands))
        return found

    @property
    def problems(self) -> list[str]:
        """What could not be measured, and where requests failed."""
        failures = {
            "over many requests": self.readings[-1].failures,
            **{f"with {layout.count} cores and gateways": layout.failures for layout in self.layouts},
        }
        failed = [f"{count} requests failed {where}" for where, count in failures.items() if count]
        return [*self.scales.problems, *failed]

    @property
    def sound(self) -> bool:
        """Whether everything was measured, every request succeeded, and no promise is broken."""
        return not self.problems and Standing.MISSED not in self._standings()

    def _standings(self) -> Iterable[Standing | None]:
        return (
            *(one.standing for one in self.scales.growth),
            *(one.standing for one in self.process_memory()),
            self.token_memory().standing,
            *(one.standing for one in self.layout_costs()),
        )

    def _standing(self, *, kept: bool) -> Standing:
        if self.quick:
            return Standing.NOT_JUDGED
        return Standing.MET if kept else Standing.MISSED

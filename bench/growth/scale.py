"""What a request costs beside ever more tokens and clients: all populations alive at once, measured in turns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rich.progress import Progress

from bench.cores import Cores
from bench.figures import paired_ratio
from bench.growth.population import Population, StoreMemory, populate
from bench.loads.http import HttpLoad
from bench.loads.sdk import SdkLoad
from bench.measurement import measure
from bench.stage import Workshop
from bench.systems import ours
from bench.systems.system import Kind, System

CONCURRENCIES = (32, 128)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the populations are.

    Attributes:
        tokens: Live tokens, of few clients.
        clients: Clients, with few tokens.
        few_tokens: How many tokens that is.
        few_clients: How many clients that is.
        rounds: How often everything is measured.
        seconds: How long each measurement takes.
    """

    tokens: Sequence[int] = (1_000, 100_000, 1_000_000)
    clients: Sequence[int] = (10, 1_000, 100_000)
    few_tokens: int = 20_000
    few_clients: int = 10
    rounds: int = 3
    seconds: int = 3

    def populations(self) -> Iterator[tuple[str, int, int, int]]:
        """What grows, how large it is, how many clients and how many tokens that means."""
        for tokens in self.tokens:
            yield "tokens", tokens, self.few_clients, tokens
        for clients in self.clients:
            yield "clients", clients, clients, self.few_tokens


@dataclass(frozen=True, slots=True)
class Growth:
    """What one more size of a population changes.

    Attributes:
        what: "tokens" or "clients".
        size: How many.
        request: "issue" or "check".
        concurrency: How many requests are under way.
        cpu_us: CPU time per request, median over rounds.
        ratio: The same in units of the smallest population's, paired by round.
    """

    what: str
    size: int
    request: str
    concurrency: int
    cpu_us: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Scales:
    """The findings.

    Attributes:
        growth: What requests cost.
        memory: What each population takes in the store.
    """

    growth: Sequence[Growth]
    memory: Sequence[StoreMemory]


def _systems(population: Population) -> Iterator[tuple[str, System]]:
    for request, load in (
        ("issue", HttpLoad(clients=population.clients)),
        ("check", SdkLoad("introspect", population.sample)),
    ):
        title = f"{request} beside {population.label}"
        yield request, System(name=title, title=title, kind=Kind.OURS, build=ours.build, load=load, settings="")


def measure_scales(sizes: Sizes, workshop: Workshop, running: ExitStack, progress: Progress, cores: Cores) -> Scales:
    """Fills the stores and measures; what it starts is stopped by *running*."""
    wanted = list(sizes.populations())
    task = progress.add_task("", total=len(wanted))
    populations: list[tuple[str, int, Population]] = []
    for what, size, clients, tokens in wanted:
        progress.update(task, description=f"Filling: {tokens:,} tokens, {clients:,} clients")
        population = populate(workshop, clients=clients, tokens=tokens)
        running.callback(population.stage.stop)
        populations.append((what, size, population))
        progress.advance(task)

    costs: dict[tuple[str, str, int, int], dict[int, float]] = {}
    scratch = workshop.room("scratch")
    progress.reset(task, total=(sizes.rounds + 1) * len(CONCURRENCIES) * len(populations) * 2)
    for turn in range(-1, sizes.rounds):  # The first is for warming up.
        for concurrency in CONCURRENCIES:
            for what, size, population in populations:
                for request, system in _systems(population):
                    progress.update(task, description=f"Round {turn + 1}, c={concurrency}: {system.title}")
                    found = measure(
                        system,
                        population.stage,
                        cores=cores,
                        concurrency=concurrency,
                        seconds=sizes.seconds,
                        turn=turn,
                        scratch=scratch,
                    )
                    assert not found.failures, found
                    assert not found.missing, found
                    if turn >= 0:
                        costs.setdefault((what, request, concurrency, size), {})[turn] = found.cpu_us
                    progress.advance(task)
    progress.remove_task(task)
    return Scales(
        growth=_growth(costs),
        memory=[population.memory for _, _, population in populations],
    )


def _growth(costs: Mapping[tuple[str, str, int, int], Mapping[int, float]]) -> list[Growth]:
    found = []
    for (what, request, concurrency, size), by_turn in costs.items():
        smallest = min(other[3] for other in costs if other[:3] == (what, request, concurrency))
        reference = costs[what, request, concurrency, smallest]
        found.append(
            Growth(
                what=what,
                size=size,
                request=request,
                concurrency=concurrency,
                cpu_us=sorted(by_turn.values())[len(by_turn) // 2],
                ratio=paired_ratio(by_turn, reference),
            )
        )
    return sorted(found, key=lambda one: (one.what, one.request, one.concurrency, one.size))

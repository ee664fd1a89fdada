"""What a request costs beside ever more tokens and clients: the same processes serve all populations in turns."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.progress import Progress

from bench.figures import Estimate
from bench.growth.data_sets import DataSets
from bench.growth.first_tokens import FirstTokens, cold_stages
from bench.growth.population import Population, StoreMemory, acquaint, populate
from bench.growth.sizes import Sizes
from bench.growth.standing_run import StandingRun
from bench.judging.noise import is_quiet, noise
from bench.judging.summary import Summary
from bench.judging.targets import Standing, standing, told
from bench.loads.http import HttpLoad
from bench.loads.sdk import SdkLoad
from bench.measuring.measurement import Measurement
from bench.running.plan import Plan, Step
from bench.stages.stage import Stage
from bench.stages.workshop import Workshop
from bench.systems import ours
from bench.systems.system import Kind, System

CONCURRENCIES = (32, 128)
FLAT_WITHIN = 0.10
"""The target: how much dearer a request may be beside the largest population than beside the smallest."""


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
        ratio: `cpu_us` in units of the smallest population's.
        error: The standard error of the ratio, as a part of it.
        ratio_as_seen: The ratio when nothing is corrected.
        standing: How it stands; None for what no target is about, as the smallest itself.
    """

    what: str
    size: int
    request: str
    concurrency: int
    cpu_us: float
    cpu_us_measured: float
    ratio: float
    error: float
    ratio_as_seen: float
    standing: Standing | None

    @property
    def words(self) -> str:
        """How it stands, and that the uncorrected ratio would not do when it would not; empty where no target is."""
        kept = self.ratio_as_seen <= 1 + FLAT_WITHIN
        return "" if self.standing is None else told(self.standing, kept_as_seen=kept)


@dataclass(frozen=True, slots=True)
class Scales:
    """The findings.

    Attributes:
        growth: What requests cost.
        memory: What each population takes in the store.
        noise: How much others disturbed the measurements, in words.
        problems: Measurements that failed, or in which a request did, or a token was missing.
        measurements: All of them.
        judged: Whether targets may be judged: it was no look, and the machine was quiet.
    """

    growth: Sequence[Growth]
    memory: Sequence[StoreMemory]
    noise: str
    problems: Sequence[str]
    measurements: Sequence[Measurement]
    judged: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """A request that is measured beside a population.

    Attributes:
        what: See `Growth`.
        size: See `Growth`.
        request: See `Growth`.
        population: The population.
        system: The request, as the bench measures it.
    """

    what: str
    size: int
    request: str
    population: Population
    system: System


_FIRST = "issue, first"


def measure_scales(sizes: Sizes, workshop: Workshop, progress: Progress) -> Scales:
    """Fills a store and measures."""
    store, stage = ours.start(workshop)
    filled = _fill(sizes, stage, DataSets(store), progress)
    subjects = [subject for one in filled for subject in _subjects(*one, sizes)]
    plan = Plan(
        [subject.system for subject in subjects],
        concurrencies=CONCURRENCIES,
        least_rounds=sizes.least_rounds,
        most_rounds=sizes.most_rounds,
        minutes=sizes.minutes,
        seconds=sizes.seconds,
        warm_up_seconds=1,
        quick=sizes.quick,
    )
    stages = {subject.system.name: subject.population.stage for subject in subjects}
    scratch = workshop.room("scratch")
    run = StandingRun(plan, stages, scratch, cores=workshop.cores, progress=progress)
    run.warm_up_all()
    run.measure(time.monotonic() + plan.minutes * 60)
    first = _measure_first_tokens(subjects, sizes, run, workshop, progress)
    summary = Summary(run.findings.measurements)
    judged = not sizes.quick and is_quiet(summary, plan.systems)
    return Scales(
        growth=_growth(summary, subjects, judged=judged) + _growth(summary, first, judged=None),
        memory=[population.memory for _, _, population in filled],
        noise=noise(summary, plan.systems),
        problems=[*run.findings.problems, *_unsound(run.findings.measurements)],
        measurements=run.findings.measurements,
        judged=judged,
    )


def _fill(sizes: Sizes, stage: Stage, data_sets: DataSets, progress: Progress) -> list[tuple[str, int, Population]]:
    """Fills the store of *stage*: what grows, its size, and the population that there is then."""
    filled = []
    task = progress.add_task("", total=len(sizes.tokens) + len(sizes.clients))
    for what, size, clients, tokens in sizes.populations():
        progress.update(task, description=f"Filling: {tokens:,} tokens, {clients:,} clients")
        filled.append((what, size, populate(stage, data_sets, clients=clients, tokens=tokens)))
        progress.advance(task)
    progress.update(task, description="Having the core see all clients")
    acquaint([population for _, _, population in filled], data_sets)
    progress.remove_task(task)
    return filled


def _subjects(what: str, size: int, population: Population, sizes: Sizes) -> list[Subject]:
    """What is measured beside *population*."""
    fewest = min(sizes.tokens if what == "tokens" else sizes.clients)
    loads = {
        "issue": HttpLoad(clients=population.clients),
        "check": SdkLoad("introspect", population.sample),
    }
    subjects = []
    for request, load in loads.items():
        system = System(
            name=f"{request} {what} {size}",
            title=f"{request} beside {population.label}",
            kind=Kind.OURS,
            build=ours.build,
            load=load,
            settings="",
            references=(f"{request} {what} {fewest}",),
        )
        subjects.append(Subject(what, size, request, population, system))
    return subjects


def _measure_first_tokens(
    subjects: Sequence[Subject], sizes: Sizes, run: StandingRun, workshop: Workshop, progress: Progress
) -> list[Subject]:
    """Measures the clients of the largest population as they come to a new core."""
    of_clients = [subject for subject in subjects if subject.what == "clients" and subject.request == "issue"]
    largest = max(of_clients, key=lambda subject: subject.size)
    population = largest.population
    name = f"{_FIRST} {largest.system.name}"
    task = progress.add_task("First tokens of all clients", total=len(CONCURRENCIES) * sizes.cold_rounds)
    found, scratch = None, workshop.room("scratch")
    for concurrency in CONCURRENCIES:
        for turn, stage in enumerate(cold_stages(population, sizes.cold_rounds, workshop)):
            system = replace(largest.system, name=name, title=name, load=FirstTokens(population.clients))
            run.add(Step(turn, concurrency, system), stage, scratch)
            found = replace(largest, request=_FIRST, system=system)
            progress.advance(task)
    progress.remove_task(task)
    return [found] if found else []


def _growth(summary: Summary, subjects: Sequence[Subject], *, judged: bool | None) -> list[Growth]:
    """The findings; *judged* is None for what no target is about."""
    found = []
    for subject in subjects:
        for concurrency in CONCURRENCIES:
            (reference,) = subject.system.references
            cell = summary.cell(subject.system.name, concurrency)
            ratio = summary.cpu_ratio(subject.system.name, reference, concurrency)
            as_seen = summary.cpu_ratio_as_seen(subject.system.name, reference, concurrency)
            if cell is None or ratio is None or as_seen is None:
                continue
            stands = None
            if subject.system.name == reference:
                ratio = Estimate(1.0, 0.0)
            elif judged is not None:
                stands = standing(ratio, 1 + FLAT_WITHIN, at_least=False, judged=judged)
            found.append(
                Growth(
                    what=subject.what,
                    size=subject.size,
                    request=subject.request,
                    concurrency=concurrency,
                    cpu_us=cell.cpu_us,
                    cpu_us_measured=cell.cpu_us_measured,
                    ratio=ratio.value,
                    error=ratio.error,
                    ratio_as_seen=as_seen,
                    standing=stands,
                )
            )
    return sorted(found, key=lambda one: (one.what, one.request, one.concurrency, one.size))


def _unsound(measurements: Sequence[Measurement]) -> list[str]:
    return [
        f"{one.system} at c={one.concurrency}: {one.failures} failed, {one.missing} missing, {one.surplus} too many"
        for one in measurements
        if not one.sound
    ]

"""What a request costs beside ever more tokens and clients: in each life the same processes serve all populations."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.progress import Progress

from bench.growth.data_sets import DataSets
from bench.growth.first_tokens import FirstTokens
from bench.growth.flatness import CONCURRENCIES, Growth, Subject, growth
from bench.growth.life import life
from bench.growth.population import Population, StoreMemory, acquaint, populate
from bench.growth.sizes import Sizes, What
from bench.growth.standing_run import StandingRun
from bench.judging.noise import is_quiet, noise
from bench.judging.summary import Summary
from bench.loads.http import HttpLoad
from bench.loads.load import Load
from bench.loads.sdk import SdkLoad
from bench.measuring.measurement import Measurement
from bench.running.plan import Plan, Step
from bench.running.run import FAILURES
from bench.stages.stage import Stage
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems import ours
from bench.systems.ours import LISTED_KEY
from bench.systems.system import Kind, System


@dataclass(frozen=True, slots=True)
class Scales:
    """The findings.

    Attributes:
        growth: What requests cost.
        memory: What each population takes in the store.
        noise: How much others disturbed the measurements, in words.
        problems: Measurements that failed, or in which a request did, or a token was missing.
        measurements: All of them, by life.
        judged: Whether targets may be judged: it was no look, and the machine was quiet.
    """

    growth: Sequence[Growth]
    memory: Sequence[StoreMemory]
    noise: str
    problems: Sequence[str]
    measurements: Sequence[Sequence[Measurement]]
    judged: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A request beside a population, as the bench measures it."""

    subject: Subject
    population: Population
    system: System

    def on(self, processes: Stage) -> Stage:
        """Where it is measured, when these *processes* serve."""
        return self.population.served_by(processes).stage


def measure_scales(sizes: Sizes, workshop: Workshop, progress: Progress) -> Scales:
    """Fills a store and measures."""
    store, data_sets, filled = _fill(sizes, workshop, progress)
    rows = [row for what, population in filled for row in _rows(what, population)]
    first = _first_tokens(max((population for _, population in filled), key=lambda one: one.memory.clients))
    plan = Plan(
        [row.system for row in rows],
        concurrencies=CONCURRENCIES,
        seconds=sizes.seconds,
        warm_up_seconds=1,
    )
    count = sizes.lives * (sizes.rounds * len(rows) + 1) * len(CONCURRENCIES)
    run = StandingRun(plan, workshop.room("scratch"), cores=workshop.cores, progress=progress, count=count)
    measured = []
    for number in range(sizes.lives):
        before = len(run.findings.measurements)
        turns = range(number * sizes.rounds, (number + 1) * sizes.rounds)
        try:
            with life(store, workshop) as stage:
                # Neither concurrency is always the one that comes to a core that was just started.
                for concurrency in CONCURRENCIES if number % 2 else reversed(CONCURRENCIES):
                    run.measure_once(Step(turns[0], concurrency, first.system), first.on(stage))
                _acquaint([population.served_by(stage) for _, population in filled], data_sets, progress)
                stages = {row.system.name: row.on(stage) for row in rows}
                run.warm_up_on(stages)
                # Checks come before tokens: uses of many clients are written for many seconds after the tokens that
                # they obtained, and a check that is measured meanwhile would pay for it.
                for request in ("check", "issue"):
                    of_request = {
                        row.system.name: stages[row.system.name] for row in rows if row.subject.request == request
                    }
                    for turn in turns:
                        run.measure_round(turn, of_request)
        except FAILURES as error:
            run.findings.problems.append(f"Life {number + 1} ends: {error}")
        measured.append(run.findings.measurements[before:])
    summary = Summary(run.findings.measurements)
    judged = not sizes.quick and is_quiet(summary, plan.systems)
    return Scales(
        growth=growth(measured, [row.subject for row in (*rows, first)], judged=judged),
        memory=[population.memory for _, population in filled],
        noise=noise(summary, plan.systems),
        problems=[*run.findings.problems, *_unsound(run.findings.measurements)],
        measurements=measured,
        judged=judged,
    )


def _fill(
    sizes: Sizes, workshop: Workshop, progress: Progress
) -> tuple[Store, DataSets, list[tuple[What, Population]]]:
    """A store, its data sets, and the population of each with what grows from the one before it to it."""
    store, stage = ours.start(workshop)
    store.wait_for_key(LISTED_KEY)
    data_sets, filled = DataSets(store, common=[LISTED_KEY]), []
    task = progress.add_task("", total=len(sizes.tokens) + len(sizes.clients))
    for what, clients, tokens in sizes.populations():
        progress.update(task, description=f"Filling: {tokens:,} tokens, {clients:,} clients")
        filled.append((what, populate(stage, data_sets, clients=clients, tokens=tokens)))
        progress.advance(task)
    progress.remove_task(task)
    for process in reversed(stage.processes):
        if process is not store.process:
            process.stop()
    return store, data_sets, filled


def _rows(what: What, population: Population) -> list[_Row]:
    """What is measured beside *population*."""
    loads = {
        "issue": HttpLoad(clients=population.clients),
        "check": SdkLoad("introspect", population.sample),
    }
    return [_row(Subject(what, request, population.counts), population, load) for request, load in loads.items()]


def _first_tokens(population: Population) -> _Row:
    """The clients of *population* as they come to a new core."""
    load = FirstTokens(population.clients, measurements=len(CONCURRENCIES))
    return _row(Subject("clients", "issue", population.counts, first=True), population, load)


def _row(subject: Subject, population: Population, load: Load) -> _Row:
    title = f"{subject.label} beside {population.label}"
    system = System(name=subject.name, title=title, kind=Kind.OURS, build=ours.build, load=load, settings="")
    return _Row(subject, population, system)


def _acquaint(populations: Sequence[Population], data_sets: DataSets, progress: Progress) -> None:
    task = progress.add_task("Having the core see all clients", total=None)
    acquaint(populations, data_sets)
    progress.remove_task(task)


def _unsound(measurements: Sequence[Measurement]) -> list[str]:
    return [
        f"{one.system} at c={one.concurrency}: {one.failures} failed, {one.missing} missing, {one.surplus} too many"
        for one in measurements
        if not one.sound
    ]

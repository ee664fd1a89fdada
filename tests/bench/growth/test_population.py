"""A store with many clients and tokens, on real processes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from bench.growth.data_sets import DataSets
from bench.growth.first_tokens import FirstTokens, cold_stages
from bench.growth.population import Population, acquaint, populate
from bench.loads.grpc_calls import issue_tokens
from bench.loads.load import LoadError
from bench.stages.stage import Stage
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems import ours
from bench.systems.ours import TOKEN_KEYS
from tests.bench.small_system import one_core


@pytest.fixture(name="workshop")
def _workshop(tmp_path: Path) -> Iterator[Workshop]:
    workshop = Workshop(one_core(), tmp_path)
    yield workshop
    workshop.stop()


@pytest.fixture(name="population")
def _population(workshop: Workshop) -> Population:
    store, stage = ours.start(workshop)
    return populate(stage, DataSets(store), clients=20, tokens=300)


def _reads(store: Store) -> int:
    """How often clients were read."""
    return _calls(store, "mget")


def _issue_to_all(population: Population, stage: Stage | None = None) -> None:
    for client in population.clients:
        assert issue_tokens(replace(stage or population.stage, client=client), 1)


def test_the_core_of_a_population_has_served_all_its_clients(population: Population, workshop: Workshop) -> None:
    """What it takes for that is not part of the population. A new core on the same store has served none of them."""
    assert (len(population.clients), len(population.sample)) == (20, 300)
    assert len(list(population.store.scan(TOKEN_KEYS))) == 300
    before = _reads(population.store)

    _issue_to_all(population)
    of_its_core = _reads(population.store) - before
    for cold in cold_stages(population, 1, workshop):
        _issue_to_all(population, cold)

    assert (0, 20) == (of_its_core, _reads(population.store) - before)


def test_nothing_is_added_to_a_population_but_tokens(population: Population) -> None:
    """The core wrote down the uses of all its clients before: what it writes later would count as tokens."""
    book = population.stage.book
    assert book is not None
    uses = len(list(population.store.scan(b"gw:{live}:u:*")))

    made = len(issue_tokens(population.stage, 3))
    time.sleep(1.5)  # The core writes what it noted every second.

    assert (20, 3, 3) == (uses, made, book.count())


def _looks(store: Store) -> int:
    """How often scripts looked at a client."""
    return _calls(store, "getrange")


def _calls(store: Store, command: str) -> int:
    with Redis(port=store.port) as redis:
        return int(redis.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])


def test_a_core_that_was_acquainted_with_all_clients_looks_at_none(workshop: Workshop) -> None:
    """Whichever data set is shown: else what is measured would be how it gets to know them."""
    store, stage = ours.start(workshop)
    data_sets = DataSets(store)
    populations = [populate(stage, data_sets, clients=20, tokens=100) for _ in range(2)]

    acquaint(populations, data_sets)

    before = _looks(store)
    for one in populations:
        assert one.stage.book is not None
        one.stage.book.open()
        _issue_to_all(one)
    assert before == _looks(store)


def test_a_new_core_serves_the_clients_of_the_store(population: Population, workshop: Workshop) -> None:
    """It reads them as they come, and it is gone when the next one is asked for."""
    stages = cold_stages(population, 2, workshop)
    first = next(stages)
    assert len(issue_tokens(replace(first, client=population.clients[7]), 3)) == 3
    next(stages)
    with pytest.raises(LoadError):
        issue_tokens(first, 1)
    stages.close()


def test_the_wake_up_takes_one_half_of_the_clients_and_the_measurement_the_other(
    population: Population, tmp_path: Path
) -> None:
    """So that those who are measured come for the first time."""
    load, halves = FirstTokens(population.clients), []
    for _ in range(2):
        command = load.command(population.stage, concurrency=1, seconds=1, scratch=tmp_path)
        assert command.env["BENCH_IN_TURN"]
        halves.append(set(Path(command.env["BENCH_BODIES"]).read_text().split()))
    assert [len(half) for half in halves] == [10, 10]
    assert not halves[0] & halves[1]

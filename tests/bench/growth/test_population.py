"""A store with many clients and tokens, on real processes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from bench.growth.data_sets import DataSets
from bench.growth.first_tokens import FirstTokens
from bench.growth.life import life
from bench.growth.population import Population, acquaint, populate
from bench.loads.grpc_calls import issue_tokens
from bench.loads.load import LoadError
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


def _issue_to_all(population: Population) -> None:
    for client in population.clients:
        assert issue_tokens(replace(population.stage, client=client), 1)


def test_the_core_of_a_population_has_served_all_its_clients(population: Population, workshop: Workshop) -> None:
    """What it takes for that is not part of the population. A new core on the same store has served none of them."""
    assert (len(population.clients), len(population.sample)) == (20, 300)
    assert len(list(population.store.scan(TOKEN_KEYS))) == 300
    before = _reads(population.store)

    _issue_to_all(population)
    of_its_core = _reads(population.store) - before
    with life(population.store, workshop) as stage:
        _issue_to_all(population.served_by(stage))

    assert (0, 20) == (of_its_core, _reads(population.store) - before)


def test_nothing_is_added_to_a_population_but_tokens(population: Population) -> None:
    """The core wrote down the uses of all its clients before: what it writes later would count as tokens."""
    book = population.book
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


def test_a_new_core_that_was_acquainted_with_all_clients_looks_at_none(workshop: Workshop) -> None:
    """Whichever data set is shown: else what is measured would be how it gets to know them."""
    store, stage = ours.start(workshop)
    data_sets = DataSets(store)
    populations = [populate(stage, data_sets, clients=20, tokens=100) for _ in range(2)]

    with life(store, workshop) as processes:
        served = [one.served_by(processes) for one in populations]
        acquaint(served, data_sets)

        before = _looks(store)
        for one in served:
            one.book.open()
            _issue_to_all(one)
        assert before == _looks(store)


def test_a_new_core_serves_the_clients_of_the_store(population: Population, workshop: Workshop) -> None:
    """It reads them as they come, and it is gone with its life."""
    with life(population.store, workshop) as stage:
        there = population.served_by(stage).stage
        assert len(issue_tokens(replace(there, client=population.clients[7]), 3)) == 3
    with pytest.raises(LoadError):
        issue_tokens(there, 1)


def test_no_command_of_first_tokens_has_a_client_of_another_one(population: Population, tmp_path: Path) -> None:
    """So all who are measured come for the first time, at either concurrency, and after those who wake the core up."""
    load = FirstTokens(population.clients, measurements=2)
    parts = []
    for _ in range(4):
        command = load.command(population.stage, concurrency=1, seconds=1, scratch=tmp_path)
        assert command.env["BENCH_IN_TURN"]
        parts.append(set(Path(command.env["BENCH_BODIES"]).read_text().split()))
    assert [5, 5, 5, 5] == [len(part) for part in parts]
    assert len(set.union(*parts)) == 20

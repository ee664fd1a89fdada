"""Data sets that take turns in one store, on a real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from bench.growth.data_sets import DataSetBook, DataSets
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from tests.bench.small_system import one_core


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[Store]:
    workshop = Workshop(one_core(), tmp_path)
    yield Store.start(workshop, tmp_path)
    workshop.stop()


@pytest.fixture(name="user")
def _user(store: Store) -> Iterator[Redis]:
    """A connection that stays open, as that of a core does."""
    with Redis(port=store.port) as user:
        user.set("what was there before", 1)
        yield user


def test_who_uses_the_store_sees_the_data_set_that_is_shown(store: Store, user: Redis) -> None:
    """A new one is empty and shown. The others are as they were when they are shown again."""
    data_sets = DataSets(store)
    names = {}
    for name in (b"a", b"b", b"c"):
        names[data_sets.add()] = name
        assert user.dbsize() == 0
        user.set(name, 1)
    for number in (*names, *reversed(names)):
        data_sets.show(number)
        assert user.keys() == [names[number]]


def test_every_data_set_has_what_all_have_in_common(store: Store, user: Redis) -> None:
    """As it was before there was any; nothing else that the store held."""
    user.set("common", 1)
    data_sets, held = DataSets(store, common=[b"common"]), []
    for _ in range(3):
        data_sets.add()
        held.append(user.keys())
        user.set("own", 1)
    assert held == [[b"common"]] * 3


def test_data_sets_may_share_a_key(store: Store, user: Redis) -> None:
    """All hold what the one that is shown does, whatever they held; nothing else is shared."""
    data_sets, held = DataSets(store), []
    for number in range(1, 4):
        data_sets.add()
        user.mset({"shared": number, "own": number})
    data_sets.show(2)

    data_sets.share(b"shared")

    for number in range(1, 4):
        data_sets.show(number)
        held.append(user.mget("shared", "own"))
    assert [[b"2", b"1"], [b"2", b"2"], [b"2", b"3"]] == held


def test_the_book_of_a_data_set_forgets_tokens_that_came_later(store: Store, user: Redis) -> None:
    """Those that it held are kept, and so is whatever is no token. Other data sets stay as they are."""
    data_sets = DataSets(store)
    number = data_sets.add()
    user.mset({"gw:t:old": 1, "gw:{live}:clients": 1})
    book = DataSetBook(data_sets, number)
    data_sets.add()
    user.set("gw:t:other", 1)

    book.open()
    user.mset({"gw:t:new": 1, "gw:t:newer": 1})
    assert book.count() == 2
    book.reset()
    assert (book.count(), sorted(user.keys())) == (0, [b"gw:t:old", b"gw:{live}:clients"])

    data_sets.add()
    book.reset()
    assert user.exists("gw:t:old")


def test_a_use_that_is_written_down_for_the_first_time_is_no_token(store: Store, user: Redis) -> None:
    """After the next reset it is not counted any more."""
    data_sets = DataSets(store)
    book = DataSetBook(data_sets, data_sets.add())
    user.mset({"gw:t:new": 1, "gw:{live}:u:client": 1})
    book.reset()
    assert (book.count(), user.keys()) == (0, [b"gw:{live}:u:client"])

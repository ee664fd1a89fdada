"""Clients that an older core wrote, and that are in no index but that of all ids."""

import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import ClientFilter, StorageUnavailable
from grantway_server.storage import index_backfill
from grantway_server.storage.client_indexes import index_changes
from grantway_server.storage.index_backfill import IndexBackfill
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_client_store import RedisClientStore
from grantway_server.storage.redis_connection import RedisConnections, Script
from tests.fakes.redis_stores import redis_client_store
from tests.server.samples import NOON, a_client
from tests.server.storage.writes import delete, put, put_all

_KEYS = EnvironmentKeys(Environment.LIVE)
_Entry = tuple[str, bytes]


@pytest.fixture(name="store")
def _store(connections: RedisConnections) -> RedisClientStore:
    return redis_client_store(connections)


@pytest.fixture(name="backfill")
def _backfill(connections: RedisConnections) -> IndexBackfill:
    return IndexBackfill(connections, environment=Environment.LIVE)


def _client(number: int) -> Client:
    """One of many, in every index."""
    secret_id, retired_id = (f"{letter}{number:07}".translate(str.maketrans("0189", "abcd")) for letter in "sr")
    end = NOON + timedelta(days=number)
    return a_client(
        f"client-{number:04}",
        name=f"Portal {number}",
        organization=f"org-{number % 3}",
        disabled_at=NOON if number % 2 else None,
        secrets=(Secret(secret_id, bytes(32), NOON, end),),
        retired_secrets=(RetiredSecret(retired_id, bytes(32), NOON),),
    )


async def _of_an_older_core(valkey: Redis, store: RedisClientStore, count: int) -> list[Client]:
    """So many clients, in the index of all ids alone."""
    clients = [_client(number) for number in range(count)]
    await put_all(store, clients)
    keys = {key async for key in valkey.scan_iter("*")}
    kept = {_KEYS.index.encode()} | {_KEYS.client(client.client_id).encode() for client in clients}
    await valkey.delete(*(keys - kept))
    return clients


def _expected(clients: Iterable[Client]) -> set[_Entry]:
    """The entries that *clients* must have."""
    return {
        (key, change[1])  # type: ignore[misc] # Each member is bytes.
        for client in clients
        for key, change in index_changes(None, client, _KEYS)
    }


async def _entries(valkey: Any) -> set[_Entry]:
    """All entries that there are."""
    found: set[_Entry] = set()
    for kind in ("clients", "names", "disabled", "expiring", "org:*"):
        async for key in valkey.scan_iter(f"gw:{{live}}:{kind}"):
            found |= {(key.decode(), member) for member in await valkey.zrange(key, 0, -1)}
    async for key in valkey.scan_iter("gw:{live}:s:*"):
        found.add((key.decode(), await valkey.get(key)))
    return found


async def test_older_clients_are_found_by_everything(
    valkey: Redis, store: RedisClientStore, backfill: IndexBackfill
) -> None:
    """Once all are listed: more of them than are read at a time."""
    clients = await _of_an_older_core(valkey, store, 450)
    wanted = ClientFilter(organization="org-1", name_prefix="portal 4")
    before = await store.page(wanted, after=b"", limit=500)

    listed = await backfill.run()

    after = await store.page(wanted, after=b"", limit=500)
    assert (450, 0, 22) == (listed, len(before.items), len(after.items))
    assert _expected(clients) == await _entries(valkey)
    assert "client-0007" == await store.client_of_secret(clients[7].secrets[0].secret_id)


async def test_a_second_run_does_nothing(valkey: Redis, store: RedisClientStore, backfill: IndexBackfill) -> None:
    """It looks at one key. A version of the indexes that is not this core's is listed anew."""
    clients = await _of_an_older_core(valkey, store, 3)
    first, second = await backfill.run(), await backfill.run()
    await valkey.set(_KEYS.indexed, b"0")
    third = await backfill.run()

    assert (3, 0, 3) == (first, second, third)
    assert _expected(clients) == await _entries(valkey)


async def test_an_empty_store_has_nothing_to_list(valkey: Redis, backfill: IndexBackfill) -> None:
    """And is done for good."""
    assert 0 == await backfill.run()
    assert b"1" == await valkey.get(_KEYS.indexed)


async def test_several_cores_at_once_list_them_once(
    valkey: Redis, store: RedisClientStore, connections: RedisConnections
) -> None:
    """Each entry is there one time."""
    clients = await _of_an_older_core(valkey, store, 60)

    await asyncio.gather(*(IndexBackfill(connections, environment=Environment.LIVE).run() for _ in range(3)))

    assert _expected(clients) == await _entries(valkey)


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_changed_meanwhile_is_listed_as_it_is(
    valkey: Redis, store: RedisClientStore, backfill: IndexBackfill, seed: int
) -> None:
    """Renamed, moved, enabled, created and deleted while it runs: no entry too many, none too few."""
    await _of_an_older_core(valkey, store, 200)
    over = asyncio.Event()

    chance = random.Random(seed)  # noqa: S311 - nothing secret.
    done, created = set(), list[int]()

    async def change() -> None:
        while not over.is_set():
            number = chance.randrange(210)
            client_id = f"client-{number:04}"
            before = (await store.get_many([client_id])).get(client_id)
            if before is None:
                await put(store, replace(_client(number), epoch=10 + len(created)))
                created.append(number)
                done.add("created")
            elif number % 5 == seed:
                await delete(store, before)
                done.add("deleted")
            else:
                changed = replace(before, name=before.name + "'", organization="org-9", disabled_at=None)
                await put(store, changed, before=before)
                done.add("changed")

    changes = [asyncio.create_task(change()) for _ in range(4)]
    listed = await backfill.run()
    over.set()
    await asyncio.gather(*changes)

    current = await store.get_many([f"client-{number:04}" for number in range(210)])
    assert listed > 100
    assert _expected(current.values()) == await _entries(valkey)
    assert {"created", "deleted", "changed"} == done


async def test_one_that_cannot_be_read_keeps_no_other_from_being_listed(
    valkey: Redis, store: RedisClientStore, backfill: IndexBackfill
) -> None:
    """Nor one that is in the index of ids and does not exist."""
    clients = await _of_an_older_core(valkey, store, 3)
    await valkey.set(_KEYS.client("client-0001"), b"12345678\xff\xff")
    await valkey.zadd(_KEYS.index, {"client-0000a": 0})

    assert 2 == await backfill.run()
    assert _expected([clients[0], clients[2]]) <= await _entries(valkey)


async def test_a_store_that_fails_is_not_done(
    valkey: Redis, store: RedisClientStore, backfill: IndexBackfill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run begins again."""
    clients = await _of_an_older_core(valkey, store, 5)
    await valkey.config_set("maxmemory", 1)
    try:
        monkeypatch.setattr(index_backfill, "_INDEX_CLIENT", Script("return redis.call('SET', 'a', 'b')"))
        with pytest.raises(StorageUnavailable):
            await backfill.run()
    finally:
        await valkey.config_set("maxmemory", 0)
        monkeypatch.undo()
    assert await valkey.get(_KEYS.indexed) is None

    with suppress(StorageUnavailable):
        assert 5 == await backfill.run()
    assert _expected(clients) == await _entries(valkey)

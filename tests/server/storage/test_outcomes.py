"""What is kept of calls that may be repeated, on every store. See `ClientStore.put` and `outcome`."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from grantway_server.domain.environment import Environment
from grantway_server.domain.idempotency import OUTCOME_KEPT, Outcome
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.clock import FakeClock
from tests.fakes.redis_stores import redis_client_store
from tests.server.samples import a_client, a_record
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import stored

_NAME, _OTHER_NAME = b"n" * 32, b"o" * 32
_OUTCOME = Outcome(fingerprint=b"f" * 32, client_id="one", salt=bytes(range(32)))


async def test_nothing_is_kept_under_a_new_name(stores: Stores) -> None:
    """Which is no error."""
    assert await stores.clients.outcome(_NAME) is None


async def test_an_outcome_is_kept_with_the_client(stores: Stores) -> None:
    """Whole, and under its name only."""
    client = a_client("one")

    assert await stores.clients.put(client, before=None, record=a_record("one"), outcome=(_NAME, _OUTCOME))

    assert (_OUTCOME, None) == (await stores.clients.outcome(_NAME), await stores.clients.outcome(_OTHER_NAME))


async def test_a_second_outcome_of_one_name_changes_nothing(stores: Stores) -> None:
    """Neither another client nor a change of this one is written with a name that is taken: no record, no outcome."""
    first = await stores.clients.put(a_client("one"), before=None, record=a_record("one"), outcome=(_NAME, _OUTCOME))
    assert first
    other = replace(_OUTCOME, client_id="two")

    written = [
        await stores.clients.put(a_client("two"), before=None, record=a_record("two"), outcome=(_NAME, other)),
        await stores.clients.put(
            replace(first, name="New"), before=first, record=a_record("one"), outcome=(_NAME, other)
        ),
    ]

    assert [None, None] == written
    assert {"one": first} == dict(await stores.clients.get_many(["one", "two"]))
    assert _OUTCOME == await stores.clients.outcome(_NAME)
    assert 1 == len((await stores.audit_trail.portion(since=None, after=b"")).items)


async def test_a_change_that_is_too_late_keeps_no_outcome(stores: Stores) -> None:
    """The name stays free for the next attempt."""
    first = await stored(stores.clients, a_client("one"))
    await stored(stores.clients, first)

    assert not await stores.clients.put(first, before=first, record=a_record("one"), outcome=(_NAME, _OUTCOME))

    assert await stores.clients.outcome(_NAME) is None


async def test_of_many_calls_with_one_name_one_is_made(stores: Stores) -> None:
    """Though each would make a client of its own."""
    answers = await asyncio.gather(
        *(
            stores.clients.put(
                a_client(f"c{number}"),
                before=None,
                record=a_record(f"c{number}"),
                outcome=(_NAME, replace(_OUTCOME, client_id=f"c{number}")),
            )
            for number in range(10)
        )
    )

    (made,) = [client for client in answers if client is not None]
    kept = await stores.clients.outcome(_NAME)
    assert kept
    assert made.client_id == kept.client_id
    assert {made.client_id: made} == dict(await stores.clients.get_many([f"c{number}" for number in range(10)]))


@pytest.mark.parametrize("environment", Environment)
async def test_an_outcome_is_kept_for_a_day(
    valkey: Redis, connections: RedisConnections, environment: Environment
) -> None:
    """And only in its environment."""
    store = redis_client_store(connections, environment)

    await store.put(a_client("one"), before=None, record=a_record("one"), outcome=(_NAME, _OUTCOME))

    assert 86_390 < await valkey.ttl(EnvironmentKeys(environment).outcome(_NAME)) <= 86_400
    assert await redis_client_store(connections, environment.other).outcome(_NAME) is None


async def test_in_memory_too_an_outcome_is_kept_for_a_day() -> None:
    """After it the name is free again, and nothing is left."""
    clock = FakeClock()
    store = MemoryClientStore(clock.now)
    await store.put(a_client("one"), before=None, record=a_record("one"), outcome=(_NAME, _OUTCOME))
    clock.advance(OUTCOME_KEPT - timedelta(microseconds=1))
    until_then = await store.outcome(_NAME)
    clock.advance(timedelta(microseconds=1))

    assert (_OUTCOME, None) == (until_then, await store.outcome(_NAME))
    assert await store.put(a_client("two"), before=None, record=a_record("two"), outcome=(_NAME, _OUTCOME))

"""What is true of the stream of revocations beyond the suite: what it takes for granted of Redis, and what not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.revocation_events import RevocationPortion, RevokedToken, RevokedTokens
from grantway_server.domain.revocations import TokenSelection
from grantway_server.domain.tokens import token_id
from grantway_server.storage.keys import token_key
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from tests.fakes.redis_stores import redis_client_store, redis_token_store
from tests.server.samples import NOON, a_client, a_record, a_token
from tests.server.storage.writes import stored

_KEY = "gw:{live}:revocations"
_DIGEST = bytes(range(16))
_REVOKED = RevokedToken(token_id(_DIGEST))


@pytest.fixture(name="log")
def _log(connections: RedisConnections) -> RedisRevocationLog:
    return RedisRevocationLog(connections, environment=Environment.LIVE)


async def _revoke(connections: RedisConnections, digest: bytes = _DIGEST) -> None:
    tokens = redis_token_store(connections)
    await tokens.add([(digest, a_token())], versions={})
    assert await tokens.remove(digest)


async def test_a_position_names_an_entry_by_its_id_and_its_nonce(
    valkey: Redis, connections: RedisConnections, log: RedisRevocationLog
) -> None:
    """As the scripts of others read it there."""
    await _revoke(connections)
    entries: Any = await valkey.xrange(_KEY)

    ((entry_id, fields),) = entries
    assert entry_id + b":" + fields[b"nonce"] == (await log.read(None)).position.encode()


async def test_a_revoked_token_stays_as_an_empty_value(valkey: Redis, connections: RedisConnections) -> None:
    """As long as it would have lived: that it was revoked can be told."""
    tokens = redis_token_store(connections)
    await tokens.add([(_DIGEST, a_token(lifetime=timedelta(seconds=90)))], versions={})
    await tokens.remove(_DIGEST)

    assert b"" == await valkey.get(token_key(_DIGEST))
    assert 80 < await valkey.ttl(token_key(_DIGEST)) <= 400


async def test_environments_have_a_log_each(connections: RedisConnections, log: RedisRevocationLog) -> None:
    """What happens in one is not told in the other."""
    before = (await log.read(None)).position
    test = redis_client_store(connections, Environment.TEST)
    client = await stored(test, a_client("one"))
    await test.delete(client, record=a_record())

    assert RevocationPortion(before, ()) == await log.read(before)


async def test_the_oldest_go_when_they_are_too_many(valkey: Redis, connections: RedisConnections) -> None:
    """About as many as it is told are kept, whoever writes; to whoever needs one that is gone there is a gap."""
    log = RedisRevocationLog(connections, environment=Environment.LIVE)
    tokens = redis_token_store(connections, max_events=200)
    clients = redis_client_store(connections, max_events=200)
    digests = [number.to_bytes(16, "big") for number in range(500)]
    await tokens.add([(digest, a_token()) for digest in digests], versions={})
    before = (await log.read(None)).position
    for digest in digests:
        await tokens.remove(digest)
    after_tokens = await valkey.xlen(_KEY)
    client = await stored(clients, a_client("one", disabled_at=None))
    for number in range(300):
        client = await stored(clients, replace(client, name=f"Name {number}"), before=client)

    assert 200 <= after_tokens < 320
    assert 200 <= await valkey.xlen(_KEY) < 320
    assert RevocationPortion((await log.read(None)).position, (), gap=True) == await log.read(before)


async def test_a_store_that_was_emptied_is_a_gap(
    valkey: Redis, connections: RedisConnections, log: RedisRevocationLog
) -> None:
    """Whether something happened in it since or not."""
    await _revoke(connections)
    before = (await log.read(None)).position
    await valkey.flushall()
    empty = await log.read(before)
    await valkey.flushall()
    await _revoke(connections)

    assert (True, ()) == (empty.gap, empty.events)
    assert RevocationPortion((await log.read(None)).position, (), gap=True) == await log.read(before)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(b"\xa2\x06\x03abc", id="a kind that only a newer core knows"),
        pytest.param(b"\xff\xff\xff", id="no record at all"),
    ],
)
async def test_what_cannot_be_read_is_a_gap(
    valkey: Redis, connections: RedisConnections, log: RedisRevocationLog, event: bytes
) -> None:
    """It may say anything; the others are told."""
    before = (await log.read(None)).position
    await valkey.xadd(_KEY, {"nonce": "0123abcd", "event": event})
    await _revoke(connections)

    portion = await log.read(before)

    assert (True, [_REVOKED]) == (portion.gap, [one for _, one in portion.events])
    assert RevocationPortion(portion.position, ()) == await log.read(portion.position)


async def test_a_replica_tells_nothing(valkey: Redis, connections: RedisConnections, log: RedisRevocationLog) -> None:
    """It may be behind. Those who were connected to it find the primary by it (ADR 0013)."""
    before = (await log.read(None)).position
    await valkey.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StorageUnavailable):
            await log.read(before)
    finally:
        await valkey.replicaof("NO", "ONE")
    await _revoke(connections)

    assert [_REVOKED] == [event for _, event in (await log.read(before)).events]


async def test_a_primary_without_its_replicas_tells_nothing(valkey: Redis, log: RedisRevocationLog) -> None:
    """Where it is told to take no writes without them: it may have been replaced by one of them."""
    before = (await log.read(None)).position
    await valkey.config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(StorageUnavailable):
            await log.read(before)
    finally:
        await valkey.config_set("min-replicas-to-write", 0)


async def test_a_full_store_goes_on_telling(
    valkey: Redis, connections: RedisConnections, log: RedisRevocationLog
) -> None:
    """What ends something is written there, so it can be told."""
    clients = redis_client_store(connections)
    client = await stored(clients, a_client("one", disabled_at=None))
    await valkey.config_set("maxmemory", "1mb")
    try:
        before = (await log.read(None)).position
        await stored(clients, replace(client, disabled_at=NOON), before=client)

        assert [RevokedTokens("one", TokenSelection())] == [event for _, event in (await log.read(before)).events]
    finally:
        await valkey.config_set("maxmemory", "0")

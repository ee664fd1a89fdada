"""What is true of the Redis stores beyond the suite: round trips, expiry, failures, and what can be found in there."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import (
    ClientFilter,
    Page,
    StorageUnavailable,
    StoredTokens,
    Tombstone,
)
from grantway_server.domain.revocation_events import Position
from grantway_server.domain.secret_use import ClientUse, NewUse, SecretUse
from grantway_server.domain.tokens import KEPT_AFTER_EXPIRY, Token
from grantway_server.storage.keys import EnvironmentKeys, token_key
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from tests.fakes.redis_stores import (
    redis_audit_trail,
    redis_client_and_token_store,
    redis_client_store,
    redis_token_store,
)
from tests.server.patience import until_answered
from tests.server.samples import NOON, a_client, a_record, a_token
from tests.server.storage.command_calls import calls
from tests.server.storage.writes import delete, put, stored
from tests.valkey_server import embedded_valkey

_DIGEST = bytes(range(16))


def _client_ids(found: StoredTokens) -> list[str]:
    return [one.client_id for one in found.tokens if isinstance(one, Token)]


async def _round_trips(redis: Redis) -> int:
    """How many commands the server has run for its clients; of those inside scripts, MGET is counted."""
    return await calls(redis, "mget", "evalsha", "eval", "del", "script|load")


@pytest.mark.parametrize("size", [1, 10, 128])
async def test_a_batch_of_tokens_is_one_command(valkey: Redis, connections: RedisConnections, size: int) -> None:
    """However many tokens are added or read, each takes one round trip."""
    store = redis_token_store(connections)
    await store.add([(_DIGEST, a_token())], versions={})
    await store.get_many([_DIGEST])  # The scripts are loaded now.
    digests = [number.to_bytes(16, "big") for number in range(size)]
    before = await _round_trips(valkey)

    await store.add([(digest, a_token()) for digest in digests], versions={})
    await store.get_many(digests)

    assert before + 2 + 1 == await _round_trips(valkey)  # Inside its script, reading is one MGET.


async def test_the_store_expires_a_token_five_minutes_after_its_life(
    valkey: Redis, connections: RedisConnections
) -> None:
    """The expiry is set by the command that writes the token."""
    await redis_token_store(connections).add([(_DIGEST, a_token(lifetime=timedelta(seconds=90)))], versions={})

    assert await valkey.ttl(token_key(_DIGEST)) in {389, 390}


async def test_a_use_that_cannot_be_written_keeps_no_other_one_back(
    valkey: Redis, connections: RedisConnections
) -> None:
    """Where there is something else in its place: the others are written, and none is written again and again."""
    clients, tokens = redis_client_store(connections), redis_token_store(connections)
    uses = []
    for name in ("one", "two"):
        secret = Secret(secret_id=f"secret{name}", digest=bytes(32), created_at=NOON)
        await stored(clients, a_client(name, secrets=(secret,)))
        uses.append(NewUse(name, secret.secret_id, 1, "here", NOON))
    await valkey.set("gw:{live}:u:two", "something else")

    await tokens.add_uses(uses)

    use = SecretUse(count=1, first_at=NOON, last_at=NOON, source="here")
    assert {"one": ClientUse(last_token_at=NOON, secrets={"secretone": use})} == dict(await clients.uses(["one"]))


async def test_tokens_come_with_the_place_of_the_last_revocation(valkey: Redis, connections: RedisConnections) -> None:
    """The id and the nonce of the last entry of the stream, whatever else stands there; nothing while it is empty."""
    store = redis_token_store(connections)
    before = await store.get_many([_DIGEST])
    for nonce in ("0123abcd", "4567ef89"):
        last = await valkey.xadd("gw:{live}:revocations", {"nonce": nonce, "event": b""})
    assert isinstance(last, bytes)

    after = [await store.get_many([_DIGEST]), await store.get_many([], client_ids=["nobody"])]

    assert [b"", last + b":4567ef89", last + b":4567ef89"] == [found.position for found in (before, *after)]


async def test_a_script_that_the_server_forgot_is_loaded_again(valkey: Redis, connections: RedisConnections) -> None:
    """A restart or SCRIPT FLUSH is not seen by callers."""
    store = redis_token_store(connections)
    await store.add([(_DIGEST, a_token())], versions={})
    await valkey.script_flush()

    await store.add([(_DIGEST, a_token())], versions={})

    assert [a_token().client_id] == _client_ids(await store.get_many([_DIGEST]))


async def test_environments_do_not_see_each_others_clients(connections: RedisConnections) -> None:
    """Live and test cores may share a store."""
    live = redis_client_store(connections)
    test = redis_client_store(connections, Environment.TEST)

    await put(live, a_client("one"))

    assert dict(await test.get_many(["one"])) == {}
    assert await test.page(ClientFilter(), after=b"", limit=10) == Page([], b"")


async def test_deleting_clients_leaves_nothing_behind(valkey: Redis, connections: RedisConnections) -> None:
    """A created and deleted client costs no memory beyond what is said of it: by the audit trail, and to caches.

    But for its last epoch, for as long as it can have tokens.
    """
    store = redis_client_store(connections)
    client = await stored(store, a_client("one", longest_token_lifetime=timedelta(hours=1)))

    await delete(store, client)

    last_epoch = b"gw:{live}:e:one"
    assert [b"gw:{live}:audit", last_epoch, b"gw:{live}:revocations"] == sorted(await valkey.keys("*"))
    kept = client.longest_token_lifetime + KEPT_AFTER_EXPIRY
    assert kept.total_seconds() - 60 < await valkey.ttl(last_epoch) <= kept.total_seconds()


async def test_a_full_store_still_takes_revocations_and_disabling(valkey: Redis, connections: RedisConnections) -> None:
    """At maxmemory new tokens are refused, while ends are accepted: a leak can always be stopped."""
    tokens = redis_token_store(connections)
    clients = redis_client_store(connections)
    await tokens.add([(_DIGEST, a_token())], versions={})
    client = await stored(clients, a_client("one", disabled_at=None))
    await valkey.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(StorageUnavailable):
            await tokens.add([(bytes(16), a_token())], versions={})
        await tokens.remove(_DIGEST)
        disabled = await put(clients, client)

        assert disabled is not None
        assert [Tombstone.REVOKED, None] == (await tokens.get_many([_DIGEST, bytes(16)])).tokens
    finally:
        await valkey.config_set("maxmemory", "0")


async def test_a_read_only_store_is_unavailable(valkey: Redis, connections: RedisConnections) -> None:
    """A replica that was the primary until a moment ago refuses writes as unavailable, and reads go on."""
    tokens = redis_token_store(connections)
    await tokens.add([(_DIGEST, a_token())], versions={})
    await valkey.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StorageUnavailable):
            await tokens.add([(bytes(16), a_token())], versions={})
        with pytest.raises(StorageUnavailable):
            await tokens.remove(_DIGEST)
    finally:
        await valkey.replicaof("NO", "ONE")
    await tokens.remove(_DIGEST)


async def test_read_only_means_that_every_connection_is_made_anew(valkey: Redis, connections: RedisConnections) -> None:
    """ADR 0013: since a failover they lead to what is a replica; those in use at that moment too."""

    async def client_ids() -> set[int]:
        return set(await asyncio.gather(*(connections.execute("CLIENT", "ID", repeatable=True) for _ in range(4))))

    before = await client_ids()
    waiting = asyncio.create_task(connections.execute("BLPOP", "nothing", "0.1", repeatable=True))
    await asyncio.sleep(0.02)
    await valkey.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StorageUnavailable):
            await redis_token_store(connections).remove(_DIGEST)
    finally:
        await valkey.replicaof("NO", "ONE")
    await asyncio.wait([waiting])

    assert len(before) > 1
    assert set() == before & await client_ids()
    assert waiting.done()
    assert waiting.exception() is None or isinstance(waiting.exception(), StorageUnavailable)


@pytest.fixture(name="frozen")
async def _frozen(tmp_path: Path) -> AsyncIterator[RedisConnections]:
    """Connections to a Valkey that was answering and then froze (SIGSTOP)."""
    with embedded_valkey(tmp_path, persist=False) as url:
        async with Redis.from_url(url) as admin:
            process_id = (await admin.info("server"))["process_id"]
        redis = RedisConnections(url)
        await until_answered(redis)
        os.kill(process_id, signal.SIGSTOP)
        try:
            yield redis
        finally:
            os.kill(process_id, signal.SIGCONT)
            await redis.close()


_OPERATIONS: dict[str, Callable[[RedisConnections], Coroutine[Any, Any, object]]] = {
    "adding tokens": lambda redis: redis_token_store(redis).add([(_DIGEST, a_token())], versions={}),
    "reading tokens": lambda redis: redis_token_store(redis).get_many([_DIGEST]),
    "removing a token": lambda redis: redis_token_store(redis).remove(_DIGEST),
    "reading clients": lambda redis: redis_client_store(redis).get_many(["one"]),
    "writing a client": lambda redis: put(redis_client_store(redis), a_client()),
    "deleting a client": lambda redis: delete(redis_client_store(redis), a_client()),
    "listing clients": lambda redis: redis_client_store(redis).page(ClientFilter(), after=b"", limit=1),
    "listing secrets": lambda redis: redis_client_store(redis).expiring(before=NOON, after=b"", limit=1),
    "reading uses": lambda redis: redis_client_store(redis).uses(["one"]),
    "reading an outcome": lambda redis: redis_client_store(redis).outcome(bytes(32)),
    "finding a secret": lambda redis: redis_client_store(redis).client_of_secret("abcdefgh"),
    "writing down failures": lambda redis: redis_audit_trail(redis).add([a_record()]),
    "reading revocations": lambda redis: RedisRevocationLog(redis, environment=Environment.LIVE).read(None),
    "waiting for revocations": lambda redis: RedisRevocationLog(redis, environment=Environment.LIVE).wait(
        Position(1, 1, "0123abcd")
    ),
    "reading the audit trail": lambda redis: redis_audit_trail(redis).portion(since=None, after=b""),
}


@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS.keys())
async def test_a_frozen_store_is_unavailable_within_a_second(
    frozen: RedisConnections, operation: Callable[[RedisConnections], Coroutine[Any, Any, object]]
) -> None:
    """No operation hangs and none answers as if the thing did not exist."""
    started = time.monotonic()

    with pytest.raises(StorageUnavailable):
        await operation(frozen)

    assert time.monotonic() - started < 1


@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS.keys())
async def test_a_store_that_is_gone_is_unavailable(
    tmp_path: Path, operation: Callable[[RedisConnections], Coroutine[Any, Any, object]]
) -> None:
    """Nobody listens: unavailable, at once."""
    redis = RedisConnections(f"unix://{tmp_path}/nobody.sock")

    with pytest.raises(StorageUnavailable):
        await operation(redis)


async def test_more_callers_than_connections_wait_their_turn(connections: RedisConnections) -> None:
    """The pool is bounded, and a burst beyond its size is served, not refused."""
    store = redis_token_store(connections)

    answers = await asyncio.gather(*(store.get_many([_DIGEST]) for _ in range(200)))

    assert [[None]] * 200 == [answer.tokens for answer in answers]


@pytest.mark.parametrize("seen", [True, False], ids=["read beside the script", "read by the script"])
async def test_cancelled_commands_never_cross_replies(
    valkey: Redis, connections: RedisConnections, *, seen: bool
) -> None:
    """Of thousands of callers a third go away at any moment; everyone else gets the answers to their own questions."""
    clients, store = redis_client_and_token_store(connections)
    tokens = {number.to_bytes(16, "big"): a_token("one", audiences=(f"{number}",)) for number in range(300)}
    versions = {"one": (await stored(clients, a_client("one"))).version} if seen else {}
    await store.add(list(tokens.items()), versions=versions)
    await store.get_many(list(tokens))
    looks_at_clients = await calls(valkey, "getrange")
    chance = random.Random(6749)  # noqa: S311 - no secret.

    async def ask(digests: list[bytes]) -> None:
        assert [tokens[digest] for digest in digests] == (await store.get_many(digests)).tokens

    tasks = []
    for _ in range(3_000):
        tasks.append(asyncio.create_task(ask(chance.sample(list(tokens), chance.choice([1, 2, 5])))))
        if chance.random() < 1 / 3:
            await asyncio.sleep(chance.choice([0, 0.0005]))
            chance.choice(tasks[-20:]).cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert {None, asyncio.CancelledError} == {one and type(one) for one in outcomes}
    assert seen is (looks_at_clients == await calls(valkey, "getrange"))


async def test_so_many_writers_of_uses_are_remembered_and_no_more(valkey: Redis, connections: RedisConnections) -> None:
    """One of them writes again, and none is forgotten; with one more all are, but for that one."""
    tokens, writes = redis_token_store(connections), EnvironmentKeys(Environment.LIVE).writes
    secret = (await stored(redis_client_store(connections), a_client("one"))).secrets[0]
    await valkey.hset(writes, mapping={f"core-{number}": 1 for number in range(1_000)})
    use = NewUse("one", secret.secret_id, 1, "here", NOON)

    await tokens.add_uses([use], writer="core-0", number=2)
    known = await valkey.hlen(writes)
    await tokens.add_uses([use], writer="core-1", number=1)  # It was done before.
    counted = (await redis_client_store(connections).uses(["one"]))["one"].secrets[secret.secret_id].count
    await tokens.add_uses([use], writer="another", number=1)

    assert (1_000, 1, {b"another": b"1"}) == (known, counted, await valkey.hgetall(writes))

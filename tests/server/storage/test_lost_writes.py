"""A change whose connection breaks: it is there with its record, outcome, indexes and event, or nothing of it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.idempotency import Outcome
from grantway_server.domain.ports import ClientFilter, StorageUnavailable
from grantway_server.domain.revocation_events import Position
from grantway_server.storage.redis_audit_trail import RedisAuditTrail
from grantway_server.storage.redis_client_store import RedisClientStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from tests.fakes.redis_stores import redis_audit_trail, redis_client_store
from tests.server.patience import until_answered
from tests.server.samples import a_client, a_record
from tests.server.storage.unreliable_line import Fault, UnreliableLine, unreliable_line
from tests.server.storage.writes import stored

_NAME = b"n" * 32
_OUTCOME = Outcome(fingerprint=b"f" * 32, client_id="one", salt=bytes(range(32)))


@dataclass
class _Stores:
    """A client store whose line breaks, and all that there is, seen by another line."""

    line: UnreliableLine
    broken: RedisConnections
    clients: RedisClientStore
    truth: RedisClientStore
    trail: RedisAuditTrail
    revocations: RedisRevocationLog
    start: Position

    async def seen(self) -> tuple[list[str], list[str], bool, int]:
        """The names of the clients, the actors of the records, whether there is an outcome, how many events."""
        named = await self.truth.page(ClientFilter(name_prefix="n"), after=b"", limit=10)
        known = await self.truth.get_many(["one"])
        assert list(known.values()) == list(named.items)
        records = await self.trail.portion(since=None, after=b"")
        return (
            [client.name for client in known.values()],
            [record.actor for record in records.items],
            await self.truth.outcome(_NAME) is not None,
            len((await self.revocations.read(self.start)).events),
        )


@pytest.fixture(name="stores")
async def _stores(
    tmp_path: Path,
    valkey: Redis,  # noqa: ARG001 - it is emptied.
    valkey_url: str,
    connections: RedisConnections,
) -> AsyncIterator[_Stores]:
    async with unreliable_line(tmp_path, valkey_url) as (line, url):
        broken = RedisConnections(url)
        await until_answered(broken)
        revocations = RedisRevocationLog(connections, environment=Environment.LIVE)
        yield _Stores(
            line,
            broken,
            redis_client_store(broken),
            redis_client_store(connections),
            redis_audit_trail(connections),
            revocations,
            (await revocations.read(None)).position,
        )
        await broken.close()


@pytest.fixture(name="first")
async def _first(stores: _Stores) -> Client:
    """A client, written without hurry: on the line itself only what breaks off has its deadline."""
    return await stored(stores.truth, a_client("one", name="new"))


_FAULTS = [
    pytest.param(Fault.NEVER_ARRIVES, False, id="before it arrives"),
    pytest.param(Fault.ANSWER_IS_LOST, True, id="before the answer"),
    pytest.param(Fault.ANSWER_IS_LATE, True, id="for too long"),
]


@pytest.mark.parametrize(("fault", "done"), _FAULTS)
async def test_a_change_that_breaks_off(stores: _Stores, first: Client, fault: Fault, *, done: bool) -> None:
    """The caller knows that it does not know; the store has all of it once, or nothing."""
    stores.line.fault = fault

    with pytest.raises(StorageUnavailable):
        await stores.clients.put(
            replace(first, name="newer"),
            before=first,
            record=a_record("one", actor="bob"),
            outcome=(_NAME, _OUTCOME),
        )

    expected = (["newer"], ["alice", "bob"], True, 1) if done else (["new"], ["alice"], False, 0)
    assert expected == await stores.seen()


@pytest.mark.parametrize(("fault", "done"), _FAULTS)
async def test_a_deletion_that_breaks_off(stores: _Stores, first: Client, fault: Fault, *, done: bool) -> None:
    """As a change."""
    stores.line.fault = fault

    with pytest.raises(StorageUnavailable):
        await stores.clients.delete(first, record=a_record("one", actor="bob"))

    assert (([], ["alice", "bob"], False, 1) if done else (["new"], ["alice"], False, 0)) == await stores.seen()


@pytest.mark.parametrize(("fault", "done"), _FAULTS)
async def test_a_repetition_of_what_broke_off_is_written_once(
    stores: _Stores, first: Client, fault: Fault, *, done: bool
) -> None:
    """The outcome keeps it from being made a second time; where nothing was done it is made now."""
    stores.line.fault = fault
    change, record = replace(first, name="newer"), a_record("one", actor="bob")
    with pytest.raises(StorageUnavailable):
        await stores.clients.put(change, before=first, record=record, outcome=(_NAME, _OUTCOME))
    stores.line.fault = Fault.NONE
    await until_answered(stores.broken)

    again = await stores.clients.put(change, before=first, record=record, outcome=(_NAME, _OUTCOME))

    assert done == (again is None)
    assert (["newer"], ["alice", "bob"], True, 1) == await stores.seen()

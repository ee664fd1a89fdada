"""The audit trail, on every store: a record for each change, and one for each failure. See `AuditTrail`."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from grantway_server.domain.audit import AuditRecord, Failure, FieldChange, Kind
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import AuditTrail
from grantway_server.storage.audit_codec import encode_audit_record
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.redis_stores import redis_audit_trail, redis_client_store
from tests.server.samples import NOON, a_client, a_record
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import stored

_CHANGE = a_record(
    "one",
    kind=Kind.SECRET_ROTATED,
    changes=(FieldChange("name", "", '"Büro"'), FieldChange("labels", '{"a":"b"}', "")),
    secret_id="abcdefgh",
    at=NOON + timedelta(microseconds=1),
)
_FAILURE = a_record(
    "",
    kind=Kind.AUTHENTICATION_FAILED,
    failure=Failure.WRONG_ENVIRONMENT,
    at=NOON,
    source="x" * 64,
)


async def _all(
    trail: AuditTrail, *, since: datetime | None = None, after: bytes = b""
) -> tuple[list[AuditRecord], bytes]:
    """All records, portion by portion, and where the next will be."""
    records: list[AuditRecord] = []
    for _ in range(100):
        portion = await trail.portion(since=since, after=after)
        records += portion.items
        if after == portion.next_page:
            return records, after
        after = portion.next_page
    raise AssertionError("the trail does not end")


def _without_places(records: Sequence[AuditRecord]) -> list[AuditRecord]:
    return [replace(record, record_id="") for record in records]


async def test_an_empty_trail_has_a_place_to_go_on_from(stores: Stores) -> None:
    """From which the first record is found."""
    records, place = await _all(stores.audit_trail)
    await stores.audit_trail.add([_FAILURE])

    assert ([], [_FAILURE]) == (records, _without_places((await _all(stores.audit_trail, after=place))[0]))


async def test_a_change_and_its_record_are_written_together(stores: Stores) -> None:
    """The record is read back whole, and has a place of its own."""
    await stores.clients.put(a_client("one"), before=None, record=_CHANGE)
    await stores.audit_trail.add([_FAILURE])

    records, _ = await _all(stores.audit_trail)

    assert {_CHANGE, _FAILURE} == set(_without_places(records))
    assert 2 == len({record.record_id for record in records if record.record_id})


async def test_a_deletion_has_its_record(stores: Stores) -> None:
    """After those of the client's life."""
    client = await stored(stores.clients, a_client("one"))
    deletion = a_record("one", kind=Kind.CLIENT_DELETED, at=NOON + timedelta(hours=1))

    assert await stores.clients.delete(client, record=deletion)

    assert [Kind.CLIENT_UPDATED, Kind.CLIENT_DELETED] == [record.kind for record in (await _all(stores.audit_trail))[0]]


async def test_what_changes_nothing_has_no_record(stores: Stores) -> None:
    """A second creation, a late change and a late deletion leave no trace."""
    first = await stored(stores.clients, a_client("one"))
    await stored(stores.clients, first)

    assert await stores.clients.put(a_client("one"), before=None, record=_CHANGE) is None
    assert await stores.clients.put(first, before=first, record=_CHANGE) is None
    assert not await stores.clients.delete(first, record=_CHANGE)

    assert [a_record("one")] * 2 == _without_places((await _all(stores.audit_trail))[0])


async def test_of_many_writers_one_is_written_down(stores: Stores) -> None:
    """The one that won."""
    first = await stored(stores.clients, a_client("one"))

    await asyncio.gather(
        *(
            stores.clients.put(
                replace(first, name=f"Writer {number}"),
                before=first,
                record=a_record("one", actor=f"Writer {number}", at=NOON + timedelta(seconds=1)),
            )
            for number in range(10)
        )
    )

    (winner,) = [record.actor for record in (await _all(stores.audit_trail))[0] if record.actor != "alice"]
    assert winner == (await stores.clients.get_many(["one"]))["one"].name


async def _busy_trail(stores: Stores, *, changes: int, failures: int) -> list[AuditRecord]:
    """Records of both kinds in turn, with the moments at which they are written, in their order."""
    client = await stored(stores.clients, a_client("one"))
    written = _without_places((await _all(stores.audit_trail))[0])
    for number in range(max(changes, failures)):
        if number < changes:
            await asyncio.sleep(0.002)  # Places are milliseconds: later ones are greater.
            record = a_record("one", at=datetime.now(UTC), request_id=f"change {number}")
            renewed = await stores.clients.put(client, before=client, record=record)
            assert renewed
            client = renewed
            written.append(record)
        if number < failures:
            await asyncio.sleep(0.002)
            record = replace(_FAILURE, at=datetime.now(UTC), request_id=f"failure {number}")
            await stores.audit_trail.add([record])
            written.append(record)
    return written


@pytest.mark.parametrize(
    ("changes", "failures"),
    [
        pytest.param(3, 3, id="a few of both"),
        pytest.param(450, 3, id="many changes, few failures"),
        pytest.param(3, 450, id="few changes, many failures"),
        pytest.param(250, 250, id="many of both"),
    ],
)
async def test_records_of_both_kinds_are_read_in_one_order(stores: Stores, changes: int, failures: int) -> None:
    """The oldest first, however many portions it takes; none twice, none missing."""
    written = await _busy_trail(stores, changes=changes, failures=failures)

    records, place = await _all(stores.audit_trail)

    assert [record.request_id for record in written] == [record.request_id for record in records]
    assert ([], place) == await _all(stores.audit_trail, after=place)


async def test_many_failures_in_one_step_are_all_there(stores: Stores) -> None:
    """In their order."""
    failures = [replace(_FAILURE, request_id=f"{number}") for number in range(450)]

    await stores.audit_trail.add(failures)

    assert failures == _without_places((await _all(stores.audit_trail))[0])


async def test_the_trail_is_read_from_a_moment_on(stores: Stores) -> None:
    """The record of that moment is the first."""
    written = await _busy_trail(stores, changes=5, failures=5)

    records, _ = await _all(stores.audit_trail, since=written[4].at)

    assert written[4:] == _without_places(records)


async def test_a_reader_who_waits_gets_what_comes_and_nothing_twice(stores: Stores) -> None:
    """From the place where the last portion ended."""
    client = await stored(stores.clients, a_client("one"))
    _, place = await _all(stores.audit_trail)
    seen = []
    for number in range(3):
        await stores.audit_trail.add([replace(_FAILURE, request_id=f"failure {number}")])
        renewed = await stores.clients.put(
            client, before=client, record=a_record("one", request_id=f"change {number}", at=datetime.now(UTC))
        )
        assert renewed
        client = renewed
        records, place = await _all(stores.audit_trail, after=place)
        seen.append({record.request_id for record in records})

    assert [{f"failure {number}", f"change {number}"} for number in range(3)] == seen


async def test_the_trails_keep_about_so_many_records_each(valkey: Redis, connections: RedisConnections) -> None:
    """The newest ones; no number of failures pushes a change out."""
    clients = redis_client_store(connections, max_records=1000)
    trail = redis_audit_trail(connections, max_records=1000)
    client = await stored(clients, a_client("one"))
    for number in range(1500):
        renewed = await clients.put(client, before=client, record=a_record("one", request_id=f"change {number}"))
        assert renewed
        client = renewed
    for number in range(0, 5000, 100):
        await trail.add([replace(_FAILURE, request_id=f"failure {number + n}") for n in range(100)])
    keys = EnvironmentKeys(Environment.LIVE)

    records, _ = await _all(trail)

    changes = [record.request_id for record in records if record.kind is not Kind.AUTHENTICATION_FAILED]
    failures = [record.request_id for record in records if record.kind is Kind.AUTHENTICATION_FAILED]
    assert [f"change {number}" for number in range(1500 - len(changes), 1500)] == changes
    assert [f"failure {number}" for number in range(5000 - len(failures), 5000)] == failures
    assert 1000 <= len(changes) <= 1100
    assert 1000 <= len(failures) <= 1100
    assert (len(changes), len(failures)) == (await valkey.xlen(keys.audit), await valkey.xlen(keys.failures))


async def test_the_environments_have_a_trail_each(connections: RedisConnections) -> None:
    """Though they share a store."""
    await redis_audit_trail(connections).add([_FAILURE])

    assert [] == (await _all(redis_audit_trail(connections, Environment.TEST)))[0]


@pytest.mark.parametrize(
    "newer",
    [
        pytest.param({"kind": "client_blessed"}, id="a kind that is not known here"),
        pytest.param({"failure": "bad_weather"}, id="a failure that is not known here"),
    ],
)
async def test_a_record_of_a_newer_core_is_left_out(
    valkey: Redis, connections: RedisConnections, newer: dict[str, object]
) -> None:
    """The others are read; the place goes on behind it."""
    trail = redis_audit_trail(connections)
    await trail.add([_FAILURE])
    strange = encode_audit_record(replace(_FAILURE, **newer))  # type: ignore[arg-type] # A name of a newer core.
    await valkey.xadd(EnvironmentKeys(Environment.LIVE).failures, {"record": strange})
    await trail.add([_FAILURE])

    records, _ = await _all(trail)

    assert [_FAILURE] * 2 == _without_places(records)

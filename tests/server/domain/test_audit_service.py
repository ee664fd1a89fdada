"""Reading the audit trail: what is asked for, in order, to the end or on and on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from grantway_server.domain import audit_service
from grantway_server.domain.audit import AuditRecord, Kind
from grantway_server.domain.audit_service import MAX_LIMIT, AuditQuery, AuditService
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.storage.memory_audit_trail import MemoryAuditTrail
from grantway_server.storage.memory_client_store import MemoryClientStore
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingAuditTrail
from tests.server.domain.outcomes import said
from tests.server.samples import NOON, a_record

_SECOND = timedelta(seconds=1)


def _now() -> datetime:
    return NOON + 6 * _SECOND


_RECORDS = {
    "a": a_record("one", kind=Kind.CLIENT_CREATED),
    "b": a_record("two", kind=Kind.CLIENT_CREATED, actor="bob"),
    "c": a_record("one", kind=Kind.SECRET_ROTATED, actor="bob"),
    "d": a_record("two", kind=Kind.CLIENT_DELETED),
    "e": a_record("one", kind=Kind.AUTHENTICATION_FAILED, actor="client"),
    "f": a_record("one", kind=Kind.CLIENT_UPDATED),
}
"""A second lies between each and the next."""


@pytest.fixture(name="trail")
async def _trail() -> MemoryAuditTrail:
    trail = MemoryAuditTrail(MemoryClientStore())
    await trail.add(
        [
            replace(record, request_id=name, at=NOON + number * _SECOND)
            for number, (name, record) in enumerate(_RECORDS.items())
        ]
    )
    return trail


async def _read(trail: MemoryAuditTrail, query: AuditQuery) -> str:
    """The names of the records that are found, in order."""
    return "".join(
        [
            record.request_id
            async for portion in AuditService(trail, _now).read(query, follow=False)
            for record in portion
        ]
    )


_QUERIES = {
    "everything": (AuditQuery(), "abcdef"),
    "a client": (AuditQuery(client_id="one"), "acef"),
    "an actor": (AuditQuery(actor="bob"), "bc"),
    "a kind": (AuditQuery(kinds=frozenset({Kind.CLIENT_CREATED})), "ab"),
    "two kinds": (AuditQuery(kinds=frozenset({Kind.CLIENT_CREATED, Kind.CLIENT_DELETED})), "abd"),
    "from a moment on": (AuditQuery(since=NOON + 2 * _SECOND), "cdef"),
    "before a moment": (AuditQuery(until=NOON + 2 * _SECOND), "ab"),
    "a window": (AuditQuery(since=NOON + _SECOND, until=NOON + 3 * _SECOND), "bc"),
    "the newest": (AuditQuery(limit=2), "ef"),
    "more than there are": (AuditQuery(limit=MAX_LIMIT), "abcdef"),
    "the newest of a client": (AuditQuery(client_id="two", limit=1), "d"),
    "everything narrows": (
        AuditQuery(
            client_id="one",
            actor="bob",
            kinds=frozenset({Kind.SECRET_ROTATED}),
            since=NOON,
            until=NOON + 9 * _SECOND,
            limit=9,
        ),
        "c",
    ),
    "nobody": (AuditQuery(client_id="nobody"), ""),
    "nothing in any time": (AuditQuery(since=NOON + 9 * _SECOND), ""),
}


@pytest.mark.parametrize(("query", "expected"), _QUERIES.values(), ids=_QUERIES.keys())
async def test_what_is_asked_for_is_found_in_order(trail: MemoryAuditTrail, query: AuditQuery, expected: str) -> None:
    """The oldest first."""
    assert expected == await _read(trail, query)


async def test_the_newest_of_many_portions_are_the_newest() -> None:
    """Whatever the size of a portion; a portion without a record that is asked for is not sent."""
    trail = MemoryAuditTrail(MemoryClientStore())
    await trail.add([a_record("one", request_id=f"{number} ") for number in range(1000)])
    await trail.add([a_record("two", request_id="last")])

    portions = [portion async for portion in AuditService(trail, _now).read(AuditQuery(client_id="two"), follow=False)]

    assert "997 998 999 last" == await _read(trail, AuditQuery(limit=4))
    assert [["last"]] == [[record.request_id for record in portion] for portion in portions]


@pytest.mark.parametrize("limit", [-1, MAX_LIMIT + 1])
async def test_a_limit_that_cannot_be_is_refused(trail: MemoryAuditTrail, limit: int) -> None:
    """It bounds what the core keeps in memory for a reader."""
    with pytest.raises(Refusal) as caught:
        await _read(trail, AuditQuery(limit=limit))

    assert (Reason.INVALID_REQUEST, "limit must be 0 to 10000.", None) == said(caught.value)


async def test_a_trail_that_fails_is_not_an_empty_one() -> None:
    """The reader knows."""
    with pytest.raises(StorageUnavailable):
        async for _ in AuditService(FailingAuditTrail(), _now).read(AuditQuery(), follow=False):
            pass


@pytest.fixture(name="_often")
def _often_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_service, "_POLL_INTERVAL", timedelta(milliseconds=1))


async def _next(portions: AsyncIterator[Sequence[AuditRecord]]) -> str:
    """The names of the records of the next portion that has one."""
    async with asyncio.timeout(5):
        while not (names := "".join(record.request_id for record in await anext(portions))):
            pass
        return names


@pytest.mark.usefixtures("_often")
@pytest.mark.parametrize("limit", [0, 2])
async def test_who_follows_gets_what_there_is_and_what_comes(trail: MemoryAuditTrail, limit: int) -> None:
    """The newest so many first, and then each new one that is asked for, once."""
    query = AuditQuery(client_id="one", limit=limit)
    portions = aiter(AuditService(trail, _now).read(query, follow=True))
    there = await _next(portions)
    await trail.add([a_record("two", request_id="g")])
    await trail.add([a_record("one", request_id="h")])
    first = await _next(portions)
    await trail.add([a_record("one", request_id="i"), a_record("one", request_id="j")])
    second = await _next(portions)

    assert ("acef"[-limit:] if limit else "acef", "h", "ij") == (there, first, second)


@pytest.mark.usefixtures("_often")
async def test_who_follows_may_stop_while_nothing_comes(trail: MemoryAuditTrail) -> None:
    """There is a portion every now and then, with nothing in it."""
    portions = aiter(AuditService(trail, _now).read(AuditQuery(client_id="nobody"), follow=True))

    async with asyncio.timeout(5):
        assert [[], []] == [list(await anext(portions)) for _ in range(2)]


@pytest.mark.usefixtures("_often")
async def test_who_follows_an_empty_trail_waits(trail: MemoryAuditTrail) -> None:
    """For the first record that is asked for."""
    portions = aiter(AuditService(trail, _now).read(AuditQuery(client_id="three"), follow=True))
    waiting = asyncio.ensure_future(_next(portions))
    await asyncio.sleep(0.05)
    still = waiting.done()
    await trail.add([a_record("three", request_id="g")])

    assert (False, "g") == (still, await waiting)


@pytest.mark.usefixtures("_often")
async def test_who_follows_until_a_moment_is_let_go_then(trail: MemoryAuditTrail) -> None:
    """With all that was written down before it, the last moment's records included, and with nothing after it."""
    clock = FakeClock(NOON + 6 * _SECOND)
    query = AuditQuery(client_id="one", until=NOON + 8 * _SECOND)
    portions = aiter(AuditService(trail, clock.now).read(query, follow=True))
    names = [await _next(portions)]
    await trail.add([a_record("one", request_id="g", at=NOON + 7 * _SECOND)])
    names.append(await _next(portions))
    clock.advance(2 * _SECOND)
    await trail.add(
        [a_record("one", request_id=name, at=NOON + number * _SECOND) for name, number in (("h", 7), ("i", 8))]
    )
    async with asyncio.timeout(5):
        names += ["".join(record.request_id for record in portion) async for portion in portions]

    assert ["acef", "g", "h"] == [name for name in names if name]


@pytest.mark.usefixtures("_often")
async def test_who_follows_until_a_moment_that_has_passed_gets_what_there_is(trail: MemoryAuditTrail) -> None:
    """And an end."""
    query = AuditQuery(until=NOON + 3 * _SECOND)
    async with asyncio.timeout(5):
        portions = [portion async for portion in AuditService(trail, _now).read(query, follow=True)]

    assert "abc" == "".join(record.request_id for portion in portions for record in portion)

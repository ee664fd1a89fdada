"""`grantway.v1.AuditService` on the wire: whole records, and who follows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from grantway.v1 import audit_service_pb2 as pb
from grantway.v1 import client_service_pb2 as clients
from grantway.v1.token_service_pb2 import IssueTokenRequest
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.rpc.open_streams import OpenStreams
from grantway_server.serve import new_server
from grantway_server.services import add_services
from tests.fakes.clock import FakeClock
from tests.fakes.stores import stores_of
from tests.server.rpc.conftest import Core, running
from tests.server.samples import NOON

_SECOND = timedelta(seconds=1)


@pytest.fixture(name="clock")
def _clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(name="core")
async def _core(clock: FakeClock) -> AsyncIterator[Core]:
    async with running(Settings(), clock=clock.now) as core:
        yield core


async def _read(core: Core, **query: Any) -> list[pb.AuditRecord]:
    return [record async for answer in core.audit.ReadAudit(pb.ReadAuditRequest(**query)) for record in answer.records]


async def _create(core: Core, **fields: Any) -> clients.CreateClientResponse:
    return await core.clients.CreateClient(clients.CreateClientRequest(**({"name": "Concierge"} | fields)))


async def _fail(core: Core, client_id: str, client_secret: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await core.tokens.IssueToken(
            IssueTokenRequest(
                grant_type="client_credentials", client_id=client_id, client_secret=client_secret, source="192.0.2.7"
            )
        )


async def test_a_change_is_read_whole(core: Core) -> None:
    """Who, when, from where, what before and after."""
    created = await _create(core)
    client_id = created.client.client_id
    request = clients.UpdateClientRequest(
        client={"client_id": client_id, "name": "Büro", "organization": "acme"},
        update_mask={"paths": ["name", "organization"]},
    )
    await core.clients.UpdateClient(request)

    creation, update = await _read(core)

    assert (
        pb.AuditRecord(
            record_id=update.record_id,
            time=NOON,
            kind=pb.AUDIT_KIND_CLIENT_UPDATED,
            client_id=client_id,
            actor="local",
            source="127.0.0.1",
            request_id=update.request_id,
            changes=[
                pb.AuditChange(field="name", before='"Concierge"', after='"Büro"'),
                pb.AuditChange(field="organization", after='"acme"'),
            ],
        )
        == update
    )
    assert pb.AUDIT_KIND_CLIENT_CREATED == creation.kind
    assert len({creation.record_id, update.record_id, ""}) == 3
    assert 16 == len(update.request_id)


async def test_a_failure_is_read_whole(core: Core, clock: FakeClock) -> None:
    """Its reason, the source that the caller named, and the secret where it was the right one."""
    created = await _create(core)
    client_id = created.client.client_id
    await core.clients.DisableClient(clients.DisableClientRequest(client_id=client_id))
    clock.advance(_SECOND)
    await _fail(core, client_id, created.client_secret)

    (failure,) = await _read(core, kinds=[pb.AUDIT_KIND_AUTHENTICATION_FAILED])

    assert (
        pb.AuditRecord(
            record_id=failure.record_id,
            time=NOON + _SECOND,
            kind=pb.AUDIT_KIND_AUTHENTICATION_FAILED,
            client_id=client_id,
            actor="client",
            source="192.0.2.7",
            request_id=failure.request_id,
            failure=pb.AUTHENTICATION_FAILURE_DISABLED_CLIENT,
            secret_id=created.secret_id,
        )
        == failure
    )


async def test_what_is_asked_for_is_read_in_order(core: Core, clock: FakeClock) -> None:
    """By client, kind, actor, time and number; nothing asked for is everything."""
    ids = []
    for _ in range(3):
        ids.append((await _create(core)).client.client_id)
        clock.advance(_SECOND)
        await _fail(core, ids[-1], "wrong")
        clock.advance(_SECOND)
    created, failed = pb.AUDIT_KIND_CLIENT_CREATED, pb.AUDIT_KIND_AUTHENTICATION_FAILED

    async def seen(**query: Any) -> list[tuple[int, Any]]:
        return [(ids.index(record.client_id), record.kind) for record in await _read(core, **query)]

    everything = [(number, kind) for number in range(3) for kind in (created, failed)]
    assert everything == await seen()
    assert everything == await seen(kinds=[pb.AUDIT_KIND_UNSPECIFIED])
    assert [(1, created), (1, failed)] == await seen(client_id=ids[1])
    assert [(number, failed) for number in range(3)] == await seen(kinds=[failed])
    assert [(number, created) for number in range(3)] == await seen(actor="local")
    assert everything[2:4] == await seen(since=NOON + 2 * _SECOND, until=NOON + 4 * _SECOND)
    assert everything[-2:] == await seen(limit=2)
    assert everything == await seen(since=datetime(1, 1, 1, tzinfo=UTC), until=datetime(9999, 12, 31, tzinfo=UTC))
    assert [] == await seen(client_id="nobody")


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        pytest.param({"limit": -1}, "INVALID_REQUEST: limit must be 0 to 10000.", id="a negative number"),
        pytest.param({"limit": 10_001}, "INVALID_REQUEST: limit must be 0 to 10000.", id="too many"),
        pytest.param(
            {"kinds": [99]},
            "INVALID_REQUEST: kinds holds a value that this service does not know.",
            id="a kind of a newer version",
        ),
        pytest.param({"since": {"seconds": 2**62}}, "INVALID_REQUEST: since is out of range.", id="no such time"),
        pytest.param({"until": {"nanos": -1}}, "INVALID_REQUEST: until is out of range.", id="no time at all"),
    ],
)
async def test_a_question_that_cannot_be_is_refused(core: Core, query: dict[str, Any], refusal: str) -> None:
    """Before anything is read."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _read(core, **query)

    assert refusal == str(error_of_call(caught.value))


async def test_the_largest_records_fit_into_messages(core: Core) -> None:
    """Into the 4 MiB that a gRPC client takes unless it is told otherwise: however many there are."""
    largest = {
        "name": "\N{GRINNING FACE}" * 100,
        "description": "\N{GRINNING FACE}" * 500,
        "labels": {f"{number:02}{'l' * 61}": "\N{GRINNING FACE}" * 100 for number in range(32)},
        "allowed_scopes": [f"{number:02}{'s' * 17}" for number in range(100)],
        "default_scopes": {"scopes": [f"{number:02}{'s' * 17}" for number in range(100)]},
        "audiences": [f"{number:02}{'a' * 78}" for number in range(100)],
    }
    for number in range(110):
        created = await _create(core, **largest)
        request = clients.UpdateClientRequest(
            client={
                "client_id": created.client.client_id,
                "labels": {f"{number:03}{'m' * 60}": "\N{WINKING FACE}" * 100 for number in range(number, number + 32)},
                "description": "\N{WINKING FACE}" * 500,
            },
            update_mask={"paths": ["labels", "description", "allowed_scopes", "default_scopes", "audiences"]},
        )
        await core.clients.UpdateClient(request)

    answers = [answer async for answer in core.audit.ReadAudit(pb.ReadAuditRequest())]
    assert 220 == sum(len(answer.records) for answer in answers)
    assert all(2**20 < answer.ByteSize() < 4 * 2**20 for answer in answers[:-1])


async def test_small_records_share_messages(core: Core) -> None:
    """However many of them a portion holds."""
    for _ in range(120):
        await _create(core)

    assert [120] == [len(answer.records) async for answer in core.audit.ReadAudit(pb.ReadAuditRequest(limit=200))]


async def test_who_follows_until_a_moment_is_let_go(core: Core) -> None:
    """With OK."""
    await _create(core)
    call: Any = core.audit.ReadAudit(pb.ReadAuditRequest(follow=True, until=NOON))
    async with asyncio.timeout(5):
        assert ([], grpc.StatusCode.OK) == ([answer async for answer in call], await call.code())


async def _next(call: Any) -> list[str]:
    async with asyncio.timeout(5):
        answer = await call.read()
    return [record.client_id for record in answer.records]


async def test_who_follows_gets_what_there_is_and_what_comes(core: Core) -> None:
    """Until they go."""
    first = (await _create(core)).client.client_id
    call: Any = core.audit.ReadAudit(pb.ReadAuditRequest(follow=True, kinds=[pb.AUDIT_KIND_CLIENT_CREATED]))
    there = await _next(call)
    second = (await _create(core)).client.client_id
    await core.clients.DisableClient(clients.DisableClientRequest(client_id=second))
    came = await _next(call)
    third = (await _create(core)).client.client_id
    came_then = await _next(call)
    call.cancel()

    assert [[first], [second], [third]] == [there, came, came_then]


@pytest.fixture(name="stopping")
async def _stopping() -> AsyncIterator[tuple[Core, OpenStreams]]:
    """A core, and the end of its open calls."""
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    streams, _ = add_services(server, Settings(), stores_of(clock=lambda: datetime.now(UTC)), foreign_secrets)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    async with grpc.aio.insecure_channel(address) as channel:
        yield Core.on(channel, address), streams
    await server.stop(None)
    await foreign_secrets.close()


async def test_who_follows_is_let_go_before_the_core_stops(stopping: tuple[Core, OpenStreams]) -> None:
    """With OK, and with all that was written down until then."""
    core, streams = stopping
    call: Any = core.audit.ReadAudit(pb.ReadAuditRequest(follow=True))
    first = (await _create(core)).client.client_id
    there = await _next(call)
    last = (await _create(core)).client.client_id

    streams.end()

    came = await _next(call)
    async with asyncio.timeout(5):
        end = (await call.read(), await call.code())
    assert ([first], [last], (grpc.aio.EOF, grpc.StatusCode.OK)) == (there, came, end)


async def test_an_answer_that_has_an_end_gets_there_while_the_core_stops(stopping: tuple[Core, OpenStreams]) -> None:
    """A part of it would look like all of it."""
    core, streams = stopping
    for _ in range(60):
        await _create(core)
    streams.end()

    assert 60 == len(await _read(core))

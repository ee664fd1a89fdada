"""WatchRevocations on the wire, over a real store: what is told, to many, by several cores; and how it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from redis.asyncio import Redis

from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import leak_service_pb2 as leaks
from grantway.v1 import token_service_pb2 as pb
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.revocation_events import Position, RevokedToken
from grantway_server.domain.tokens import digest, token_id
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.rpc import token_servicer
from grantway_server.serve import new_server
from grantway_server.services import add_services
from grantway_server.storage.memory_revocation_log import MemoryRevocationLog
from grantway_server.storage.nonces import new_nonce
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.revocation_codec import encode_event
from tests.fakes.stores import stores_of
from tests.server.rpc.conftest import Core, running_on

_KEY = "gw:{live}:revocations"


@pytest.fixture(name="core")
async def _core(connections: RedisConnections) -> AsyncIterator[Core]:
    async with running_on(connections, Settings()) as core:
        yield core


async def _next(call: Any) -> pb.WatchRevocationsResponse:
    async with asyncio.timeout(10):
        message = await call.read()
    assert isinstance(message, pb.WatchRevocationsResponse), await call.code()
    return message


def _without_time(message: pb.WatchRevocationsResponse) -> pb.WatchRevocationsResponse:
    """What *message* says, but for when."""
    timeless = pb.WatchRevocationsResponse()
    timeless.CopyFrom(message)
    timeless.ClearField("elapsed")
    return timeless


async def _told(call: Any, count: int) -> list[pb.Revocation]:
    """The next *count* revocations, of messages without a gap."""
    found: list[pb.Revocation] = []
    while len(found) < count:
        message = await _next(call)
        assert not message.gap
        found += message.revocations
    return found


def _id_of(access_token: str) -> str:
    return token_id(digest(access_token))


async def _tell(valkey: Redis, ids: Iterable[str]) -> None:
    """Writes revocations into the store, as a core would."""
    pipeline = valkey.pipeline(transaction=False)
    for one in ids:
        pipeline.xadd(_KEY, {"nonce": new_nonce(), "event": encode_event(RevokedToken(one))})
    await pipeline.execute()


async def test_all_that_ends_tokens_or_changes_what_is_said_of_them_is_told(core: Core) -> None:
    """Each by a message that says what died, and nothing more than that."""
    created = await core.clients.CreateClient(clients.CreateClientRequest(name="Concierge"))
    client_id, secret_id = created.client.client_id, created.secret_id
    grant = pb.IssueTokenRequest(
        grant_type="client_credentials", client_id=client_id, client_secret=created.client_secret
    )
    first, second = [(await core.tokens.IssueToken(grant)).access_token for _ in range(2)]
    watching = core.tokens.WatchRevocations(pb.WatchRevocationsRequest())
    start = await _next(watching)

    moment = datetime.now(UTC).replace(microsecond=5) + timedelta(seconds=1)
    window = clients.RevokeClientTokensRequest(client_id=client_id)
    window.issued_from.FromDatetime(moment.replace(microsecond=0) - timedelta(minutes=1))
    window.issued_before.FromDatetime(moment)
    await core.tokens.RevokeToken(pb.RevokeTokenRequest(token=first))
    await core.tokens.RevokeToken(pb.RevokeTokenRequest(token=first))
    await core.leaks.ReportLeaked(leaks.ReportLeakedRequest(text=second))
    await core.clients.RevokeClientTokens(clients.RevokeClientTokensRequest(client_id=client_id, secret_id=secret_id))
    await core.clients.RevokeClientTokens(window)
    await core.clients.RevokeClientTokens(clients.RevokeClientTokensRequest(client_id=client_id))
    for field, value in (("description", "quiet"), ("name", "Renamed"), ("organization", "acme")):
        request = clients.UpdateClientRequest(client={"client_id": client_id, field: value})
        request.update_mask.paths.append(field)
        await core.clients.UpdateClient(request)
    await core.clients.DisableClient(clients.DisableClientRequest(client_id=client_id))
    await core.clients.EnableClient(clients.EnableClientRequest(client_id=client_id))
    await core.clients.RotateSecret(clients.RotateSecretRequest(client_id=client_id))
    await core.clients.PanicClient(clients.PanicClientRequest(client_id=client_id))
    await core.clients.DeleteClient(clients.DeleteClientRequest(client_id=client_id))

    everything = pb.Revocation(tokens={"client_id": client_id})
    in_window = pb.Revocation(
        tokens={"client_id": client_id, "issued_from": window.issued_from, "issued_before": window.issued_before}
    )
    changed = pb.Revocation(client={"client_id": client_id})
    expected = [
        pb.Revocation(token={"token_id": _id_of(first)}),
        pb.Revocation(token={"token_id": _id_of(second)}),
        pb.Revocation(tokens={"client_id": client_id, "secret_id": secret_id}),
        in_window,
        everything,
        changed,
        changed,
        everything,
        changed,
        everything,
        everything,
    ]
    assert expected == await _told(watching, len(expected))
    again = core.tokens.WatchRevocations(pb.WatchRevocationsRequest(position=start.position))
    assert expected == await _told(again, len(expected))
    assert (False, []) == (start.gap, list(start.revocations))


async def test_many_watch_two_cores(connections: RedisConnections) -> None:
    """1,000 revocations by either core, and each of 50 subscribers gets all of them, in the same order."""
    async with running_on(connections, Settings()) as one, running_on(connections, Settings()) as other:
        cores = (one, other)
        created = await one.clients.CreateClient(clients.CreateClientRequest(name="Concierge"))
        grant = pb.IssueTokenRequest(
            grant_type="client_credentials",
            client_id=created.client.client_id,
            client_secret=created.client_secret,
        )
        texts = []
        for _ in range(8):
            issued = await one.tokens.BatchIssueTokens(pb.BatchIssueTokensRequest(requests=[grant] * 125))
            texts += [result.token.access_token for result in issued.results]
        watching = [cores[number % 2].tokens.WatchRevocations(pb.WatchRevocationsRequest()) for number in range(50)]
        for call in watching:
            await _next(call)
        told = asyncio.gather(*(_told(call, 1000) for call in watching))
        for start in range(0, 1000, 20):
            await asyncio.gather(
                *(
                    cores[number % 2].tokens.RevokeToken(pb.RevokeTokenRequest(token=text))
                    for number, text in enumerate(texts[start : start + 20])
                )
            )
        everything = [[revocation.token.token_id for revocation in revocations] for revocations in await told]

    assert sorted(map(_id_of, texts)) == sorted(everything[0])
    assert [everything[0]] * 50 == everything


async def test_a_position_of_one_core_is_good_for_another(connections: RedisConnections, valkey: Redis) -> None:
    """A core that stops takes nothing along: what happens meanwhile is told by the next one, without a gap."""
    async with running_on(connections, Settings()) as core:
        call = core.tokens.WatchRevocations(pb.WatchRevocationsRequest())
        await _next(call)
        await _tell(valkey, ["0000000000000001"])
        message = await _next(call)
        while not message.revocations:
            message = await _next(call)
    ids = [f"{number:016x}" for number in range(2, 3000)]
    await _tell(valkey, ids)

    async with running_on(connections, Settings()) as core:
        call = core.tokens.WatchRevocations(pb.WatchRevocationsRequest(position=message.position))
        assert ids == [revocation.token.token_id for revocation in await _told(call, len(ids))]


async def test_a_store_that_is_emptied_is_a_gap(core: Core, valkey: Redis) -> None:
    """To whoever watches, and to whoever comes back; what happens then is told."""
    watching = core.tokens.WatchRevocations(pb.WatchRevocationsRequest())
    start = await _next(watching)
    await valkey.flushall()
    message = await _next(watching)
    while not message.gap:
        assert _without_time(start) == _without_time(message)
        message = await _next(watching)
    again = core.tokens.WatchRevocations(pb.WatchRevocationsRequest(position=start.position))
    first = await _next(again)
    await _tell(valkey, ["0000000000000001"])

    expected = [pb.Revocation(token={"token_id": "0000000000000001"})]
    expected_gap = pb.WatchRevocationsResponse(position=message.position, gap=True)
    assert [expected_gap] * 2 == [_without_time(message), _without_time(first)]
    assert [expected] * 2 == [await _told(watching, 1), await _told(again, 1)]


async def test_a_message_says_when_the_store_was_asked(connections: RedisConnections, valkey: Redis) -> None:
    """Counted from when the call came, and never too late: also where the store takes its time to answer."""
    async with running_on(connections, Settings()) as core:
        began_at = time.monotonic()
        watching = core.tokens.WatchRevocations(pb.WatchRevocationsRequest())
        elapsed, came = [], []
        for number in range(3):
            if number == 1:
                await valkey.client_pause(800)
            elapsed.append((await _next(watching)).elapsed.ToTimedelta().total_seconds())
            came.append(time.monotonic() - began_at)

    assert 0 <= elapsed[0] < elapsed[1] < elapsed[2]
    assert all(asked < at for asked, at in zip(elapsed, came, strict=True))
    assert came[1] - elapsed[1] > 0.2


_SMALL_WINDOW = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536))
"""Of a caller whose gRPC takes 64 KiB before anybody reads, and not megabytes."""


async def test_who_takes_nothing_is_let_go(core: Core, valkey: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """With OK, behind what was on its way already; those who do are told of everything."""
    monkeypatch.setattr(token_servicer, "_TAKE_SECONDS", 0.3)
    fast = core.tokens.WatchRevocations(pb.WatchRevocationsRequest())
    await _next(fast)
    ids = [f"{number:016x}" for number in range(20_000)]
    async with grpc.aio.insecure_channel(core.address, options=_SMALL_WINDOW) as channel:
        slow = Core.on(channel, core.address).tokens.WatchRevocations(pb.WatchRevocationsRequest())
        await _next(slow)
        for start in range(0, len(ids), 1000):
            await _tell(valkey, ids[start : start + 1000])
            assert ids[start : start + 1000] == [one.token.token_id for one in await _told(fast, 1000)]
        await asyncio.sleep(0.5)

        found: list[str] = []
        async with asyncio.timeout(10):
            while isinstance(message := await slow.read(), pb.WatchRevocationsResponse):
                found += [revocation.token.token_id for revocation in message.revocations]
            assert grpc.StatusCode.OK is await slow.code()
    assert len(found) < len(ids)
    assert ids[: len(found)] == found


class _LogThatGoes(MemoryRevocationLog):
    """A log that answers until it is gone."""

    is_gone = False

    async def wait(self, after: Position) -> None:
        """See `RevocationLog.wait`."""
        if self.is_gone:
            raise StorageUnavailable
        await super().wait(after)


@pytest.mark.parametrize("is_gone", [False, True], ids=["a store that answers", "a store that is gone"])
async def test_watching_ends_before_the_core_stops(*, is_gone: bool) -> None:
    """With OK, within a moment, whether there is something to tell or not."""
    log = _LogThatGoes()
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    stores = stores_of(revocations=log, clock=lambda: datetime.now(UTC))
    streams, _ = add_services(server, Settings(), stores, foreign_secrets)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    async with grpc.aio.insecure_channel(address) as channel:
        call = Core.on(channel, address).tokens.WatchRevocations(pb.WatchRevocationsRequest())
        await _next(call)
        log.is_gone = is_gone

        streams.end()

        async with asyncio.timeout(3):
            while await call.read() is not grpc.aio.EOF:
                pass
            assert grpc.StatusCode.OK is await call.code()
    await server.stop(None)
    await foreign_secrets.close()

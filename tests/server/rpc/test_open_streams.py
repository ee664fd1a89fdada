"""Calls that stay open: what is on them, how they fail, and how they end before the core does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, cast

import grpc
import pytest
import structlog

from grantway import TokenClient, open_call
from grantway.v1 import client_service_pb2, token_service_pb2_grpc
from grantway.v1 import token_service_pb2 as pb
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.rpc import open_streams
from grantway_server.serve import new_server
from grantway_server.services import add_services
from tests.arrival import arrived
from tests.fakes.failing_stores import FailingTokenStore
from tests.fakes.stores import stores_of
from tests.fakes.watched_stores import GatedTokenStore
from tests.server.rpc.conftest import Core, running
from tests.server.samples import WELL_FORMED_TOKEN

_QUESTION = pb.StreamIntrospectTokensRequest(requests=[pb.IntrospectTokenRequest(token=WELL_FORMED_TOKEN)])
_NOT_ACTIVE = pb.IntrospectTokenResult(
    introspection=pb.IntrospectTokenResponse(inactive_reason=pb.INACTIVE_REASON_UNKNOWN)
)


async def test_each_message_is_answered_like_a_batch(core: Core) -> None:
    """Message by message, item by item, in order; a bad item is answered for itself."""
    created = await core.clients.CreateClient(
        client_service_pb2.CreateClientRequest(name="Concierge", allowed_scopes=["a", "b"])
    )
    good = {
        "grant_type": "client_credentials",
        "client_id": created.client.client_id,
        "client_secret": created.client_secret,
    }
    issuing: grpc.aio.StreamStreamCall[Any, Any] = core.tokens.StreamIssueTokens()
    asking: grpc.aio.StreamStreamCall[Any, Any] = core.tokens.StreamIntrospectTokens()
    seen = []
    for scopes in (["a", "c", "b"], ["b"]):
        await issuing.write(
            pb.StreamIssueTokensRequest(requests=[pb.IssueTokenRequest(**good, scope=scope) for scope in scopes])
        )
        issued = cast("pb.StreamIssueTokensResponse", await issuing.read()).results
        seen.append([one.token.scope or one.refusal.description for one in issued])
        tokens = [one.token.access_token for one in issued]
        await asking.write(
            pb.StreamIntrospectTokensRequest(requests=[pb.IntrospectTokenRequest(token=token) for token in tokens])
        )
        found = cast("pb.StreamIntrospectTokensResponse", await asking.read()).results
        seen.append([one.introspection.scope or one.refusal.description for one in found])
    await issuing.done_writing()
    await asking.done_writing()

    no_scope = "The client may not ask for this scope: ask for allowed scopes only."
    assert [["a", no_scope, "b"], ["a", "token is missing.", "b"], ["b"], ["b"]] == seen
    assert [grpc.StatusCode.OK] * 2 == [await issuing.code(), await asking.code()]


@pytest.mark.parametrize(
    ("method", "message"),
    [
        pytest.param("StreamIssueTokens", pb.StreamIssueTokensRequest(), id="StreamIssueTokens"),
        pytest.param("StreamIntrospectTokens", pb.StreamIntrospectTokensRequest(), id="StreamIntrospectTokens"),
    ],
)
async def test_a_batch_of_a_wrong_size_ends_the_call(core: Core, method: str, message: object) -> None:
    """As it would end the unary call."""
    call = getattr(core.tokens, method)()
    await call.write(message)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()

    assert str(error_of_call(caught.value)).startswith("INVALID_REQUEST: ")


async def test_bytes_that_are_no_message_end_the_call(core: Core) -> None:
    """They are an invalid request, not a fault of the service."""
    call: grpc.aio.StreamStreamCall[bytes, bytes] = core.channel.stream_stream(
        "/grantway.v1.TokenService/StreamIssueTokens"
    )()
    await call.write(b"\xff\xff\xff")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()

    assert "INVALID_REQUEST: The request is not a message of this method." == str(error_of_call(caught.value))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(StorageUnavailable("gone"), "STORAGE_UNAVAILABLE: ", id="the store fails"),
        pytest.param(RuntimeError("canary"), "INTERNAL: ", id="the core is at fault"),
        pytest.param(asyncio.CancelledError(), "INTERNAL: ", id="something cancels itself"),
    ],
)
async def test_what_goes_wrong_ends_the_call_with_a_typed_error(error: BaseException, expected: str) -> None:
    """S01, G-X3, G-X4: in the same words as a unary call."""
    async with running(Settings(), token_store=FailingTokenStore(error)) as core:
        call: grpc.aio.StreamStreamCall[Any, Any] = core.tokens.StreamIntrospectTokens()
        await call.write(_QUESTION)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()

    said = str(error_of_call(caught.value))
    assert said.startswith(expected)
    assert "canary" not in said


@pytest.fixture(name="ending")
async def _ending() -> AsyncIterator[tuple[Any, GatedTokenStore, Any]]:
    """The end of all open calls, the store behind them, and a stub to open some with."""
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    store = GatedTokenStore(lambda: datetime.now(UTC))
    stores = stores_of(token_store=store, clock=lambda: datetime.now(UTC))
    streams, _ = add_services(server, Settings(), stores, foreign_secrets)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield streams.end, store, token_service_pb2_grpc.TokenServiceStub(channel)
    await server.stop(None)


async def test_a_call_that_waits_ends_at_once(ending: tuple[Any, GatedTokenStore, Any]) -> None:
    """Nothing is lost: there was nothing to do. A message that comes now is not carried out."""
    end, store, stub = ending
    call = stub.StreamIntrospectTokens()
    await call.write(_QUESTION)
    first = await call.read()

    end()

    async with asyncio.timeout(5):
        assert (grpc.aio.EOF, grpc.StatusCode.OK) == (await call.read(), await call.code())
    assert ([_NOT_ACTIVE], 1) == (list(first.results), store.asked)


async def test_a_call_that_is_at_work_ends_after_the_answer(ending: tuple[Any, GatedTokenStore, Any]) -> None:
    """What was begun is finished and answered."""
    end, store, stub = ending
    call = stub.StreamIntrospectTokens()
    store.open.clear()
    await call.write(_QUESTION)
    await store.entered.wait()

    end()
    store.open.set()

    async with asyncio.timeout(5):
        answer = await call.read()
        assert (grpc.aio.EOF, grpc.StatusCode.OK) == (await call.read(), await call.code())
    assert [_NOT_ACTIVE] == list(answer.results)


async def test_a_caller_that_goes_away_while_calls_end_is_no_error(
    ending: tuple[Any, GatedTokenStore, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Its handler is cancelled, as ever, and neither our log nor gRPC's has a word of it."""
    end, store, stub = ending
    call = stub.StreamIntrospectTokens()
    store.open.clear()
    await call.write(_QUESTION)
    await store.entered.wait()

    with structlog.testing.capture_logs() as logs:
        end()
        call.cancel()
        async with asyncio.timeout(5):
            await store.cancelled.wait()
            # A round trip later the handler has ended.
            await stub.IntrospectToken(pb.IntrospectTokenRequest(token="nonsense"))

    assert ([], []) == (logs, caplog.messages)


@pytest.fixture(name="room_for_two")
async def _room_for_two(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Core, GatedTokenStore]]:
    """A core on which two calls may wait, and the store behind it."""
    monkeypatch.setattr(open_streams, "_MAX_WAITING", 2)
    store = GatedTokenStore(lambda: datetime.now(UTC))
    async with running(Settings(), client_store=store.clients, token_store=store) as core:
        yield core, store


async def _asked(call: Any) -> object:
    """The end of the exchange that this begins: an answer, or how the call ended."""
    await call.write(_QUESTION)
    return await _end_of(call)


async def _end_of(call: Any) -> object:
    async with asyncio.timeout(5):
        answer = await call.read()
        return await call.code() if answer is grpc.aio.EOF else list(answer.results)


async def test_one_call_too_many_ends_the_one_that_has_waited_longest(
    room_for_two: tuple[Core, GatedTokenStore],
) -> None:
    """With OK, and whoever uses theirs keeps it."""
    core, _ = room_for_two
    first, second = core.tokens.StreamIntrospectTokens(), core.tokens.StreamIntrospectTokens()
    answers = [await _asked(call) for call in (first, second, first)]

    third = core.tokens.StreamIntrospectTokens()
    answers += [await _asked(third), await _end_of(second), await _asked(first)]

    assert [*[[_NOT_ACTIVE]] * 4, grpc.StatusCode.OK, [_NOT_ACTIVE]] == answers


async def test_a_call_at_work_is_not_one_that_waits(room_for_two: tuple[Core, GatedTokenStore]) -> None:
    """What was begun is finished, however many others there are."""
    core, store = room_for_two
    store.open.clear()
    working = core.tokens.StreamIntrospectTokens()
    asked = asyncio.create_task(_asked(working))
    await arrived(store.entered, asked)

    first, *_others = (core.tokens.StreamIntrospectTokens() for _ in range(3))
    ended = await _end_of(first)
    store.open.set()

    assert [grpc.StatusCode.OK, [_NOT_ACTIVE]] == [ended, await asked]


async def test_the_sdk_does_not_notice_that_its_calls_end(
    room_for_two: tuple[Core, GatedTokenStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that has ended is no failed try, so that no time is lost: here is no second one."""
    core, _ = room_for_two
    monkeypatch.setattr(open_call, "_TRIES", ((0.0, 1.0),))
    async with TokenClient(core.address) as one, TokenClient(core.address) as other, TokenClient(core.address) as third:
        for client in (one, other, third, one, other, third):
            assert not (await client.introspect(WELL_FORMED_TOKEN)).active
            await asyncio.sleep(0.05)  # The end of another's call is on its way.


async def test_the_sdk_outlives_calls_that_end_under_its_hands(room_for_two: tuple[Core, GatedTokenStore]) -> None:
    """A message that meets the end of its call goes out again: 4 clients, and room for two calls."""
    core, _ = room_for_two
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(TokenClient(core.address)) for _ in range(4)]
        for _ in range(40):
            answers = await asyncio.gather(*(client.introspect(WELL_FORMED_TOKEN) for client in clients))
            assert [False] * 4 == [answer.active for answer in answers]

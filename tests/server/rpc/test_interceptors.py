"""Whatever goes wrong in a handler, the caller gets a typed answer in bounded time and learns nothing else."""

import asyncio
from typing import Any

import grpc
import pytest
import structlog

from grantway.errors import Refused, Unreachable
from grantway.v1 import token_service_pb2 as pb
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingTokenStore
from tests.fakes.watched_stores import GatedTokenStore
from tests.server.rpc.conftest import Core, running
from tests.server.samples import WELL_FORMED_TOKEN

_CANARY = "gws_live_canary"
_INTERNAL = "INTERNAL: An internal error: try again, and report it if it persists."


def _raw(core: Core, method: str) -> "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]":
    """A method of TokenService that takes any bytes."""
    return core.channel.unary_unary(f"/grantway.v1.TokenService/{method}")


async def _error_of_revoke(core: Core) -> Refused | Unreachable:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.tokens.RevokeToken(pb.RevokeTokenRequest(token=WELL_FORMED_TOKEN), timeout=5)
    error = error_of_call(caught.value)
    assert isinstance(error, Refused | Unreachable)
    return error


async def test_the_text_of_an_exception_never_reaches_the_caller() -> None:
    """A fault is INTERNAL with a fixed text and a request id; under it the cause is in the log, with the method."""
    with structlog.testing.capture_logs() as logs:
        async with running(Settings(), token_store=FailingTokenStore(KeyError(_CANARY))) as core:
            error = await _error_of_revoke(core)

    assert str(error) == _INTERNAL
    assert isinstance(error, Refused)
    assert [(line["event"], line["method"], line["request_id"]) for line in logs] == [
        ("handler failed", "/grantway.v1.TokenService/RevokeToken", error.request_id)
    ]


async def test_a_store_that_fails_does_not_fill_the_log() -> None:
    """The first call that fails has its line, with the cause; those that follow at once have none."""
    failure = StorageUnavailable("the store did not answer")
    failure.__cause__ = ConnectionError("canary")
    with structlog.testing.capture_logs() as logs:
        async with running(Settings(), token_store=FailingTokenStore(failure)) as core:
            for _ in range(5):
                await _error_of_revoke(core)

    assert [
        {
            "log_level": "warning",
            "event": "store unavailable",
            "method": "/grantway.v1.TokenService/RevokeToken",
            "calls": 1,
            "cause": ["StorageUnavailable", "ConnectionError"],
        }
    ] == logs


async def test_a_handler_that_cancels_itself_answers() -> None:
    """GRPC would leave the caller waiting for its deadline."""
    async with running(Settings(), token_store=FailingTokenStore(asyncio.CancelledError())) as core:
        error = await _error_of_revoke(core)

    assert _INTERNAL == str(error)


async def test_a_caller_that_goes_away_cancels_the_handler() -> None:
    """Nothing goes on for a caller who left, and the core serves the next one."""
    store = GatedTokenStore(FakeClock().now)
    store.open.clear()
    async with running(Settings(), token_store=store) as core:
        call: grpc.aio.UnaryUnaryCall[Any, Any] = core.tokens.RevokeToken(
            pb.RevokeTokenRequest(token=WELL_FORMED_TOKEN)
        )
        async with asyncio.timeout(5):
            await store.entered.wait()
            call.cancel()
            await store.cancelled.wait()

        answer = await core.tokens.IntrospectToken(pb.IntrospectTokenRequest(token="nonsense"))

    assert pb.INACTIVE_REASON_MALFORMED == answer.inactive_reason


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xff\xff\xff\xff", id="bytes that are no message"),
        pytest.param(b"\x0a\x02\xc3\x28", id="a string that is not UTF-8"),
        pytest.param(b"\x0a\x7f", id="a field that is cut off"),
    ],
)
async def test_bytes_that_are_no_message_are_an_invalid_request(core: Core, body: bytes) -> None:
    """Undecodable input is the caller's fault, and is told so."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _raw(core, "RevokeToken")(body, timeout=5)

    assert str(error_of_call(caught.value)) == "INVALID_REQUEST: The request is not a message of this method."


async def test_a_message_that_is_too_large_is_refused(core: Core) -> None:
    """Memory is bounded: 4 MiB are the most that a request may have."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.tokens.RevokeToken(pb.RevokeTokenRequest(token="x" * (4 * 1024 * 1024)), timeout=5)

    assert grpc.StatusCode.RESOURCE_EXHAUSTED is caught.value.code()


async def test_a_call_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded: the calls before it go on, and there is room again when one has ended."""
    monkeypatch.setattr("grantway_server.serve._MAX_CALLS", 4)
    store = GatedTokenStore(FakeClock().now)
    store.open.clear()
    request = pb.RevokeTokenRequest(token=WELL_FORMED_TOKEN)
    async with running(Settings(), token_store=store) as core:
        under_way = [core.tokens.RevokeToken(request) for _ in range(4)]
        while store.asked < len(under_way):  # noqa: ASYNC110 - its event is set by the first of them.
            await asyncio.sleep(0.01)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await core.tokens.RevokeToken(request, timeout=5)
        under_way[0].cancel()
        await store.cancelled.wait()
        answer = await core.tokens.IntrospectToken(pb.IntrospectTokenRequest(token="nonsense"), timeout=5)
        for call in under_way:
            call.cancel()

    assert grpc.StatusCode.RESOURCE_EXHAUSTED is caught.value.code()
    assert "no core answered in time (RESOURCE_EXHAUSTED)" == str(error_of_call(caught.value))
    assert pb.INACTIVE_REASON_MALFORMED == answer.inactive_reason


async def test_an_unknown_method_is_unimplemented(core: Core) -> None:
    """A typo in a method's name is told apart from a refusal."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _raw(core, "Nothing")(b"", timeout=5)

    assert grpc.StatusCode.UNIMPLEMENTED is caught.value.code()

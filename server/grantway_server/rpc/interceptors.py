"""What stands around every handler: whatever goes wrong inside, the caller gets a typed answer and nothing else.

gRPC itself would send the text of an exception to the caller, and leave the caller of a cancelled handler hanging.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import grpc
import structlog
from google.protobuf.message import DecodeError

from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Refusal, invalid_request
from grantway_server.rpc.status import abort, refusal_of
from grantway_server.rpc.store_failures import StoreFailures

_log = structlog.get_logger()

_Context = grpc.aio.ServicerContext[Any, Any]
_Behavior = Callable[[Any, _Context], Awaitable[object]]
_StreamBehavior = Callable[[AsyncIterator[Any], _Context], AsyncIterator[object]]
_AnswersBehavior = Callable[[Any, _Context], AsyncIterator[object] | Awaitable[None]]
"""A handler of a call with many answers either yields them or writes them itself."""
_Deserialize = Callable[[bytes], object]

_CONTRACT = "/grantway."


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """The outermost interceptor: turns every exception of a handler into a status with details."""

    def __init__(self, failures: StoreFailures) -> None:
        self._failures = failures

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any] | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Wraps the contract's handlers, unary and streaming; other streams (health, reflection) are gRPC's own."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or handler.request_deserializer is None:
            return handler
        # Requests are read inside the guard: gRPC answers bytes that are no message with INTERNAL.
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                _guarded(cast("_Behavior", handler.unary_unary), handler.request_deserializer, method, self._failures),
                request_deserializer=None,
                response_serializer=handler.response_serializer,
            )
        if handler.unary_stream is not None and method.startswith(_CONTRACT):
            return grpc.unary_stream_rpc_method_handler(
                _guarded_answers(
                    cast("_AnswersBehavior", handler.unary_stream), handler.request_deserializer, method, self._failures
                ),
                request_deserializer=None,
                response_serializer=handler.response_serializer,
            )
        if handler.stream_stream is not None and method.startswith(_CONTRACT):
            return grpc.stream_stream_rpc_method_handler(
                _guarded_stream(
                    cast("_StreamBehavior", handler.stream_stream), handler.request_deserializer, method, self._failures
                ),
                request_deserializer=None,
                response_serializer=handler.response_serializer,
            )
        return handler


def _guarded(
    behavior: _Behavior, deserialize: _Deserialize, method: str, failures: StoreFailures
) -> Callable[[bytes, _Context], Awaitable[object]]:
    async def guarded(data: bytes, context: _Context) -> object:
        async with _errors_as_statuses(context, method, failures):
            return await behavior(_parsed(data, deserialize), context)
        raise AssertionError("unreachable: abort raises")

    return guarded


def _guarded_stream(
    behavior: _StreamBehavior, deserialize: _Deserialize, method: str, failures: StoreFailures
) -> Callable[[AsyncIterable[bytes], _Context], Awaitable[None]]:
    async def guarded(messages: AsyncIterable[bytes], context: _Context) -> None:
        async with _errors_as_statuses(context, method, failures):
            async for answer in behavior(_each_parsed(messages, deserialize), context):
                await context.write(answer)

    return guarded


def _guarded_answers(
    behavior: _AnswersBehavior, deserialize: _Deserialize, method: str, failures: StoreFailures
) -> Callable[[bytes, _Context], Awaitable[None]]:
    async def guarded(data: bytes, context: _Context) -> None:
        async with _errors_as_statuses(context, method, failures):
            answers = behavior(_parsed(data, deserialize), context)
            if isinstance(answers, Awaitable):
                await answers
                return
            async for answer in answers:
                await context.write(answer)

    return guarded


@asynccontextmanager
async def _errors_as_statuses(context: _Context, method: str, failures: StoreFailures) -> AsyncIterator[None]:
    """Ends the call with a status for whatever its body raises."""
    try:
        yield
    except (Refusal, StorageUnavailable) as error:
        if isinstance(error, StorageUnavailable):
            failures.add(error, method=method)
        await abort(context, refusal_of(error))
    except grpc.aio.AbortError:
        raise
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) and task.cancelling():
            raise  # The caller went away, or the server stops.
        # Something in here cancelled itself; gRPC would leave the caller waiting for its deadline.
        await _fail(context, RuntimeError("the handler cancelled itself"), method)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets a fixed text and the log the cause.
        await _fail(context, error, method)


async def _fail(context: _Context, error: Exception, method: str) -> None:
    refusal = refusal_of(error)
    _log.error("handler failed", method=method, request_id=refusal.request_id, exc_info=error)
    await abort(context, refusal)


async def _each_parsed(messages: AsyncIterable[bytes], deserialize: _Deserialize) -> AsyncIterator[object]:
    async for data in messages:
        yield _parsed(data, deserialize)


def _parsed(data: bytes, deserialize: _Deserialize) -> object:
    try:
        return deserialize(data)
    except DecodeError:
        raise invalid_request("The request is not a message of this method.") from None

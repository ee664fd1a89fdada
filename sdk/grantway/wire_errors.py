"""How the errors of `grantway.errors` come off the wire: from a refusal of the core, or from the status of a call."""

import asyncio
from contextlib import suppress
from typing import cast

import grpc
from google.protobuf.message import DecodeError

from grantway.errors import GrantwayError, Refused, Unreachable
from grantway.v1 import error_reason_pb2, refusal_pb2

REFUSAL_TRAILER = "grantway-refusal-bin"
"""The trailer of a refused call; its value is a serialized `grantway.v1.Refusal`."""

_TLS_PROBLEMS = {
    "WRONG_VERSION_NUMBER": "it speaks no TLS: it is plaintext, or no core",
    "Hostname Verification Check failed": "its certificate is for another name",
    "is not in peer certificate": "its certificate is for another name",
    "CERTIFICATE_REQUIRED": "it wants a certificate of the caller",
    "UNKNOWN_CA": "it does not trust who signed the certificate of the caller",
    "CERTIFICATE_EXPIRED": "the certificate of the caller has expired",
    "CERTIFICATE_VERIFY_FAILED: certificate has expired": "its certificate has expired",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not signed by whom the caller trusts",
    "handshake failed": "the TLS handshake failed",
}
"""What is in gRPC's words for a connection that failed, and what it means. The first that fits."""

_UNANSWERED = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        # Too many calls are under way. (A message that is too large gets it as well.)
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)
"""Statuses that gRPC itself answers with when no handler did."""

AIO_CALL_ERRORS = (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.CancelledError)
"""How a call of asyncio ends without an answer; see `error_of_aio_call`."""


def refused_from(message: refusal_pb2.Refusal) -> Refused:
    """The error that a refusal on the wire stands for."""
    retry_after = message.retry_after.ToTimedelta() if message.HasField("retry_after") else None
    return Refused(message.reason, message.description, retry_after, message.request_id or None)


def refusal_in(error: grpc.RpcError) -> Refused | None:
    """What the core said in the refusal trailer of a failed call; None when the core said nothing."""
    # Pairs with asyncio and without; the stubs' type for the latter does not say that it can be iterated over.
    trailers = cast("tuple[tuple[str, str | bytes], ...]", error.trailing_metadata() or ())
    for key, value in trailers:
        if key == REFUSAL_TRAILER and isinstance(value, bytes):
            with suppress(DecodeError):  # What is no refusal is nothing; the status remains.
                return refused_from(refusal_pb2.Refusal.FromString(value))
    return None


def error_of_call(error: grpc.RpcError) -> GrantwayError:
    """The error that a failed call, asyncio or not, stands for: from its refusal trailer, else from its status."""
    if refusal := refusal_in(error):
        return refusal
    if error.code() in _UNANSWERED:
        return Unreachable(f"no core answered in time ({error.code().name})", tls_problem=_tls_problem(error))
    return Refused(error_reason_pb2.ERROR_REASON_INTERNAL, f"the call failed ({error.code().name})")


def _tls_problem(error: grpc.RpcError) -> str:
    details = error.details() or ""
    for words, meaning in _TLS_PROBLEMS.items():
        if words in details:
            return meaning
    # Before any call: by TLS 1.3 a core has no other way to say no to a caller without a certificate.
    hung_up = "last error" in details and details.endswith("Socket closed")
    return "it hung up: does it want TLS, or another certificate?" if hung_up else ""


def error_of_aio_call(
    error: grpc.aio.AioRpcError | grpc.aio.UsageError | asyncio.CancelledError,
) -> GrantwayError | asyncio.CancelledError:
    """The error that one of `AIO_CALL_ERRORS` stands for, which the task that made the call has just caught."""
    match error:
        case grpc.aio.AioRpcError():
            return error_of_call(error)
        case asyncio.CancelledError() if (caller := asyncio.current_task()) and caller.cancelling():
            return error  # The caller itself is cancelled, which is no failure of the call.
        case _:
            # A channel that is closed cancels its calls and starts no more.
            return Unreachable("the client was closed")

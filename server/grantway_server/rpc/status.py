"""How a refusal crosses the wire, in the one place that knows: reason to status, and the details that travel along."""

from collections.abc import Mapping
from datetime import timedelta
from secrets import token_bytes
from types import MappingProxyType

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.wire_errors import REFUSAL_TRAILER
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.randomness import new_request_id
from grantway_server.domain.refusals import Reason, Refusal

_DOMAIN = "grantway"
_NO_RETRY = ("grpc-retry-pushback-ms", "-1")
"""Keeps a channel from retrying within milliseconds what has said when to come back (gRFC A6)."""
_STORAGE_RETRY_AFTER = timedelta(seconds=1)

STATUS_OF: Mapping[Reason, tuple[grpc.StatusCode, "error_reason_pb2.ErrorReason"]] = MappingProxyType(
    {
        Reason.INVALID_REQUEST: (grpc.StatusCode.INVALID_ARGUMENT, error_reason_pb2.ERROR_REASON_INVALID_REQUEST),
        Reason.INVALID_CLIENT: (grpc.StatusCode.UNAUTHENTICATED, error_reason_pb2.ERROR_REASON_INVALID_CLIENT),
        Reason.UNAUTHORIZED_CLIENT: (
            grpc.StatusCode.PERMISSION_DENIED,
            error_reason_pb2.ERROR_REASON_UNAUTHORIZED_CLIENT,
        ),
        Reason.UNSUPPORTED_GRANT_TYPE: (
            grpc.StatusCode.INVALID_ARGUMENT,
            error_reason_pb2.ERROR_REASON_UNSUPPORTED_GRANT_TYPE,
        ),
        Reason.INVALID_SCOPE: (grpc.StatusCode.INVALID_ARGUMENT, error_reason_pb2.ERROR_REASON_INVALID_SCOPE),
        Reason.INVALID_TARGET: (grpc.StatusCode.INVALID_ARGUMENT, error_reason_pb2.ERROR_REASON_INVALID_TARGET),
        Reason.RATE_LIMITED: (grpc.StatusCode.RESOURCE_EXHAUSTED, error_reason_pb2.ERROR_REASON_RATE_LIMITED),
        Reason.STORAGE_UNAVAILABLE: (
            grpc.StatusCode.UNAVAILABLE,
            error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE,
        ),
        Reason.INTERNAL: (grpc.StatusCode.INTERNAL, error_reason_pb2.ERROR_REASON_INTERNAL),
        Reason.CLIENT_NOT_FOUND: (grpc.StatusCode.NOT_FOUND, error_reason_pb2.ERROR_REASON_CLIENT_NOT_FOUND),
        Reason.CONFLICT: (grpc.StatusCode.ABORTED, error_reason_pb2.ERROR_REASON_CONFLICT),
        Reason.ALONE_ONLY: (grpc.StatusCode.FAILED_PRECONDITION, error_reason_pb2.ERROR_REASON_ALONE_ONLY),
        Reason.UNKNOWN_ACTOR: (grpc.StatusCode.UNAUTHENTICATED, error_reason_pb2.ERROR_REASON_UNKNOWN_ACTOR),
        Reason.SECRET_NOT_FOUND: (grpc.StatusCode.NOT_FOUND, error_reason_pb2.ERROR_REASON_SECRET_NOT_FOUND),
    }
)
"""Every reason, and no other."""


def refusal_of(error: Exception) -> Refusal:
    """What a caller is told of *error*: a refusal as it is, anything else as a fixed text and an id for the log."""
    match error:
        case Refusal():
            return error
        case StorageUnavailable():
            return Refusal(
                Reason.STORAGE_UNAVAILABLE,
                "The store did not answer in time: try again.",
                retry_after=_STORAGE_RETRY_AFTER,
            )
        case _:
            return Refusal(
                Reason.INTERNAL,
                "An internal error: try again, and report it if it persists.",
                request_id=new_request_id(token_bytes),
            )


def refusal_message(refusal: Refusal) -> refusal_pb2.Refusal:
    """*refusal* as an item of a batch answer or as a trailer."""
    message = refusal_pb2.Refusal(reason=STATUS_OF[refusal.reason][1], description=refusal.description)
    if refusal.retry_after is not None:
        message.retry_after.FromTimedelta(refusal.retry_after)
    if refusal.request_id is not None:
        message.request_id = refusal.request_id
    return message


async def abort(context: "grpc.aio.ServicerContext[object, object]", refusal: Refusal) -> None:
    """Ends the call with *refusal*: status, `google.rpc.Status` with ErrorInfo (and RetryInfo), and our own trailer.

    Both carry the same. The first is the standard, readable in every language; the second needs no package but
    protobuf to read, which is all that our SDK depends on.
    """
    code, reason = STATUS_OF[refusal.reason]
    info = error_details_pb2.ErrorInfo(
        reason=error_reason_pb2.ErrorReason.Name(reason).removeprefix("ERROR_REASON_"),
        domain=_DOMAIN,
        metadata={"request_id": refusal.request_id} if refusal.request_id else None,
    )
    message = refusal_message(refusal)
    details = [_packed(info)]
    trailers: list[tuple[str, str | bytes]] = [(REFUSAL_TRAILER, message.SerializeToString())]
    if refusal.retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromTimedelta(refusal.retry_after)
        details.append(_packed(retry))
        trailers.append(_NO_RETRY)
    status = rpc_status.to_status(
        status_pb2.Status(code=code_pb2.Code.Value(code.name), message=refusal.description, details=details)
    )
    await context.abort(code, refusal.description, (*status.trailing_metadata, *trailers))


def _packed(detail: "error_details_pb2.ErrorInfo | error_details_pb2.RetryInfo") -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed

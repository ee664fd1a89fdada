"""How each refusal crosses the wire, through a real server."""

from datetime import timedelta

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway.wire_errors import REFUSAL_TRAILER
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.rpc.status import STATUS_OF, refusal_of
from tests.fakes.failing_stores import FailingTokenStore
from tests.server.rpc.conftest import running
from tests.server.samples import WELL_FORMED_TOKEN

_GRPC_CODE = {
    Reason.INVALID_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.INVALID_CLIENT: grpc.StatusCode.UNAUTHENTICATED,
    Reason.UNAUTHORIZED_CLIENT: grpc.StatusCode.PERMISSION_DENIED,
    Reason.UNSUPPORTED_GRANT_TYPE: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.INVALID_SCOPE: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.INVALID_TARGET: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.RATE_LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.STORAGE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Reason.INTERNAL: grpc.StatusCode.INTERNAL,
    Reason.CLIENT_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.CONFLICT: grpc.StatusCode.ABORTED,
    Reason.ALONE_ONLY: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.UNKNOWN_ACTOR: grpc.StatusCode.UNAUTHENTICATED,
    Reason.SECRET_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
}


def test_the_table_is_total() -> None:
    """Every reason of the domain has a status, and every reason of the contract is used."""
    assert set(Reason) == set(STATUS_OF)
    assert set(error_reason_pb2.ErrorReason.values()) - {0} == {reason for _, reason in STATUS_OF.values()}


@pytest.mark.parametrize("retry_after", [None, timedelta(seconds=2.5)], ids=["for good", "for a while"])
@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.name)
async def test_a_refusal_arrives_whole(reason: Reason, retry_after: timedelta | None) -> None:
    """Status, text, ErrorInfo, RetryInfo and our own trailer all say the same."""
    refusal = Refusal(reason, "change something", retry_after=retry_after)

    async with running(Settings(), token_store=FailingTokenStore(refusal)) as core:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await core.tokens.RevokeToken(pb.RevokeTokenRequest(token=WELL_FORMED_TOKEN))

    assert (_GRPC_CODE[reason], "change something") == (caught.value.code(), caught.value.details())
    trailers = dict(caught.value.trailing_metadata() or ())
    expected = refusal_pb2.Refusal(reason=f"ERROR_REASON_{reason.name}", description="change something")
    if retry_after is not None:
        expected.retry_after.FromTimedelta(retry_after)
    assert expected == refusal_pb2.Refusal.FromString(_bytes(trailers[REFUSAL_TRAILER]))
    status = status_pb2.Status.FromString(_bytes(trailers["grpc-status-details-bin"]))
    assert (_GRPC_CODE[reason].value[0], "change something") == (status.code, status.message)
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert error_details_pb2.ErrorInfo(reason=reason.name, domain="grantway") == info
    if retry_after is None:
        assert len(status.details) == 1
    else:
        retry = error_details_pb2.RetryInfo()
        assert status.details[1].Unpack(retry)
        assert retry_after == retry.retry_delay.ToTimedelta()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(Refusal(Reason.INVALID_SCOPE, "text"), Reason.INVALID_SCOPE, id="a refusal is itself"),
        pytest.param(StorageUnavailable("cause"), Reason.STORAGE_UNAVAILABLE, id="a store that fails"),
        pytest.param(KeyError("gws_live_secret"), Reason.INTERNAL, id="anything else is internal"),
    ],
)
def test_every_error_has_a_refusal(error: Exception, reason: Reason) -> None:
    """Only a refusal's own text reaches a caller."""
    refusal = refusal_of(error)

    assert reason is refusal.reason
    assert "gws_live_secret" not in refusal.description
    assert "cause" not in refusal.description


def _bytes(value: str | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value

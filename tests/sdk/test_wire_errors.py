"""How errors come off the wire."""

from datetime import timedelta
from typing import NamedTuple

import grpc
import pytest

from grantway.errors import GrantwayError, Refused, Unreachable
from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.wire_errors import REFUSAL_TRAILER, error_of_call, refused_from

_MESSAGE = refusal_pb2.Refusal(reason=error_reason_pb2.ERROR_REASON_RATE_LIMITED, description="Wait.")
_MESSAGE.retry_after.FromTimedelta(timedelta(seconds=7))

_Described = tuple[type[GrantwayError], object, str, timedelta | None]


def _described(error: GrantwayError) -> _Described:
    """*error* as a value: an exception equals only itself."""
    return type(error), getattr(error, "reason", None), str(error), getattr(error, "retry_after", None)


def _internal(code: str) -> _Described:
    return Refused, error_reason_pb2.ERROR_REASON_INTERNAL, f"INTERNAL: the call failed ({code})", None


def _unreachable(code: str) -> _Described:
    return Unreachable, None, f"no core answered in time ({code})", None


_FROM_THE_TRAILER: _Described = (
    Refused,
    error_reason_pb2.ERROR_REASON_RATE_LIMITED,
    "RATE_LIMITED: Wait.",
    timedelta(seconds=7),
)


class _Trailer(NamedTuple):
    """One trailer of a call, as gRPC hands it out."""

    key: str
    value: str | bytes


def _failed(code: grpc.StatusCode, *trailers: _Trailer) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailers), details="a text that may change"
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            _failed(grpc.StatusCode.RESOURCE_EXHAUSTED, _Trailer(REFUSAL_TRAILER, _MESSAGE.SerializeToString())),
            _FROM_THE_TRAILER,
            id="a-refusal",
        ),
        pytest.param(
            _failed(
                grpc.StatusCode.UNAVAILABLE,
                _Trailer("other", "text"),
                _Trailer("grpc-status-details-bin", b"\xff"),
                _Trailer(REFUSAL_TRAILER, _MESSAGE.SerializeToString()),
            ),
            _FROM_THE_TRAILER,
            id="a-refusal-among-other-trailers-whatever-the-status",
        ),
        pytest.param(_failed(grpc.StatusCode.UNAVAILABLE), _unreachable("UNAVAILABLE"), id="nobody-there"),
        pytest.param(
            _failed(grpc.StatusCode.DEADLINE_EXCEEDED), _unreachable("DEADLINE_EXCEEDED"), id="nobody-in-time"
        ),
        pytest.param(_failed(grpc.StatusCode.CANCELLED), _unreachable("CANCELLED"), id="given-up-on-the-way"),
        pytest.param(
            _failed(grpc.StatusCode.RESOURCE_EXHAUSTED),
            _unreachable("RESOURCE_EXHAUSTED"),
            id="a-core-with-too-many-calls",
        ),
        pytest.param(_failed(grpc.StatusCode.INTERNAL), _internal("INTERNAL"), id="a-fault-without-a-refusal"),
        pytest.param(_failed(grpc.StatusCode.UNIMPLEMENTED), _internal("UNIMPLEMENTED"), id="somebody-elses-server"),
        pytest.param(_failed(grpc.StatusCode.NOT_FOUND), _internal("NOT_FOUND"), id="a-status-without-a-reason"),
        pytest.param(
            _failed(grpc.StatusCode.UNAVAILABLE, _Trailer(REFUSAL_TRAILER, b"\xff\xff")),
            _unreachable("UNAVAILABLE"),
            id="a-refusal-that-is-no-message",
        ),
        pytest.param(
            _failed(grpc.StatusCode.UNAVAILABLE, _Trailer(REFUSAL_TRAILER, "text")),
            _unreachable("UNAVAILABLE"),
            id="a-refusal-that-is-text",
        ),
    ],
)
def test_a_failed_call_is_one_of_two_things(error: grpc.aio.AioRpcError, expected: _Described) -> None:
    """Refused, for the reason in its trailer; or unreachable. The text of the status is never repeated."""
    assert expected == _described(error_of_call(error))


class _BareError(grpc.RpcError):
    """An error of gRPC without asyncio: it has code and trailers, and no trailers at all is None."""

    def __init__(self, details: str | None = None) -> None:
        super().__init__()
        self._details = details

    def details(self) -> str | None:
        """The status message."""
        return self._details

    def code(self) -> grpc.StatusCode:
        """The status."""
        return grpc.StatusCode.UNAVAILABLE

    def trailing_metadata(self) -> None:  # type: ignore[override]  # The stubs do not know that there may be none.
        """None arrived."""


def test_a_call_without_any_trailers_is_unreachable() -> None:
    """GRPC without asyncio says None where there are no trailers."""
    assert _unreachable("UNAVAILABLE") == _described(error_of_call(_BareError()))


_FAILING = "connections to all backends failing; last error: "


@pytest.mark.parametrize(
    ("details", "problem"),
    [
        pytest.param(None, "", id="nothing-is-said"),
        pytest.param("Socket closed", "", id="a-call-that-was-cut-off"),
        pytest.param(f"{_FAILING}UNKNOWN: ipv4:127.0.0.1:1: Connection refused", "", id="nobody-listens"),
        pytest.param(
            f"{_FAILING}UNKNOWN: ipv4:127.0.0.1:1: Tls handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: "
            "error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER: Invalid certificate",
            "it speaks no TLS: it is plaintext, or no core",
            id="plaintext",
        ),
        pytest.param(
            f"{_FAILING}UNKNOWN: ipv4:127.0.0.1:1: Tls handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: "
            "error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: certificate has expired: OK",
            "its certificate has expired",
            id="an-old-certificate",
        ),
        pytest.param(
            f"{_FAILING}UNAVAILABLE: ipv4:127.0.0.1:1: Socket closed",
            "it hung up: does it want TLS, or another certificate?",
            id="hung-up-before-any-call",
        ),
    ],
)
def test_what_is_wrong_with_tls_is_said(details: str | None, problem: str) -> None:
    """As far as gRPC knows: callers need not look into its words."""
    error = error_of_call(_BareError(details))

    assert isinstance(error, Unreachable)
    said = "no core answered in time (UNAVAILABLE)"
    assert (problem, f"{said}: {problem}" if problem else said) == (error.tls_problem, str(error))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(_MESSAGE, _FROM_THE_TRAILER, id="with-a-time-to-wait"),
        pytest.param(
            refusal_pb2.Refusal(reason=error_reason_pb2.ERROR_REASON_INVALID_SCOPE, description="Ask for less."),
            (Refused, error_reason_pb2.ERROR_REASON_INVALID_SCOPE, "INVALID_SCOPE: Ask for less.", None),
            id="without-one",
        ),
        pytest.param(
            refusal_pb2.Refusal.FromString(b"\x08\xe7\x07\x12\x04New."),
            (Refused, 999, "INTERNAL: New.", None),
            id="with-a-reason-of-a-newer-core",
        ),
        pytest.param(refusal_pb2.Refusal(), (Refused, 0, "INTERNAL: ", None), id="with-nothing-in-it"),
    ],
)
def test_a_refusal_on_the_wire_is_an_error(message: refusal_pb2.Refusal, expected: _Described) -> None:
    """Reason, description and time to wait arrive; a reason that this version does not know is shown as INTERNAL."""
    assert expected == _described(refused_from(message))

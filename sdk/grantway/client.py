"""The client of `TokenService` for asyncio: concurrent calls from one process go to the core in batches."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

import grpc

from grantway.batching import Batcher
from grantway.channel import open_channel
from grantway.errors import AIO_CALL_ERRORS, Refused, error_of_aio_call, refused_from
from grantway.open_call import OpenCall
from grantway.tls import Tls
from grantway.v1 import (
    client_pb2,
    error_reason_pb2,
    leak_service_pb2,
    leak_service_pb2_grpc,
    token_service_pb2_grpc,
)
from grantway.v1 import token_service_pb2 as pb

_MAX_BATCH_SIZE = 128
"""How many items the core takes in one batch call."""

_MAX_REQUEST_BYTES = 16 * 1024
"""How large one request may be: 128 of them fit into what the core takes. A larger one would spoil its whole batch."""

_MAX_PENDING = 4096
"""How many requests may wait for their batch; beyond it more waiting only makes everyone late."""


_ALONE_SECONDS = 5
"""For a request whose secret is checked by another system's slow hash, once in its life."""


class TokenClient:
    """Issues, checks and revokes tokens. One instance serves a whole process; it lives on one event loop.

    Every method raises `Refused` when the core says no and `Unreachable` when no core answers within *timeout* of the
    call's start, or the call does not start within *timeout*: twice *timeout* is the longest wait.

    Args:
        cores: Where the core is: `host:port`, several `ip:port` (IPv4) with commas between, or any gRPC target.
        timeout: How long one call to the core may take.
        tls: How to call a core that speaks TLS. None means plaintext: for loopback and networks that may be trusted.

    Raises:
        BadTlsFile: A file of *tls* cannot be used.
    """

    def __init__(self, cores: str, *, timeout: timedelta = timedelta(milliseconds=750), tls: Tls | None = None) -> None:
        self._timeout_seconds = timeout.total_seconds()
        # A channel deals its calls out to the cores in turn. Each open call has one to itself, so that what one core
        # leaves unanswered goes to the next one, whatever else is called meanwhile. They share their connections.
        self._channels = [open_channel(cores, tls) for _ in range(3)]
        stubs: list[token_service_pb2_grpc.TokenServiceAsyncStub] = [
            token_service_pb2_grpc.TokenServiceStub(channel) for channel in self._channels
        ]
        self._stub, issuing, introspecting = stubs
        self._leak_stub: leak_service_pb2_grpc.LeakServiceAsyncStub = leak_service_pb2_grpc.LeakServiceStub(
            self._channels[0]
        )
        self._issue_call = OpenCall(issuing.StreamIssueTokens, timeout=timeout)
        self._introspect_call = OpenCall(introspecting.StreamIntrospectTokens, timeout=timeout)
        self._issues = Batcher(self._issue_batch, max_size=_MAX_BATCH_SIZE, max_wait=timeout, max_pending=_MAX_PENDING)
        self._introspections = Batcher(
            self._introspect_batch, max_size=_MAX_BATCH_SIZE, max_wait=timeout, max_pending=_MAX_PENDING
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Gives up what is under way and closes the connections."""
        await self._issues.close()
        await self._introspections.close()
        self._issue_call.close()
        self._introspect_call.close()
        for channel in self._channels:
            await channel.close()

    @property
    def channel(self) -> grpc.aio.Channel:
        """A channel to the core, for other stubs. Closed with this client."""
        return self._channels[0]

    async def issue(  # noqa: PLR0913 - the parameters of RFC 6749 section 4.4.2, all but two optional.
        self,
        *,
        client_id: str,
        client_secret: str,
        grant_type: str = "client_credentials",
        scope: str = "",
        audiences: Iterable[str] = (),
        auth_method: "client_pb2.ClientAuthMethod" = client_pb2.CLIENT_AUTH_METHOD_UNSPECIFIED,
        source: str = "",
    ) -> pb.IssueTokenResponse:
        """A new token by the client credentials grant (RFC 6749 section 4.4). Arguments as in `IssueTokenRequest`."""
        # Field by field: half the time that keywords take.
        request = pb.IssueTokenRequest()
        request.grant_type = grant_type
        request.client_id = client_id
        request.client_secret = client_secret
        request.scope = scope
        if audiences:
            request.audiences.extend(audiences)
        request.auth_method = auth_method
        request.source = source
        _check_size(request)
        result = await self._issues.submit(request)
        if result.WhichOneof("outcome") == "token":
            return result.token
        if result.refusal.reason != error_reason_pb2.ERROR_REASON_ALONE_ONLY:
            raise refused_from(result.refusal)
        try:
            return await self._stub.IssueToken(request, timeout=_ALONE_SECONDS)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    async def introspect(
        self, token: str, *, audiences: Iterable[str] = (), credentials: pb.ClientCredentials | None = None
    ) -> pb.IntrospectTokenResponse:
        """What *token* is. A bad token is an answer with `active` false, not an error.

        So is one that is meant for others than *audiences*; without any, whom it is meant for is left to the caller.
        With *credentials* it is asked on behalf of their client; see `IntrospectTokenRequest`.
        """
        request = pb.IntrospectTokenRequest(token=token, credentials=credentials)
        if audiences:
            request.audiences.extend(audiences)
        _check_size(request)
        result = await self._introspections.submit(request)
        if result.WhichOneof("outcome") == "introspection":
            return result.introspection
        if result.refusal.reason != error_reason_pb2.ERROR_REASON_ALONE_ONLY:
            raise refused_from(result.refusal)
        try:
            return await self._stub.IntrospectToken(request, timeout=_ALONE_SECONDS)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    async def revoke(self, token: str, *, credentials: pb.ClientCredentials | None = None) -> None:
        """Ends *token*: once this returns no core reports it active. A token that is already dead is no error.

        With *credentials* their client does it, and ends its own tokens only: of another one nothing changes.
        """
        request = pb.RevokeTokenRequest(token=token, credentials=credentials)
        _check_size(request)
        try:
            await self._stub.RevokeToken(request, timeout=self._timeout_seconds)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    async def report_leaked(self, text: str, *, client_id: str = "", source: str = "") -> None:
        """Ends *text*, a token or a secret (with the tokens that it obtained), for whoever holds it.

        Says nothing of what it was. *client_id* and *source* are as in `ReportLeakedRequest`.
        """
        request = leak_service_pb2.ReportLeakedRequest(text=text, source=source, client_id=client_id)
        try:
            await self._leak_stub.ReportLeaked(request, timeout=self._timeout_seconds)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    async def _issue_batch(self, requests: list[pb.IssueTokenRequest]) -> Sequence[pb.IssueTokenResult]:
        message = pb.StreamIssueTokensRequest()
        message.requests.extend(requests)
        return (await self._issue_call.exchange(message)).results

    async def _introspect_batch(self, requests: list[pb.IntrospectTokenRequest]) -> Sequence[pb.IntrospectTokenResult]:
        message = pb.StreamIntrospectTokensRequest()
        message.requests.extend(requests)
        return (await self._introspect_call.exchange(message)).results


def _check_size(request: pb.IssueTokenRequest | pb.IntrospectTokenRequest | pb.RevokeTokenRequest) -> None:
    if request.ByteSize() > _MAX_REQUEST_BYTES:
        raise Refused(
            error_reason_pb2.ERROR_REASON_INVALID_REQUEST, f"the request is larger than {_MAX_REQUEST_BYTES} bytes"
        )

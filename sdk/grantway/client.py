"""The client of `TokenService` for asyncio: concurrent calls from one process go to the core in batches."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

import grpc

from grantway.batching import Batcher
from grantway.channel import channel_opener
from grantway.checked_arguments import DEFAULT_TIMEOUT, checked_audiences, checked_count, checked_timeout
from grantway.errors import Refused, Unreachable
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
from grantway.wire_errors import AIO_CALL_ERRORS, error_of_aio_call, refused_from

_MAX_BATCH_SIZE = 128
"""How many items the core takes in one batch call."""

_MAX_REQUEST_BYTES = 16 * 1024
"""How large one request may be: 128 of them fit into what the core takes. A larger one would spoil its whole batch."""

_ALONE_SECONDS = 5
"""For a request whose secret is checked by another system's slow hash, once in its life."""

_CLOSED = "the client was closed"

_ANOTHER_LOOP = (
    "this TokenClient, or the TokenVerifier or TokenSource that it belongs to, is in use on another event loop: make "
    "one for each loop"
)


@dataclass(frozen=True, slots=True)
class _Connections:
    """What is open to the core, on one event loop."""

    loop: asyncio.AbstractEventLoop
    channels: Sequence[grpc.aio.Channel]
    # The generated code has these types for type checkers only.
    stub: "token_service_pb2_grpc.TokenServiceAsyncStub"
    leak_stub: "leak_service_pb2_grpc.LeakServiceAsyncStub"
    issue_call: OpenCall[pb.StreamIssueTokensRequest, pb.StreamIssueTokensResponse]
    introspect_call: OpenCall[pb.StreamIntrospectTokensRequest, pb.StreamIntrospectTokensResponse]


class TokenClient:
    """Issues, checks and revokes tokens. One instance serves a whole process.

    It lives on one event loop, that of its first use: making one connects nobody, so it may stand at the top of a
    module. Close it in the end.

    Every method raises:
        Refused: The core says no.
        Unreachable: No core answers within *timeout* of the call's start, or the call does not start within *timeout*:
            twice *timeout* is the longest wait. But for a client whose secret came with another system's slow hash,
            which is checked in a call of its own, 5 seconds more. At once, where *max_waiting* others wait already.
        RuntimeError: It is in use on another event loop.

    Args:
        core: Where the core is: `host:port`, several `ip:port` (IPv4) with commas between, or any gRPC target.
        timeout: How long one call to the core may take.
        tls: How to call a core that speaks TLS. None means plaintext: for loopback and networks that may be trusted.
        max_waiting: How many calls of `issue`, and how many of `introspect`, may wait for their batch of 128 to leave.
            One more is `Unreachable` at once, and was not sent. It bounds memory: a burst of more calls than that at
            the same moment, like a `gather` of 5,000, is refused in part also where nothing else is under way.

    Raises:
        ValueError: *core* is no address, *timeout* not above 0, or *max_waiting* less than 1.
        TypeError: *timeout* is no timedelta, or *max_waiting* no int.
        BadTlsFile: A file of *tls* cannot be used.
    """

    def __init__(
        self, core: str, *, timeout: timedelta = DEFAULT_TIMEOUT, tls: Tls | None = None, max_waiting: int = 4096
    ) -> None:
        self._timeout = checked_timeout(timeout)
        self._timeout_seconds = timeout.total_seconds()
        max_waiting = checked_count("max_waiting", max_waiting)
        self._open_channel = channel_opener(core, tls)
        self._connections: _Connections | None = None
        self._closed = False
        self._issues = Batcher(self._issue_batch, max_size=_MAX_BATCH_SIZE, max_wait=timeout, max_waiting=max_waiting)
        self._introspections = Batcher(
            self._introspect_batch, max_size=_MAX_BATCH_SIZE, max_wait=timeout, max_waiting=max_waiting
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Gives up what is under way and closes the connections."""
        self._closed = True
        await self._issues.close()
        await self._introspections.close()
        if (connections := self._connections) is not None:
            connections.issue_call.close()
            connections.introspect_call.close()
            for channel in connections.channels:
                await channel.close()

    @property
    def channel(self) -> grpc.aio.Channel:
        """A channel to the core, for other stubs on the same loop. Closed with this client."""
        return self._connected().channels[0]

    async def issue(  # noqa: PLR0913 - the parameters of RFC 6749 section 4.4.2, all but two optional.
        self,
        *,
        client_id: str,
        client_secret: str,
        grant_type: str = "client_credentials",
        scope: str = "",
        audiences: str | Iterable[str] = (),
        auth_method: "client_pb2.ClientAuthMethod" = client_pb2.CLIENT_AUTH_METHOD_UNSPECIFIED,
        source: str = "",
    ) -> pb.IssueTokenResponse:
        """A new token by the client credentials grant (RFC 6749 section 4.4). Arguments as in `IssueTokenRequest`."""
        stub = self._connected().stub
        # Field by field: half the time that keywords take.
        request = pb.IssueTokenRequest()
        try:
            request.grant_type = grant_type
            request.client_id = client_id
            request.client_secret = client_secret
            request.scope = scope
            request.auth_method = auth_method
            request.source = source
        except TypeError:
            raise TypeError("client_id, client_secret, grant_type, scope and source must each be one text") from None
        if audiences != ():
            request.audiences.extend(checked_audiences(audiences))
        _check_size(request)
        result = await self._issues.submit(request)
        if result.WhichOneof("outcome") == "token":
            return result.token
        if result.refusal.reason != error_reason_pb2.ERROR_REASON_ALONE_ONLY:
            raise refused_from(result.refusal)
        try:
            return await stub.IssueToken(request, timeout=_ALONE_SECONDS)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    async def introspect(
        self, token: str, *, audiences: str | Iterable[str] = (), credentials: pb.ClientCredentials | None = None
    ) -> pb.IntrospectTokenResponse:
        """What *token* is. A bad token is an answer with `active` false, not an error.

        So is one that is meant for others than *audiences*, but not one that has none. Where no *audiences* are given,
        whom it is meant for is left to the caller.
        With *credentials* it is asked on behalf of their client; see `IntrospectTokenRequest`.
        """
        stub = self._connected().stub
        request = pb.IntrospectTokenRequest(token=token, credentials=credentials)
        if audiences != ():
            request.audiences.extend(checked_audiences(audiences))
        _check_size(request)
        result = await self._introspections.submit(request)
        if result.WhichOneof("outcome") == "introspection":
            return result.introspection
        if result.refusal.reason != error_reason_pb2.ERROR_REASON_ALONE_ONLY:
            raise refused_from(result.refusal)
        try:
            return await stub.IntrospectToken(request, timeout=_ALONE_SECONDS)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    async def revoke(self, token: str, *, credentials: pb.ClientCredentials | None = None) -> None:
        """Ends *token*: once this returns no core reports it active. A token that is already dead is no error.

        With *credentials* their client does it, and ends its own tokens only: of another one nothing changes.
        """
        request = pb.RevokeTokenRequest(token=token, credentials=credentials)
        _check_size(request)
        stub = self._connected().stub
        try:
            await stub.RevokeToken(request, timeout=self._timeout_seconds)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    async def report_leaked(self, text: str, *, client_id: str = "", source: str = "") -> None:
        """Ends *text*, a token or a secret (with the tokens that it obtained), for whoever holds it.

        Says nothing of what it was. *client_id* and *source* are as in `ReportLeakedRequest`.
        """
        request = leak_service_pb2.ReportLeakedRequest(text=text, source=source, client_id=client_id)
        stub = self._connected().leak_stub
        try:
            await stub.ReportLeaked(request, timeout=self._timeout_seconds)
        except AIO_CALL_ERRORS as error:
            raise error_of_aio_call(error) from None

    def _connected(self) -> _Connections:
        """What is open; opens it on the running loop at the first use."""
        loop = asyncio.get_running_loop()
        if self._connections is None:
            if self._closed:
                raise Unreachable(_CLOSED)
            self._connections = self._connect(loop)
        elif self._connections.loop is not loop:
            raise RuntimeError(_ANOTHER_LOOP)
        return self._connections

    def _connect(self, loop: asyncio.AbstractEventLoop) -> _Connections:
        # A channel deals its calls out to the cores in turn. Each open call has one to itself, so that what one core
        # leaves unanswered goes to the next one, whatever else is called meanwhile. They share their connections.
        channels = [self._open_channel() for _ in range(3)]
        stubs: list[token_service_pb2_grpc.TokenServiceAsyncStub] = [
            token_service_pb2_grpc.TokenServiceStub(channel) for channel in channels
        ]
        stub, issuing, introspecting = stubs
        return _Connections(
            loop,
            channels,
            stub,
            leak_service_pb2_grpc.LeakServiceStub(channels[0]),
            OpenCall(issuing.StreamIssueTokens, timeout=self._timeout),
            OpenCall(introspecting.StreamIntrospectTokens, timeout=self._timeout),
        )

    async def _issue_batch(self, requests: list[pb.IssueTokenRequest]) -> Sequence[pb.IssueTokenResult]:
        message = pb.StreamIssueTokensRequest()
        message.requests.extend(requests)
        return (await self._connected().issue_call.exchange(message)).results

    async def _introspect_batch(self, requests: list[pb.IntrospectTokenRequest]) -> Sequence[pb.IntrospectTokenResult]:
        message = pb.StreamIntrospectTokensRequest()
        message.requests.extend(requests)
        return (await self._connected().introspect_call.exchange(message)).results


def _check_size(request: pb.IssueTokenRequest | pb.IntrospectTokenRequest | pb.RevokeTokenRequest) -> None:
    if request.ByteSize() > _MAX_REQUEST_BYTES:
        raise Refused(
            error_reason_pb2.ERROR_REASON_INVALID_REQUEST, f"the request is larger than {_MAX_REQUEST_BYTES} bytes"
        )

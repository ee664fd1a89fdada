"""A core for the gateway's tests: a real gRPC server whose decisions the test makes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio

from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc as rpc
from grantway.wire_errors import REFUSAL_TRAILER

ACCESS_TOKEN = "client_oa2_live_" + "0123456789ab" * 4


def granted(
    *, scope: str = "", expires_in: timedelta = timedelta(hours=1), secret_ends_at: datetime | None = None
) -> pb.IssueTokenResult:
    """A token: always the same."""
    token = pb.IssueTokenResponse(access_token=ACCESS_TOKEN, scope=scope)
    token.expires_in.FromTimedelta(expires_in)
    if secret_ends_at is not None:
        token.secret_expire_time.FromDatetime(secret_ends_at)
    return pb.IssueTokenResult(token=token)


def refused(
    reason: "error_reason_pb2.ErrorReason | int", description: str = "", *, retry_after: timedelta | None = None
) -> pb.IssueTokenResult:
    """A refusal."""
    # A number that is in no enum stands for a reason of a newer core: proto3 hands it on.
    refusal = refusal_pb2.Refusal(reason=reason, description=description)  # type: ignore[arg-type]
    if retry_after is not None:
        refusal.retry_after.FromTimedelta(retry_after)
    return pb.IssueTokenResult(refusal=refusal)


class FakeTokenService(rpc.TokenServiceServicer):
    """Answers every request as it is told to, once `open` is set.

    Attributes:
        outcome: What the next token requests are answered.
        introspection: What the next introspections are answered.
        revocation: Why the next revocations are refused; None if they are not.
        requests: The token requests so far.
        introspections: The introspections so far.
        introspection_messages: How many messages they came in.
        revocations: The revocations so far.
        open: Cleared, it keeps requests waiting.
    """

    def __init__(self) -> None:
        self.outcome = granted()
        self.introspection = pb.IntrospectTokenResult(introspection=pb.IntrospectTokenResponse(active=False))
        self.revocation: refusal_pb2.Refusal | None = None
        self.requests: list[pb.IssueTokenRequest] = []
        self.introspections: list[pb.IntrospectTokenRequest] = []
        self.introspection_messages = 0
        self.revocations: list[pb.RevokeTokenRequest] = []
        self.open = asyncio.Event()
        self.open.set()

    async def StreamIssueTokens(  # noqa: N802 - the name of the RPC.
        self,
        request_iterator: Any,
        context: Any,  # noqa: ARG002 - every handler is given it.
    ) -> AsyncIterator[pb.StreamIssueTokensResponse]:
        """See the proto."""
        async for message in request_iterator:
            self.requests.extend(message.requests)
            await self.open.wait()
            yield pb.StreamIssueTokensResponse(results=[self.outcome] * len(message.requests))

    async def StreamIntrospectTokens(  # noqa: N802 - the name of the RPC.
        self,
        request_iterator: Any,
        context: Any,  # noqa: ARG002 - every handler is given it.
    ) -> AsyncIterator[pb.StreamIntrospectTokensResponse]:
        """See the proto."""
        async for message in request_iterator:
            self.introspections.extend(message.requests)
            self.introspection_messages += 1
            await self.open.wait()
            yield pb.StreamIntrospectTokensResponse(results=[self.introspection] * len(message.requests))

    async def RevokeToken(self, request: pb.RevokeTokenRequest, context: Any) -> pb.RevokeTokenResponse:  # noqa: N802 - as above.
        """See the proto."""
        self.revocations.append(request)
        await self.open.wait()
        if self.revocation is not None:
            context.set_trailing_metadata([(REFUSAL_TRAILER, self.revocation.SerializeToString())])
            await context.abort(grpc.StatusCode.UNAVAILABLE, "refused")
        return pb.RevokeTokenResponse()


class FakeCore:
    """A running server with a `FakeTokenService` on it.

    Attributes:
        tokens: What it answers.
        address: Where it is.
    """

    def __init__(
        self, server: grpc.aio.Server, tokens: FakeTokenService, health: health_aio.HealthServicer, address: str
    ) -> None:
        self.tokens = tokens
        self.address = address
        self._server = server
        self._health = health

    async def stop(self) -> None:
        """Stops, and cuts off whatever is under way."""
        await self._server.stop(None)

    async def be_serving(self, *, serving: bool) -> None:
        """Says through `grpc.health.v1` whether it serves."""
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        await self._health.set("", status)


@asynccontextmanager
async def running_fake_core(address: str = "127.0.0.1:0") -> AsyncIterator[FakeCore]:
    """A fake core that listens on *address*, serving."""
    tokens = FakeTokenService()  # type: ignore[abstract] # The gateway calls nothing else; it would be UNIMPLEMENTED.
    health = health_aio.HealthServicer()
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    rpc.add_TokenServiceServicer_to_server(tokens, server)
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    port = server.add_insecure_port(address)
    await server.start()
    core = FakeCore(server, tokens, health, f"127.0.0.1:{port}")
    await core.be_serving(serving=True)
    try:
        yield core
    finally:
        await core.stop()

"""`grantway.v1.TokenService`. The proto is its reference."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from time import monotonic
from typing import Any

import grpc

from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc as rpc
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, InactiveToken, TokenIntrospection
from grantway_server.domain.issuance import IssuedToken, TokenIssuance
from grantway_server.domain.refusals import Refusal, invalid_request
from grantway_server.domain.revocation_watch import RevocationWatch
from grantway_server.domain.token_revocation import RevocationRequest, TokenRevocation
from grantway_server.rpc import batch_answers, convert_revocations
from grantway_server.rpc import convert_tokens as convert
from grantway_server.rpc.callers import Callers, host_of
from grantway_server.rpc.each_answered import each_answered
from grantway_server.rpc.open_streams import OpenStreams

MAX_BATCH_SIZE = 128

_TAKE_SECONDS = 5
"""How long a subscriber may leave a message untaken. What is on its way, gRPC buffers: this is beyond that."""

_Context = grpc.aio.ServicerContext[Any, Any]


class TokenServicer(rpc.TokenServiceServicer):
    """Puts the token use cases on the wire."""

    def __init__(  # noqa: PLR0913 - what it calls, all of it injected.
        self,
        issuance: TokenIssuance,
        *,
        introspection: TokenIntrospection,
        revocation: TokenRevocation,
        watch: RevocationWatch,
        callers: Callers,
        environment: Environment,
        streams: OpenStreams,
    ) -> None:
        self._issuance = issuance
        self._introspection = introspection
        self._revocation = revocation
        self._watch = watch
        self._callers = callers
        self._environment = environment
        self._streams = streams

    async def IssueToken(self, request: pb.IssueTokenRequest, context: _Context) -> pb.IssueTokenResponse:
        """See the proto."""
        outcome = await self._issuance.issue_alone(convert.token_request(request, peer=host_of(context)))
        if isinstance(outcome, Refusal):
            raise outcome
        response = pb.IssueTokenResponse()
        convert.fill_token(response, outcome)
        return response

    async def BatchIssueTokens(
        self, request: pb.BatchIssueTokensRequest, context: _Context
    ) -> pb.BatchIssueTokensResponse:
        """See the proto."""
        response = pb.BatchIssueTokensResponse()
        batch_answers.fill_issue_results(response, await self._issue(request.requests, peer=host_of(context)))
        return response

    async def StreamIssueTokens(
        self, request_iterator: AsyncIterator[pb.StreamIssueTokensRequest], context: _Context
    ) -> AsyncIterator[pb.StreamIssueTokensResponse]:
        """See the proto."""
        peer = host_of(context)
        async for message in self._streams.messages(request_iterator):
            response = pb.StreamIssueTokensResponse()
            batch_answers.fill_issue_results(response, await self._issue(message.requests, peer=peer))
            yield response

    async def IntrospectToken(
        self, request: pb.IntrospectTokenRequest, context: _Context
    ) -> pb.IntrospectTokenResponse:
        """See the proto."""
        outcome = await self._introspection.introspect_alone(
            convert.introspection_request(request, peer=host_of(context)),
            tell_reasons=self._callers.is_administrator(context),
        )
        if isinstance(outcome, Refusal):
            raise outcome
        response = pb.IntrospectTokenResponse()
        convert.fill_introspection(response, outcome, self._environment)
        return response

    async def BatchIntrospectTokens(
        self, request: pb.BatchIntrospectTokensRequest, context: _Context
    ) -> pb.BatchIntrospectTokensResponse:
        """See the proto."""
        response = pb.BatchIntrospectTokensResponse()
        outcomes = await self._introspect(
            request.requests, peer=host_of(context), tell_reasons=self._callers.is_administrator(context)
        )
        batch_answers.fill_introspection_results(response, outcomes, self._environment)
        return response

    async def StreamIntrospectTokens(
        self, request_iterator: AsyncIterator[pb.StreamIntrospectTokensRequest], context: _Context
    ) -> AsyncIterator[pb.StreamIntrospectTokensResponse]:
        """See the proto."""
        peer, tell_reasons = host_of(context), self._callers.is_administrator(context)
        async for message in self._streams.messages(request_iterator):
            response = pb.StreamIntrospectTokensResponse()
            outcomes = await self._introspect(message.requests, peer=peer, tell_reasons=tell_reasons)
            batch_answers.fill_introspection_results(response, outcomes, self._environment)
            yield response

    async def RevokeToken(self, request: pb.RevokeTokenRequest, context: _Context) -> pb.RevokeTokenResponse:
        """See the proto."""
        if request.HasField("credentials"):
            credentials = convert.credentials(request.credentials, peer=host_of(context))
            await self._revocation.revoke_own(RevocationRequest(request.token, credentials))
        else:
            await self._revocation.revoke(request.token)
        return pb.RevokeTokenResponse()

    async def WatchRevocations(  # type: ignore[override] # It is no generator, for those cannot give up a write.
        self, request: pb.WatchRevocationsRequest, context: _Context
    ) -> None:
        """See the proto."""
        began_at = monotonic()
        async with aclosing(self._watch.subscribe(convert_revocations.position_of(request))) as portions:
            async for portion in portions:
                if portion is not None:
                    try:
                        async with asyncio.timeout(_TAKE_SECONDS):
                            await context.write(convert_revocations.revocations(portion, began_at=began_at))
                    except TimeoutError:
                        return
                if self._streams.ending:
                    return

    async def _issue(self, requests: Sequence[pb.IssueTokenRequest], *, peer: str) -> Sequence[IssuedToken | Refusal]:
        _check_batch_size(requests)
        return await each_answered(
            self._issuance.issue, [convert.token_request(request, peer=peer) for request in requests]
        )

    async def _introspect(
        self, requests: Sequence[pb.IntrospectTokenRequest], *, peer: str, tell_reasons: bool
    ) -> Sequence[ActiveToken | InactiveToken | Refusal]:
        _check_batch_size(requests)
        return await each_answered(
            partial(self._introspection.introspect, tell_reasons=tell_reasons),
            [convert.introspection_request(request, peer=peer) for request in requests],
        )


def _check_batch_size(requests: Sequence[object]) -> None:
    if not 1 <= len(requests) <= MAX_BATCH_SIZE:
        raise invalid_request(f"A batch holds 1 to {MAX_BATCH_SIZE} requests.")

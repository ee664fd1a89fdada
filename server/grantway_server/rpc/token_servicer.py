"""`grantway.v1.TokenService`. The proto is its reference."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc

from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc as rpc
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import Refusal, invalid_request
from grantway_server.domain.token_service import IssuedToken, TokenService
from grantway_server.rpc import convert
from grantway_server.rpc.callers import host_of
from grantway_server.rpc.each_answered import each_answered
from grantway_server.rpc.open_streams import OpenStreams
from grantway_server.rpc.status import refusal_message

MAX_BATCH_SIZE = 128

_Context = grpc.aio.ServicerContext[Any, Any]


class TokenServicer(rpc.TokenServiceServicer):
    """Puts the token use cases on the wire."""

    def __init__(self, service: TokenService, environment: Environment, streams: OpenStreams) -> None:
        self._service = service
        self._environment = environment
        self._streams = streams

    async def IssueToken(self, request: pb.IssueTokenRequest, context: _Context) -> pb.IssueTokenResponse:
        """See the proto."""
        outcome = await self._service.issue_alone(convert.token_request(request, peer=host_of(context)))
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
        convert.fill_issue_results(response, await self._issue(request.requests, peer=host_of(context)))
        return response

    async def StreamIssueTokens(
        self, request_iterator: AsyncIterator[pb.StreamIssueTokensRequest], context: _Context
    ) -> AsyncIterator[pb.StreamIssueTokensResponse]:
        """See the proto."""
        peer = host_of(context)
        async for message in self._streams.messages(request_iterator):
            response = pb.StreamIssueTokensResponse()
            convert.fill_issue_results(response, await self._issue(message.requests, peer=peer))
            yield response

    async def IntrospectToken(
        self, request: pb.IntrospectTokenRequest, context: _Context
    ) -> pb.IntrospectTokenResponse:
        """See the proto."""
        if not request.token:
            raise _no_token()
        (active,) = await self._service.introspect([request.token])
        response = pb.IntrospectTokenResponse()
        convert.fill_introspection(response, active, self._environment)
        return response

    async def BatchIntrospectTokens(
        self, request: pb.BatchIntrospectTokensRequest, context: _Context
    ) -> pb.BatchIntrospectTokensResponse:
        """See the proto."""
        response = pb.BatchIntrospectTokensResponse()
        await self._introspect(request.requests, response)
        return response

    async def StreamIntrospectTokens(
        self, request_iterator: AsyncIterator[pb.StreamIntrospectTokensRequest], context: _Context
    ) -> AsyncIterator[pb.StreamIntrospectTokensResponse]:
        """See the proto."""
        async for message in self._streams.messages(request_iterator):
            response = pb.StreamIntrospectTokensResponse()
            await self._introspect(message.requests, response)
            yield response

    async def RevokeToken(self, request: pb.RevokeTokenRequest, context: _Context) -> pb.RevokeTokenResponse:
        """See the proto."""
        if not request.token:
            raise _no_token()
        await self._service.revoke(request.token)
        return pb.RevokeTokenResponse()

    async def _issue(self, requests: Sequence[pb.IssueTokenRequest], *, peer: str) -> Sequence[IssuedToken | Refusal]:
        _check_batch_size(requests)
        return await each_answered(
            self._service.issue, [convert.token_request(request, peer=peer) for request in requests]
        )

    async def _introspect(
        self,
        requests: Sequence[pb.IntrospectTokenRequest],
        response: pb.BatchIntrospectTokensResponse | pb.StreamIntrospectTokensResponse,
    ) -> None:
        _check_batch_size(requests)
        texts = [request.token for request in requests]
        outcomes = await each_answered(self._service.introspect, texts)
        for text, outcome in zip(texts, outcomes, strict=True):
            result = response.results.add()
            if not text:
                result.refusal.CopyFrom(refusal_message(_no_token()))
            elif isinstance(outcome, Refusal):
                result.refusal.CopyFrom(refusal_message(outcome))
            else:
                convert.fill_introspection(result.introspection, outcome, self._environment)


def _check_batch_size(requests: Sequence[object]) -> None:
    if not 1 <= len(requests) <= MAX_BATCH_SIZE:
        raise invalid_request(f"A batch holds 1 to {MAX_BATCH_SIZE} requests.")


def _no_token() -> Refusal:
    return invalid_request("token is missing.")

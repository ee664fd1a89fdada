"""`grantway.v1.TokenService`. The proto is its reference."""

from collections.abc import Sequence
from typing import Any

import grpc

from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc as rpc
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import Refusal, invalid_request
from grantway_server.domain.token_service import TokenService
from grantway_server.rpc import convert
from grantway_server.rpc.status import refusal_message

MAX_BATCH_SIZE = 128

_Context = grpc.aio.ServicerContext[Any, Any]


class TokenServicer(rpc.TokenServiceServicer):
    """Puts the token use cases on the wire."""

    def __init__(self, service: TokenService, environment: Environment) -> None:
        self._service = service
        self._environment = environment

    async def IssueToken(self, request: pb.IssueTokenRequest, context: _Context) -> pb.IssueTokenResponse:
        """See the proto."""
        (outcome,) = await self._service.issue([convert.token_request(request, peer=_host(context))])
        if isinstance(outcome, Refusal):
            raise outcome
        return convert.issue_token_response(outcome)

    async def BatchIssueTokens(
        self, request: pb.BatchIssueTokensRequest, context: _Context
    ) -> pb.BatchIssueTokensResponse:
        """See the proto."""
        _check_batch_size(request.requests)
        peer = _host(context)
        outcomes = await self._service.issue([convert.token_request(item, peer=peer) for item in request.requests])
        return pb.BatchIssueTokensResponse(results=[convert.issue_token_result(outcome) for outcome in outcomes])

    async def IntrospectToken(
        self, request: pb.IntrospectTokenRequest, context: _Context
    ) -> pb.IntrospectTokenResponse:
        """See the proto."""
        if not request.token:
            raise _no_token()
        (active,) = await self._service.introspect([request.token])
        return convert.introspect_token_response(active, self._environment)

    async def BatchIntrospectTokens(
        self, request: pb.BatchIntrospectTokensRequest, context: _Context
    ) -> pb.BatchIntrospectTokensResponse:
        """See the proto."""
        _check_batch_size(request.requests)
        answers = await self._service.introspect([item.token for item in request.requests])
        return pb.BatchIntrospectTokensResponse(
            results=[
                pb.IntrospectTokenResult(introspection=convert.introspect_token_response(active, self._environment))
                if item.token
                else pb.IntrospectTokenResult(refusal=refusal_message(_no_token()))
                for item, active in zip(request.requests, answers, strict=True)
            ]
        )

    async def RevokeToken(self, request: pb.RevokeTokenRequest, context: _Context) -> pb.RevokeTokenResponse:
        """See the proto."""
        if not request.token:
            raise _no_token()
        await self._service.revoke(request.token)
        return pb.RevokeTokenResponse()


def _check_batch_size(requests: Sequence[object]) -> None:
    if not 1 <= len(requests) <= MAX_BATCH_SIZE:
        raise invalid_request(f"a batch holds 1 to {MAX_BATCH_SIZE} requests")


def _no_token() -> Refusal:
    return invalid_request("token is missing")


def _host(context: _Context) -> str:
    """Where a call comes from, without the port: "ipv4:127.0.0.1:50312" is "ipv4:127.0.0.1"."""
    peer = context.peer()
    return peer.rpartition(":")[0] if peer.startswith(("ipv4:", "ipv6:")) else peer

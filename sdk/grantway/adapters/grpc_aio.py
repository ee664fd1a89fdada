"""Access tokens for servers of grpc.aio.

    async with TokenVerifier("127.0.0.1:50051", audiences=["https://orders.example"]) as verifier:
        interceptor = BearerInterceptor(verifier, scopes={"/orders.v1.Orders/List": "orders:read"})
        server = grpc.aio.server(interceptors=[interceptor])

    async def List(self, request, context):
        return orders_of(current_token.get().client_id)

Scopes stand by method; one that is not named is refused.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import grpc

from grantway import GrantwayError, TokenVerifier
from grantway.adapters.bearer import Denied, denial
from grantway.adapters.grpc_calls import Methods, current_token, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["BearerInterceptor", "current_token"]

Handler = "grpc.RpcMethodHandler[Any, Any]"


class BearerInterceptor(grpc.aio.ServerInterceptor):
    """Lets calls through that bring a good access token as `authorization: Bearer ...`, of all four kinds.

    The others end as UNAUTHENTICATED, PERMISSION_DENIED or INVALID_ARGUMENT (more than one token), before a message of
    theirs is read; as UNAVAILABLE while no token can be checked.

    The handlers find the token in `current_token`, if they are asyncio's: those that run in threads do not.

    Args:
        verifier: Checks the tokens. Whoever made it opens and closes it.
        scopes: What each method needs: `/package.Service/Method`, or `/package.Service/*`, or `/*` for all others. With
            it a method that it does not name is refused to everybody; without it every good token opens all methods.
        public: Methods that need no token, named in the same way; like "/grpc.health.v1.Health/*".
        realm: What the tokens open, in the challenges (trailing metadata `www-authenticate`).
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        scopes: Mapping[str, str | Iterable[str]] | None = None,
        public: Iterable[str] = (),
        realm: str = "api",
    ) -> None:
        self._verifier = verifier
        self._methods = Methods(scopes=scopes, public=public, realm=realm)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any] | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Called by grpc.aio, in the task that then runs the handler."""
        method = handler_call_details.method
        if self._methods.needs_no_token(method):
            return await continuation(handler_call_details)
        scopes: tuple[str, ...] = ()
        try:
            scopes = self._methods.scopes_of(method)
            token = await self._verifier.verify(token_of(handler_call_details.invocation_metadata), scopes)
        except (Denied, GrantwayError) as error:
            return self._refusal(denial(error))
        current_token.set(token)
        return await continuation(handler_call_details)

    def _refusal(self, denied: Denied) -> "grpc.RpcMethodHandler[Any, Any]":
        """A handler that ends the call. It is one of the kind that reads nothing that it does not ask for."""
        code, details, trailing = self._methods.status_of(denied)

        async def refuse(_: "AsyncIterator[Any]", context: "grpc.aio.ServicerContext[Any, Any]") -> None:
            await context.abort(code, details, trailing)

        return grpc.stream_stream_rpc_method_handler(refuse)

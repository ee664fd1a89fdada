"""Access tokens for servers of grpc that run handlers in threads.

    with grantway.sync.TokenVerifier("127.0.0.1:50051", audiences=["https://orders.example"]) as verifier:
        interceptor = BearerInterceptor(verifier, scopes={"/orders.v1.Orders/List": "orders:read"})
        server = grpc.server(ThreadPoolExecutor(), interceptors=[interceptor])

    def List(self, request, context):
        return orders_of(current_token.get().client_id)

Scopes stand by method; one that is not named is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import grpc

from grantway import GrantwayError
from grantway.adapters.bearer import Denied, denial
from grantway.adapters.grpc_calls import Methods, current_token, token_of
from grantway.sync import TokenVerifier

__all__ = ["BearerInterceptor", "current_token"]

_Behavior = Callable[[Any, grpc.ServicerContext], Any]
_MAKERS: tuple[tuple[str, Callable[..., "grpc.RpcMethodHandler[Any, Any]"]], ...] = (
    ("unary_unary", grpc.unary_unary_rpc_method_handler),
    ("unary_stream", grpc.unary_stream_rpc_method_handler),
    ("stream_unary", grpc.stream_unary_rpc_method_handler),
    ("stream_stream", grpc.stream_stream_rpc_method_handler),
)


class BearerInterceptor(grpc.ServerInterceptor):
    """Lets calls through that bring a good access token as `authorization: Bearer ...`, of all four kinds.

    The others end as UNAUTHENTICATED, PERMISSION_DENIED or INVALID_ARGUMENT (more than one token); as UNAVAILABLE while
    no token can be checked. The handlers find the token in `current_token`.

    Args:
        verifier: Checks the tokens. Whoever made it closes it.
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

    def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Called by grpc in the thread that serves all calls, which must not wait: the handler's checks."""
        handler = continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or self._methods.needs_no_token(method):
            return handler
        for kind, maker in _MAKERS:
            if (behavior := getattr(handler, kind)) is not None:
                return maker(
                    self._checked(behavior, method),
                    request_deserializer=handler.request_deserializer,
                    response_serializer=handler.response_serializer,
                )
        raise AssertionError("unreachable: a handler is of one of the four kinds")

    def _checked(self, behavior: _Behavior, method: str) -> _Behavior:
        @wraps(behavior)
        def checked(request: object, context: grpc.ServicerContext) -> object:
            scopes: tuple[str, ...] = ()
            try:
                scopes = self._methods.scopes_of(method)
                token = self._verifier.verify(token_of(context.invocation_metadata()), scopes)
            except (Denied, GrantwayError) as error:
                code, details, trailing = self._methods.status_of(denial(error))
                context.set_trailing_metadata(trailing)
                context.abort(code, details)
            # Every call has a context of its own, in whichever thread it runs.
            current_token.set(token)
            return behavior(request, context)

        return checked

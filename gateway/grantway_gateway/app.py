"""The ASGI application: which path is which endpoint, and what stands in front of them."""

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from grantway import TokenClient
from grantway_gateway.concurrency import ConcurrencyLimit
from grantway_gateway.guard import RequestGuard
from grantway_gateway.health import Liveness
from grantway_gateway.leak_endpoint import LeakEndpoint
from grantway_gateway.oauth_errors import invalid_request
from grantway_gateway.token_endpoint import TokenEndpoint

_TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path.


def create_app(tokens: TokenClient, readiness: ASGIApp, *, max_concurrency: int) -> ASGIApp:
    """The gateway over *tokens*.

    Args:
        tokens: Who decides on token requests.
        readiness: The endpoint `/readyz`.
        max_concurrency: How many token requests may be under way at once. Health is exempt: an orchestrator must not
            take an overloaded gateway for a dead one.
    """
    # The router alone: `Starlette` would add its own answers to errors. Each endpoint checks its methods itself, for
    # the same reason. No redirects: a client would send its secret a second time, to wherever it is told.
    router = Router(
        [
            Route("/livez", Liveness()),
            Route("/readyz", readiness),
            Route("/oauth/leaked", ConcurrencyLimit(LeakEndpoint(tokens), limit=max_concurrency)),
        ],
        redirect_slashes=False,
        default=_not_found,
    )
    token_endpoint = ConcurrencyLimit(TokenEndpoint(tokens), limit=max_concurrency)

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        # Nearly every request is for this one path: the router would add a fifth to what the gateway does for it.
        await (token_endpoint if scope["path"] == _TOKEN_PATH else router)(scope, receive, send)

    return RequestGuard(route)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature.
    raise invalid_request(f"There is nothing at this path: the token endpoint is {_TOKEN_PATH}.", status=404)

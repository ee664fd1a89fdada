"""The ASGI application: which path is which endpoint, and what stands in front of them."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from grantway import TokenClient
from grantway_gateway.concurrency import ConcurrencyLimit
from grantway_gateway.guard import RequestGuard
from grantway_gateway.health import Liveness
from grantway_gateway.introspection_endpoint import IntrospectionEndpoint
from grantway_gateway.leak_endpoint import LeakEndpoint
from grantway_gateway.metadata_endpoint import MetadataEndpoint, metadata_paths
from grantway_gateway.oauth_errors import invalid_request
from grantway_gateway.revocation_endpoint import RevocationEndpoint
from grantway_gateway.token_endpoint import TokenEndpoint

OAUTH_PATHS: Mapping[str, str] = {
    "token": "/oauth/token",
    "introspection": "/oauth/introspect",
    "revocation": "/oauth/revoke",
}
"""Where the endpoints for clients are, by what RFC 8414 section 2 calls them: routes and metadata are made of it."""


def create_app(tokens: TokenClient, readiness: ASGIApp, *, max_concurrency: int, issuer: str | None = None) -> ASGIApp:
    """The gateway over *tokens*.

    Args:
        tokens: Who decides on token requests.
        readiness: The endpoint `/readyz`.
        max_concurrency: How many requests may be under way at once at each endpoint that asks the core. Health is
            exempt: an orchestrator must not take an overloaded gateway for a dead one.
        issuer: The URL that names this service (RFC 8414 section 2); None when it has none.
    """
    endpoints: Mapping[str, ASGIApp] = {
        "token": TokenEndpoint(tokens),
        "introspection": IntrospectionEndpoint(tokens, issuer),
        "revocation": RevocationEndpoint(tokens),
    }
    asking = {path: endpoints[name] for name, path in OAUTH_PATHS.items()} | {"/oauth/leaked": LeakEndpoint(tokens)}
    routes: dict[str, ASGIApp] = {"/livez": Liveness(), "/readyz": readiness}
    # One limit each: whoever floods one endpoint takes nothing from the others.
    routes |= {path: ConcurrencyLimit(endpoint, limit=max_concurrency) for path, endpoint in asking.items()}
    routes |= dict.fromkeys(metadata_paths(issuer), MetadataEndpoint(issuer, OAUTH_PATHS))

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        # A look-up and no router: every path is one word, and a router would add a fifth to what the gateway does for a
        # request, answer for the endpoints (each checks its methods itself), and redirect, so that a client would send
        # its secret a second time, to wherever it is told.
        await routes.get(scope["path"], _not_found)(scope, receive, send)

    return RequestGuard(route)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature.
    raise invalid_request(f"There is nothing at this path: the token endpoint is {OAUTH_PATHS['token']}.", status=404)

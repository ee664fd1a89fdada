"""Authorization server metadata (RFC 8414): what there is here and where, for clients that configure themselves."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from grantway_gateway.client_auth import AUTH_METHODS
from grantway_gateway.methods import check_method
from grantway_gateway.oauth_errors import invalid_request
from grantway_gateway.responses import json_response

_WELL_KNOWN = "/.well-known/oauth-authorization-server"


class MetadataEndpoint:
    """`GET /.well-known/oauth-authorization-server`.

    Args:
        issuer: The name of this service, which is a URL; None when it has none. Never what a request says: a Host
            header is whatever its sender likes.
        paths: Where which endpoint is: for each, the word that RFC 8414 section 2 calls it by.
    """

    def __init__(self, issuer: str | None, paths: Mapping[str, str]) -> None:
        self._response = None if issuer is None else json_response(200, metadata(issuer, paths))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature.
        """Answers one request."""
        check_method(scope, "GET", "HEAD")
        if self._response is None:
            raise invalid_request("There is no metadata: set GRANTWAY_ISSUER to the URL of this service.", status=404)
        await self._response.send(send)


def metadata(issuer: str, paths: Mapping[str, str]) -> dict[str, object]:
    """The document (RFC 8414 section 2) of *issuer*, whose endpoints have these *paths*."""
    document: dict[str, object] = {
        "issuer": issuer,
        # Section 2 requires it, and section 3.2 would leave it out: no grant here has a response type.
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
    }
    for name, path in paths.items():
        document[f"{name}_endpoint"] = issuer.removesuffix("/") + path
        document[f"{name}_endpoint_auth_methods_supported"] = list(AUTH_METHODS)
    return document


def metadata_paths(issuer: str | None) -> set[str]:
    """Where the metadata of *issuer* are looked for.

    An issuer with a path has them where that path is inserted (RFC 8414 section 3.1), and where a proxy that takes the
    path off leaves them.
    """
    path = "" if issuer is None else urlsplit(issuer).path.removesuffix("/")
    return {_WELL_KNOWN, _WELL_KNOWN + path}

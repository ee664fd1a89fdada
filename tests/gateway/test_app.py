"""Paths and methods: what is not there, and what is not allowed."""

import re
from pathlib import Path

import httpx
import pytest

from grantway_gateway.app import OAUTH_PATHS
from tests.gateway.harness import CREDENTIALS, GRANT, NO_STORE, headers_of


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/oauth",
        "/oauth/token/",
        "//oauth/token",
        "/OAuth/Token",
        "/oauth/token/x",
        "/oauth/introspection",
        "/oauth/revoke/",
        "/.well-known/oauth-authorization-server/",
        "/.well-known/openid-configuration",
        "/livez/",
        "/metrics",
    ],
)
async def test_an_unknown_path_is_404(endpoint: httpx.AsyncClient, path: str) -> None:
    """Never a redirect, which a client would follow with its secret (RFC 9700 section 4.12)."""
    response = await endpoint.post(path, data=GRANT | CREDENTIALS)

    assert (404, NO_STORE) == (response.status_code, headers_of(response))
    assert response.json() == {
        "error": "invalid_request",
        "error_description": "There is nothing at this path: the token endpoint is /oauth/token.",
    }


_HEADINGS = re.findall(
    r"^## (.*)", (Path(__file__).parents[2] / "docs/http.md").read_text(encoding="utf-8"), re.MULTILINE
)
_DOCUMENTED = {path for heading in _HEADINGS for path in re.findall(r"`[A-Z]+ (\S+)`", heading)}

_OTHERS = ("/oauth/leaked", "/.well-known/oauth-authorization-server", "/livez", "/readyz")


def test_the_reference_has_every_endpoint() -> None:
    """docs/http.md has a section for each path that there is."""
    assert {*OAUTH_PATHS.values(), *_OTHERS} == _DOCUMENTED


@pytest.mark.parametrize("path", sorted(_DOCUMENTED))
async def test_what_the_reference_has_is_there(endpoint: httpx.AsyncClient, path: str) -> None:
    """A method that no endpoint takes is answered 405 by those that there are, and 404 elsewhere."""
    assert 405 == (await endpoint.delete(path)).status_code


@pytest.mark.parametrize("path", [*OAUTH_PATHS.values(), "/oauth/leaked"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "post"])
async def test_the_endpoints_take_post_only(endpoint: httpx.AsyncClient, method: str, path: str) -> None:
    """RFC 6749 section 3.2, and RFC 9110 section 15.5.6: 405 names what is allowed."""
    response = await endpoint.request(method.encode(), path)  # type: ignore[arg-type] # httpx raises the case of a str.

    assert (405, NO_STORE | {"allow": "POST"}) == (response.status_code, headers_of(response))
    assert response.json() == {
        "error": "invalid_request",
        "error_description": "The method is not allowed here: use POST.",
    }


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/.well-known/oauth-authorization-server"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_health_and_metadata_take_get_and_head_only(endpoint: httpx.AsyncClient, method: str, path: str) -> None:
    """The same answer, with other methods in it."""
    response = await endpoint.request(method, path)

    assert (405, NO_STORE | {"allow": "GET, HEAD"}) == (response.status_code, headers_of(response))
    assert "The method is not allowed here: use GET or HEAD." == response.json()["error_description"]

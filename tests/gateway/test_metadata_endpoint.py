"""Metadata: what they say, where they are, and that they are made of what routes and authenticates."""

import httpx
import pytest

from grantway.v1.client_pb2 import ClientAuthMethod
from grantway_gateway.app import OAUTH_PATHS
from grantway_gateway.client_auth import AUTH_METHODS
from grantway_gateway.metadata_endpoint import metadata, metadata_paths
from tests.fakes.core import FakeCore
from tests.gateway.harness import CREDENTIALS, GRANT, NO_STORE, application, headers_of

_PATH = "/.well-known/oauth-authorization-server"
_ISSUER = "https://auth.example.com"


async def test_the_document_is_whole(core: FakeCore) -> None:
    """RFC 8414 section 2: no member that has no meaning here."""
    async with application(core.address, issuer=_ISSUER) as endpoint:
        response = await endpoint.get(_PATH, headers={"host": "evil.example"})

    methods = ["client_secret_basic", "client_secret_post"]
    assert (200, NO_STORE) == (response.status_code, headers_of(response))
    assert response.json() == {
        "issuer": _ISSUER,
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint": f"{_ISSUER}/oauth/token",
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint": f"{_ISSUER}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": f"{_ISSUER}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": methods,
    }


async def test_without_an_issuer_there_are_none(endpoint: httpx.AsyncClient) -> None:
    """The answer says which setting is missing."""
    response = await endpoint.get(_PATH)

    assert (404, NO_STORE) == (response.status_code, headers_of(response))
    assert response.json() == {
        "error": "invalid_request",
        "error_description": "There is no metadata: set GRANTWAY_ISSUER to the URL of this service.",
    }


@pytest.mark.parametrize(
    ("issuer", "paths", "token_endpoint"),
    [
        pytest.param(_ISSUER, {_PATH}, f"{_ISSUER}/oauth/token", id="no path"),
        pytest.param(f"{_ISSUER}/", {_PATH}, f"{_ISSUER}/oauth/token", id="a slash alone"),
        pytest.param(f"{_ISSUER}/a/b", {_PATH, f"{_PATH}/a/b"}, f"{_ISSUER}/a/b/oauth/token", id="a path"),
        pytest.param(f"{_ISSUER}/a/", {_PATH, f"{_PATH}/a"}, f"{_ISSUER}/a/oauth/token", id="a path with a slash"),
    ],
)
async def test_the_path_of_an_issuer_is_inserted(
    core: FakeCore, issuer: str, paths: set[str], token_endpoint: str
) -> None:
    """RFC 8414 section 3.1: behind the well-known one, without the last slash. The issuer is kept to the byte."""
    async with application(core.address, issuer=issuer) as endpoint:
        documents = [(await endpoint.get(path)).json() for path in sorted(paths)]

    assert paths == metadata_paths(issuer)
    assert [(issuer, token_endpoint)] * len(paths) == [
        (document["issuer"], document["token_endpoint"]) for document in documents
    ]


async def test_every_endpoint_that_is_listed_is_there(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """And takes every method of authentication that is listed for it, as the method that it is."""
    document = metadata(_ISSUER, OAUTH_PATHS)
    urls = {name: str(url) for name, url in document.items() if name.endswith("_endpoint")}
    assert set(OAUTH_PATHS.values()) == {url.removeprefix(_ISSUER) for url in urls.values()}

    fields = GRANT | {"token": "x"}
    for name, url in urls.items():
        listed = document[f"{name}_auth_methods_supported"]
        assert ["client_secret_basic", "client_secret_post"] == listed
        path = url.removeprefix(_ISSUER)
        assert 200 == (await endpoint.post(path, data=fields, auth=("svc", "gws"))).status_code
        assert 200 == (await endpoint.post(path, data=fields | CREDENTIALS)).status_code

    asked = [
        [request.auth_method for request in core.tokens.requests],
        [request.credentials.auth_method for request in core.tokens.introspections],
        [request.credentials.auth_method for request in core.tokens.revocations],
    ]
    assert [list(AUTH_METHODS.values())] * 3 == asked


def test_every_method_that_the_core_knows_is_listed() -> None:
    """By its name in RFC 7591 section 2."""
    known = {name.removeprefix("CLIENT_AUTH_METHOD_").lower(): number for name, number in ClientAuthMethod.items()}
    del known["unspecified"], known["unknown"]  # No methods: that the caller does not say, and that the core cannot.

    assert known == dict(AUTH_METHODS)

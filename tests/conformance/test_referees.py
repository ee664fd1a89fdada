"""Clients of others: what they take for a token is one, and what they take for an error."""

import json
import shlex
import shutil
import subprocess
from typing import Any

import httpx
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc6750 import InsufficientScopeError, InvalidTokenError
from authlib.oauth2.rfc7662 import IntrospectTokenValidator
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS
from tests.conformance.answers import ACCESS_TOKEN
from tests.deployment import Deployment, NewClient

_METHODS = ["client_secret_basic", "client_secret_post"]


@pytest.fixture(autouse=True)
def _plaintext_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some clients insist on https unless they are told otherwise."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(name="url")
def _url(deployment: Deployment) -> str:
    return f"{deployment.http_url}/oauth/token"


def _curl(url: str, *arguments: str) -> tuple[int, dict[str, object]]:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    command = [curl, "--silent", "--show-error", "--max-time", "10", "--write-out", "\n%{http_code}", *arguments, url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    body, _, status = output.rpartition("\n")
    return int(status), json.loads(body)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("--user {id}:{secret} --data 'grant_type=client_credentials&scope=read'", id="basic-and-a-form"),
        pytest.param(
            "--data-urlencode grant_type=client_credentials --data-urlencode scope=read "
            "--data-urlencode client_id={id} --data-urlencode client_secret={secret}",
            id="a-form-alone",
        ),
        pytest.param(
            "--user {id}:{secret} --header 'Content-Type: application/json' "
            """--data '{{"grant_type": "client_credentials", "scope": "read"}}'""",
            id="basic-and-json",
        ),
        pytest.param(
            "--header 'Content-Type: application/json' --data '{{"
            '"grant_type": "client_credentials", "scope": "read", "client_id": "{id}", "client_secret": "{secret}"'
            "}}'",
            id="json-alone",
        ),
        pytest.param(
            "--http2 --user {id}:{secret} --data 'grant_type=client_credentials&scope=read'", id="asking-for-http-2"
        ),
    ],
)
def test_curl(url: str, scoped: NewClient, arguments: str) -> None:
    """In every way that a reader of the documentation might try."""
    words = shlex.split(arguments.format(id=scoped.client_id, secret=scoped.client_secret))

    status, document = _curl(url, *words)

    assert 200 == status
    assert ACCESS_TOKEN.fullmatch(str(document.pop("access_token")))
    assert {"token_type": "Bearer", "expires_in": 3600} == document


def test_curl_with_a_wrong_secret(url: str, account: NewClient) -> None:
    """The error that says what to check."""
    status, document = _curl(url, "--user", f"{account.client_id}:wrong", "--data", "grant_type=client_credentials")

    assert (401, "invalid_client") == (status, document["error"])


@pytest.mark.parametrize("method", _METHODS)
def test_requests_oauthlib(url: str, scoped: NewClient, method: str) -> None:
    """BackendApplicationClient, with Basic and with the body."""
    session = OAuth2Session(client=BackendApplicationClient(client_id=scoped.client_id, scope=["read", "write"]))
    if method == "client_secret_basic":
        token = session.fetch_token(url, auth=HTTPBasicAuth(*scoped.basic))
    else:
        token = session.fetch_token(url, client_secret=scoped.client_secret, include_client_id=True)

    assert ACCESS_TOKEN.fullmatch(token["access_token"])
    assert ("Bearer", 3600) == (token["token_type"], token["expires_in"])


def test_requests_oauthlib_knows_the_error(url: str, scoped: NewClient) -> None:
    """A wrong secret raises what oauthlib has for it."""
    session = OAuth2Session(client=BackendApplicationClient(client_id=scoped.client_id))

    with pytest.raises(InvalidClientError):
        session.fetch_token(url, auth=HTTPBasicAuth(scoped.client_id, "wrong"))


@pytest.mark.parametrize("method", _METHODS)
def test_authlib(url: str, scoped: NewClient, method: str) -> None:
    """Its client over requests."""
    with AuthlibSession(
        scoped.client_id, scoped.client_secret, token_endpoint_auth_method=method, scope="read write"
    ) as session:
        token = session.fetch_token(url, grant_type="client_credentials")

    assert ACCESS_TOKEN.fullmatch(token["access_token"])
    assert ("Bearer", 3600) == (token["token_type"], token["expires_in"])


@pytest.mark.parametrize("method", _METHODS)
async def test_authlib_async(url: str, scoped: NewClient, method: str) -> None:
    """Its client over httpx."""
    async with AsyncOAuth2Client(
        scoped.client_id, scoped.client_secret, token_endpoint_auth_method=method, scope="read write"
    ) as session:
        token = await session.fetch_token(url, grant_type="client_credentials")

    assert ACCESS_TOKEN.fullmatch(token["access_token"])
    assert ("Bearer", 3600) == (token["token_type"], token["expires_in"])


async def test_authlib_knows_the_error(url: str, scoped: NewClient) -> None:
    """A wrong secret raises the error and its description."""
    with (
        pytest.raises(OAuthError, match="invalid_client: Client authentication failed"),
        AuthlibSession(scoped.client_id, "wrong") as session,
    ):
        session.fetch_token(url, grant_type="client_credentials")
    async with AsyncOAuth2Client(scoped.client_id, "wrong") as session:
        with pytest.raises(OAuthError, match="invalid_client: Client authentication failed"):
            await session.fetch_token(url, grant_type="client_credentials")


class _Validator(IntrospectTokenValidator):  # type: ignore[misc] # Authlib has no annotations.
    """Authlib's validator for a resource server, which asks us about the tokens that it is shown."""

    def __init__(self, url: str, server: NewClient) -> None:
        super().__init__()
        self._url = url
        self._server = server

    def introspect_token(self, token_string: str) -> dict[str, Any]:
        """As its documentation has it."""
        response = httpx.post(self._url, data={"token": token_string}, auth=self._server.basic)
        response.raise_for_status()
        document: dict[str, Any] = response.json()
        return document

    def check(self, token: str, scope: str) -> None:
        """What Authlib's resource protector does for a request that needs *scope*."""
        self.validate_token(self.authenticate_token(token), [scope], None)


def test_authlib_validates_by_introspection(deployment: Deployment, url: str, scoped: NewClient) -> None:
    """A good token, one without the scope, one for another API, one that was revoked by Authlib's own client."""
    server = deployment.create_client(permissions=[PERMISSION_INTROSPECT_TOKENS], audiences=["https://api.example"])
    other = deployment.create_client(permissions=[PERMISSION_INTROSPECT_TOKENS], audiences=["https://other.example"])
    introspect, revoke = f"{deployment.http_url}/oauth/introspect", f"{deployment.http_url}/oauth/revoke"
    with AuthlibSession(scoped.client_id, scoped.client_secret, scope="read") as session:
        token = session.fetch_token(url, grant_type="client_credentials", audience="https://api.example")
        access_token = token["access_token"]

        _Validator(introspect, server).check(access_token, "read")
        with pytest.raises(InsufficientScopeError):
            _Validator(introspect, server).check(access_token, "write")
        with pytest.raises(InvalidTokenError):
            _Validator(introspect, other).check(access_token, "read")
        with pytest.raises(InvalidTokenError):
            _Validator(introspect, server).check("garbage", "read")
        assert 200 == session.revoke_token(revoke, access_token, token_type_hint="access_token").status_code
    with pytest.raises(InvalidTokenError):
        _Validator(introspect, server).check(access_token, "read")


@pytest.mark.parametrize("method", _METHODS)
def test_authlib_introspects(deployment: Deployment, url: str, checker: NewClient, method: str) -> None:
    """Its client, by Basic and by the body."""
    with AuthlibSession(checker.client_id, checker.client_secret, token_endpoint_auth_method=method) as session:
        token = session.fetch_token(url, grant_type="client_credentials")["access_token"]
        document = session.introspect_token(
            f"{deployment.http_url}/oauth/introspect", token, token_type_hint="access_token"
        ).json()

    assert (True, checker.client_id) == (document["active"], document["client_id"])


def test_authlib_takes_the_metadata(deployment: Deployment) -> None:
    """By every rule that it has but one: it takes an empty response_types_supported for a missing one (M03)."""
    metadata = AuthorizationServerMetadata(
        httpx.get(f"{deployment.http_url}/.well-known/oauth-authorization-server").json()
    )

    with pytest.raises(ValueError, match="response_types_supported"):
        metadata.validate_response_types_supported()
    AuthorizationServerMetadata(metadata | {"response_types_supported": ["none"]}).validate()

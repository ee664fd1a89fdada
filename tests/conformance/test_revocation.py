"""RFC 7009: revocation."""

import time
from datetime import timedelta

import grpc
import httpx
import pytest

from grantway.v1 import token_service_pb2
from tests.conformance.answers import GRANT, NO_STORE, error_of, headers_of, token_of
from tests.conformance.without_store import WithoutStore
from tests.deployment import ISSUER, Deployment, NewClient
from tests.server.samples import WELL_FORMED_TOKEN

_INVALID_REQUEST = (400, "invalid_request")
_INVALID_CLIENT = (401, "invalid_client")


def _token(http: httpx.Client, client: NewClient, *, expires_in: int = 3600) -> str:
    return token_of(http.post("/oauth/token", data=GRANT, auth=client.basic), expires_in=expires_in)


def _revoke(http: httpx.Client, token: str, client: NewClient, **more: str) -> httpx.Response:
    return http.post("/oauth/revoke", data={"token": token} | more, auth=client.basic)


def _is_active(deployment: Deployment, token: str) -> bool:
    """As the core itself says."""
    return deployment.tokens.IntrospectToken(token_service_pb2.IntrospectTokenRequest(token=token), timeout=5).active


def _whole(response: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, headers_of(response), response.content


_DONE = (200, NO_STORE, b"{}")


def test_V01_the_caller_authenticates_as_at_the_token_endpoint(
    deployment: Deployment, http: httpx.Client, account: NewClient
) -> None:
    """Section 2.1: by Basic or in the body, in a form or in JSON; whoever fails ends nothing."""
    token = _token(http, account)
    as_at_the_token_endpoint = _whole(http.post("/oauth/token", data=GRANT))
    for response in (
        http.post("/oauth/revoke", data={"token": token}),
        http.post("/oauth/revoke", data={"token": token}, auth=(account.client_id, "wrong")),
        http.post("/oauth/revoke", data={"token": token}, auth=("unknown", account.client_secret)),
        http.post("/oauth/revoke", data={"token": token, "client_id": account.client_id}),
        http.post("/oauth/revoke", json={"token": token, **account.post, "client_secret": "wrong"}),
        http.post("/oauth/revoke", data={"token": token}, headers={"authorization": f"Bearer {token}"}),
    ):
        assert _INVALID_CLIENT == error_of(response)
        assert as_at_the_token_endpoint == _whole(response)
    twice = http.post("/oauth/revoke", data={"token": token, **account.post}, auth=account.basic)
    assert _INVALID_REQUEST == error_of(twice)
    assert _is_active(deployment, token)

    for syntax in ("data", "json"):
        for auth, more in ((account.basic, {}), (None, account.post)):
            token = _token(http, account)
            request = {syntax: {"token": token, **more}}
            assert _DONE == _whole(http.post("/oauth/revoke", auth=auth, **request))  # type: ignore[arg-type] # One of two names.
            assert not _is_active(deployment, token)


def test_V02_what_is_not_active_is_revoked_already(
    deployment: Deployment, http: httpx.Client, account: NewClient
) -> None:
    """Section 2.2: "invalid tokens do not cause an error"; nobody can tell them from good ones."""
    short_lived = deployment.create_client(token_lifetime=timedelta(seconds=1))
    expired, revoked = _token(http, short_lived, expires_in=1), _token(http, account)
    assert _DONE == _whole(_revoke(http, revoked, account))
    time.sleep(1.1)

    answers = [
        _whole(_revoke(http, token, client))
        for token, client in (
            (_token(http, account), account),
            (revoked, account),
            (expired, short_lived),
            (WELL_FORMED_TOKEN, account),
            (WELL_FORMED_TOKEN.replace("live", "test"), account),
            ("garbage", account),
            (" ", account),
            ("é" * 1000, account),
            (account.client_secret, account),
        )
    ]

    assert [_DONE] * len(answers) == answers


def test_V03_the_token_of_another_client_stays_active(
    deployment: Deployment, http: httpx.Client, account: NewClient
) -> None:
    """Section 2.1: it "verifies [...] whether the token was issued to the client making the revocation request".

    The text would tell the caller; here the answer is the one to a token that never was, so that nobody learns what is
    good.
    """
    other = deployment.create_client()
    token = _token(http, other)

    assert _DONE == _whole(_revoke(http, token, account))

    assert _is_active(deployment, token)
    assert _DONE == _whole(_revoke(http, token, other))
    assert not _is_active(deployment, token)


def test_V04_a_revocation_has_no_window(
    deployment: Deployment, http: httpx.Client, account: NewClient, checker: NewClient
) -> None:
    """Section 2.1: "the server MUST invalidate the token" immediately: the next question is answered accordingly."""
    for _ in range(50):
        token, bystander = _token(http, account), _token(http, account)
        assert _DONE == _whole(_revoke(http, token, account))

        answer = http.post("/oauth/introspect", data={"token": token}, auth=checker.basic)

        assert ({"active": False}, False) == (answer.json(), _is_active(deployment, token))
        assert _is_active(deployment, bystander)


@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "unknown", "\u00e9"])
def test_V05_V08_the_hint_does_not_matter(
    deployment: Deployment, http: httpx.Client, account: NewClient, hint: str
) -> None:
    """Section 2.1 and 2.2: not one that is unknown, nor one that is wrong: there is one kind of token."""
    token = _token(http, account)

    assert _DONE == _whole(_revoke(http, token, account, token_type_hint=hint))

    assert not _is_active(deployment, token)


def test_V06_without_its_store_it_is_503(without_store: WithoutStore) -> None:
    """Section 2.2.1: "the client must assume the token still exists and may retry after a reasonable delay"."""
    for token in (without_store.token, WELL_FORMED_TOKEN):
        started = time.monotonic()
        response = _revoke(without_store.http, token, without_store.client)

        assert (503, "temporarily_unavailable") == error_of(response)
        assert int(response.headers["retry-after"]) >= 1
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("body", ["", "token=", "token", "token=a&token=a", "token=a&token=", "x=y"])
def test_V07_a_request_names_one_token(http: httpx.Client, account: NewClient, body: str) -> None:
    """Section 2.1: token is REQUIRED; and RFC 6749 section 3.2 on what is repeated."""
    headers = {"content-type": "application/x-www-form-urlencoded"}

    assert _INVALID_REQUEST == error_of(http.post("/oauth/revoke", content=body, headers=headers, auth=account.basic))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_V07_only_post_is_taken(http: httpx.Client, account: NewClient, method: str) -> None:
    """Section 2.1; a GET would leave the token in logs."""
    response = http.request(method, "/oauth/revoke?token=x", auth=account.basic)

    assert (405, NO_STORE | {"allow": "POST"}) == (response.status_code, headers_of(response))


@pytest.mark.parametrize(
    "token",
    ["garbage", WELL_FORMED_TOKEN[:-1] + "x", WELL_FORMED_TOKEN * 20, WELL_FORMED_TOKEN.replace("live", "test")],
)
def test_V09_the_store_is_not_asked_for_what_is_no_token(without_store: WithoutStore, token: str) -> None:
    """Section 5, on many tokens: the core answers from the text alone, as it does while there is no store."""
    tokens = without_store.deployment.tokens

    tokens.RevokeToken(token_service_pb2.RevokeTokenRequest(token=token), timeout=5)
    with pytest.raises(grpc.RpcError):
        tokens.RevokeToken(token_service_pb2.RevokeTokenRequest(token=WELL_FORMED_TOKEN), timeout=5)


@pytest.mark.parametrize("bad", ["x" * 2049, "x" * 8000, "x\n", "\x00", "\x7f", "\x85"])
def test_V02_whatever_a_token_is_made_of_it_is_no_error(http: httpx.Client, account: NewClient, bad: str) -> None:
    """Section 2.2: "invalid tokens do not cause an error response": what is none is revoked already."""
    assert _DONE == _whole(_revoke(http, bad, account))


def test_V09_a_token_is_as_long_as_a_body_may_be(http: httpx.Client, account: NewClient) -> None:
    """8 KiB with all that is around it; that is more than a hundred tokens."""
    assert 413 == _revoke(http, "x" * 8192, account).status_code


def test_V10_the_metadata_have_its_https_url(http: httpx.Client) -> None:
    """Section 2."""
    url = http.get("/.well-known/oauth-authorization-server").json()["revocation_endpoint"]

    assert f"{ISSUER}/oauth/revoke" == url
    assert url.startswith("https://")

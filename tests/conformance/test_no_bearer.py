"""RFC 6750 on this side: no endpoint of the gateway takes a bearer token for authorization (no B01, B05, B06, B07).

RFC 7662 section 2.1 leaves the choice between it and client authentication; see docs/adr/0024.
"""

import httpx
import pytest

from tests.conformance.answers import CHALLENGE, GRANT, NO_STORE, error_of, headers_of, token_of
from tests.deployment import Deployment, NewClient

_INVALID_CLIENT = (401, "invalid_client")
_ENDPOINTS = ["/oauth/introspect", "/oauth/revoke"]


@pytest.fixture(scope="module", name="token")
def _token(http: httpx.Client, checker: NewClient) -> str:
    return token_of(http.post("/oauth/token", data=GRANT, auth=checker.basic))


@pytest.mark.parametrize("path", _ENDPOINTS)
def test_B01_B04_a_bearer_token_is_answered_with_what_is_taken(http: httpx.Client, token: str, path: str) -> None:
    """RFC 6749 section 5.2: 401, and a challenge of the scheme to come with. One answer, whether the token is good."""
    answers = [
        http.post(path, data={"token": token}, headers={"authorization": f"{scheme} {credentials}"})
        for scheme in ("Bearer", "bearer", "BEARER")
        for credentials in (token, "garbage")
    ]

    for response in answers:
        assert _INVALID_CLIENT == error_of(response)
        assert NO_STORE | CHALLENGE == headers_of(response)
    assert 1 == len({response.content for response in answers})


@pytest.mark.parametrize("path", _ENDPOINTS)
def test_B02_a_bearer_token_beside_good_credentials_is_refused(
    http: httpx.Client, token: str, checker: NewClient, path: str
) -> None:
    """Section 2: not more than one method in a request."""
    response = http.post(path, data={"token": token, **checker.post}, headers={"authorization": f"Bearer {token}"})

    assert _INVALID_CLIENT == error_of(response)


@pytest.mark.parametrize("path", _ENDPOINTS)
def test_B03_access_token_is_no_credential(http: httpx.Client, token: str, checker: NewClient, path: str) -> None:
    """OAuth 2.1 section 5.1.2: in the query it is ignored; here in the body as well."""
    query, body = {"access_token": token}, {"token": "x", "access_token": token}

    assert _INVALID_CLIENT == error_of(http.post(path, params=query, data={"token": "x"}))
    assert _INVALID_CLIENT == error_of(http.post(path, data=body))
    assert 200 == http.post(path, params=query, data=body, auth=checker.basic).status_code


@pytest.mark.parametrize("path", _ENDPOINTS)
def test_B08_tokens_are_in_no_url_and_no_log(
    deployment: Deployment, http: httpx.Client, token: str, checker: NewClient, path: str
) -> None:
    """Section 5.3: a request that has one in its URL is refused; nothing that was sent is logged or repeated."""
    for response in (
        http.post(f"{path}?token={token}", auth=checker.basic),
        http.post(path, params={"token": token}, data={"token": token}, auth=checker.basic),
        http.post(path, params={"client_secret": checker.client_secret}, data={"token": token}, auth=checker.basic),
        http.post(path, data={"token": token, "x": "\0"}, auth=checker.basic),
    ):
        assert (400, "invalid_request") == error_of(response)
        assert token not in response.text + str(response.headers)
    assert 200 == http.post(path, data={"token": token}, auth=checker.basic).status_code
    assert not [secret for secret in (token, checker.client_secret) if secret in deployment.log()]

"""RFC 6750: how an API takes an access token, by each of the adapters."""

import logging
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from grantway.v1 import token_service_pb2
from tests.deployment import Deployment, NewClient
from tests.sdk.adapters.served import APIS, wsgi_api

_NO_ERROR = 'Bearer realm="orders"'
_INVALID_TOKEN = (
    'Bearer realm="orders", error="invalid_token", '
    'error_description="The access token is malformed, expired, revoked or meant for others."'
)
_INSUFFICIENT_SCOPE = (
    'Bearer realm="orders", error="insufficient_scope", '
    'error_description="The access token does not have the scope that this needs.", scope="a"'
)
# Section 3: what may stand in these attributes, each of which may stand there once.
_CHALLENGE = re.compile(
    r'Bearer realm="[^"\\]*"'
    r'(, error="[a-z_]+", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]+"(, scope="[\x21\x23-\x5b\x5d-\x7e ]+")?)?'
)

Issue = Callable[[str], str]


@pytest.fixture(scope="module", name="orders_client")
def _orders_client(deployment: Deployment) -> NewClient:
    """A client that may ask for the scopes a and b."""
    return deployment.create_client(scopes=["a", "b"])


@pytest.fixture(scope="module", name="issue")
def _issue(deployment: Deployment, orders_client: NewClient) -> Issue:
    """Issues a token with a scope."""
    return lambda scope: _issued(deployment, orders_client, scope)


def _issued(deployment: Deployment, client: NewClient, scope: str, *audiences: str | None) -> str:
    request = token_service_pb2.IssueTokenRequest(
        grant_type="client_credentials",
        client_id=client.client_id,
        client_secret=client.client_secret,
        scope=scope,
        audiences=[audience for audience in audiences if audience],
    )
    return deployment.tokens.IssueToken(request, timeout=5).access_token


@pytest.fixture(scope="module", name="token")
def _token(issue: Issue) -> str:
    """A good token with the scope that the API needs."""
    return issue("a")


@pytest.fixture(scope="module", params=APIS, name="api")
def _api(request: pytest.FixtureRequest, deployment: Deployment) -> Iterator[httpx.Client]:
    """An API behind one of the adapters."""
    with APIS[request.param](deployment.grpc_target) as url, httpx.Client(base_url=url) as client:
        yield client


def _get(api: httpx.Client, *authorizations: str, query: str = "") -> tuple[int, str | None]:
    """The status of the answer and its challenge."""
    headers = [("Authorization", value) for value in authorizations]
    response = api.get(f"/orders?{query}" if query else "/orders", headers=headers)
    assert len(response.headers.get_list("www-authenticate")) <= 1
    return response.status_code, response.headers.get("www-authenticate")


def _invalid_request(answer: tuple[int, str | None]) -> bool:
    status, challenge = answer
    return status == httpx.codes.BAD_REQUEST and 'realm="orders", error="invalid_request"' in str(challenge)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_B01_the_header_carries_the_token_and_the_scheme_has_no_case(
    api: httpx.Client, orders_client: NewClient, token: str, scheme: str
) -> None:
    """Section 2.1, RFC 9110 section 11.1."""
    response = api.get("/orders", headers={"Authorization": scheme + token})

    assert (200, {"client_id": orders_client.client_id}) == (response.status_code, response.json())


def test_B02_a_token_that_comes_in_two_ways_is_an_invalid_request(api: httpx.Client, token: str) -> None:
    """Sections 2 and 3.1: also when it is the same token."""
    assert _invalid_request(_get(api, f"Bearer {token}", f"Bearer {token}"))
    assert _invalid_request(_get(api, f"Bearer {token}", query=f"access_token={token}"))
    assert _invalid_request(_get(api, f"Bearer {token}", query="x=1&access%5Ftoken="))
    assert _get(api, f"Bearer {token}", query=f"q=access_token&x_access_token={token}")[0] == httpx.codes.OK


def test_B03_a_token_in_the_query_string_is_none(api: httpx.Client, token: str) -> None:
    """OAuth 2.1 section 5.1.2: it is as if nothing had come."""
    assert (401, _NO_ERROR) == _get(api, query=f"access_token={token}")


def test_B03_a_token_in_the_body_is_none(api: httpx.Client, token: str) -> None:
    """Section 2.2 lets an API choose."""
    response = api.request("GET", "/orders", data={"access_token": token})

    assert (401, _NO_ERROR) == (response.status_code, response.headers["www-authenticate"])


@pytest.mark.parametrize("authorization", [None, "Basic dXNlcjpwYXNz", "Digest x", "Bearerx y", ""])
def test_B04_who_brought_no_token_is_told_no_error(api: httpx.Client, authorization: str | None) -> None:
    """Section 3.1: also whoever used another scheme."""
    assert (401, _NO_ERROR) == _get(api, *([] if authorization is None else [authorization]))


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b", 'Bearer "a"', "Bearer =", "Bearer a=b", "Bearer ä"],
)
def test_B05_credentials_that_are_none_are_an_invalid_request(api: httpx.Client, authorization: str) -> None:
    """Section 3.1: malformed."""
    response = api.get("/orders", headers=[(b"Authorization", authorization.encode("latin-1"))])

    assert _invalid_request((response.status_code, response.headers["www-authenticate"]))


@pytest.mark.parametrize(
    "text", ["x", "client_oa2_live_" + "0" * 48, "client_oa2_test_" + "0" * 40 + "00000000", "a" * 4000, "~._-+/=="]
)
def test_B05_what_was_never_issued_is_an_invalid_token(api: httpx.Client, text: str) -> None:
    """Section 3.1: 401."""
    assert (401, _INVALID_TOKEN) == _get(api, f"Bearer {text}")


def test_B05_a_revoked_token_is_an_invalid_token(api: httpx.Client, deployment: Deployment, issue: Issue) -> None:
    """Section 3.1: 401, from the revocation on."""
    token = issue("a")
    assert _get(api, f"Bearer {token}")[0] == httpx.codes.OK
    deployment.tokens.RevokeToken(token_service_pb2.RevokeTokenRequest(token=token), timeout=5)

    assert (401, _INVALID_TOKEN) == _get(api, f"Bearer {token}")


def test_B05_a_token_without_the_scope_is_told_which_one(api: httpx.Client, issue: Issue) -> None:
    """Section 3.1: 403 and the scope."""
    assert (403, _INSUFFICIENT_SCOPE) == _get(api, f"Bearer {issue('b')}")


def test_B06_challenges_keep_to_the_grammar(api: httpx.Client, issue: Issue) -> None:
    """Section 3: each attribute once, of its characters."""
    answers = [_get(api, *sent) for sent in ([], ["Bearer"], ["Bearer x"], [f"Bearer {issue('b')}"])]

    assert [401, 400, 401, 403] == [status for status, _ in answers]
    assert all(_CHALLENGE.fullmatch(str(challenge)) for _, challenge in answers)


def test_B07_a_token_that_is_meant_for_others_opens_nothing(deployment: Deployment) -> None:
    """Section 5.2: audiences; they are what keeps an API from using the tokens that it is sent."""
    client = deployment.create_client(scopes=["a"], audiences=["https://orders.example", "https://other.example"])
    with wsgi_api(deployment.grpc_target, "https://orders.example") as url, httpx.Client(base_url=url) as api:
        answers = {
            audience: _get(api, f"Bearer {_issued(deployment, client, 'a', audience)}")
            for audience in ("https://orders.example", "https://other.example", None)
        }

    assert {
        "https://orders.example": (200, None),
        "https://other.example": (401, _INVALID_TOKEN),
        None: (200, None),
    } == answers


def test_B08_no_answer_and_no_log_repeats_a_token(
    api: httpx.Client, issue: Issue, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Section 5.3."""
    tokens = [issue("a"), issue("b"), "client_oa2_live_" + "c4" * 24, "c4n4ry"]
    with caplog.at_level(logging.DEBUG):
        # httpx and its server log URLs and headers of their own accord.
        caplog.set_level(logging.WARNING, "httpx")
        caplog.set_level(logging.WARNING, "httpcore")
        answers = [api.get("/orders", headers={"Authorization": f"Bearer {token}"}) for token in tokens]
        answers.append(api.get("/orders", headers={"Authorization": f"Bearer {tokens[2]} {tokens[3]}"}))

    said = caplog.text + "".join(capfd.readouterr())
    said += "".join(f"{answer.headers} {answer.text}" for answer in answers)
    assert [200, 403, 401, 401, 400] == [answer.status_code for answer in answers]
    assert [] == [token for token in tokens if token in said]


def test_errors_may_not_be_kept_by_a_cache(api: httpx.Client, issue: Issue) -> None:
    """They are about this request and no other."""
    sent: list[list[str]] = [[], ["Bearer"], ["Bearer x"], [f"Bearer {issue('b')}"]]
    answers = [api.get("/orders", headers=[("Authorization", value) for value in values]) for values in sent]

    assert [(status, "no-store") for status in (401, 400, 401, 403)] == [
        (answer.status_code, answer.headers.get("cache-control")) for answer in answers
    ]


def test_what_is_public_needs_no_token(api: httpx.Client) -> None:
    """The path is in the list."""
    assert {"free": True} == api.get("/free").json()

"""Django REST framework: who a request is from, and what each method needs."""

from collections.abc import Iterator

import httpx
import pytest

from tests.deployment import Deployment
from tests.sdk.adapters.served import drf_api
from tests.sdk.adapters.tokens import Tokens


@pytest.fixture(scope="module", name="api")
def _api(deployment: Deployment) -> Iterator[httpx.Client]:
    with drf_api(deployment.grpc_target) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize(
    ("called", "scope", "status"),
    [
        pytest.param("GET /orders", "a", 200, id="its scope"),
        pytest.param("HEAD /orders", "a", 200, id="HEAD needs what GET needs"),
        pytest.param("GET /orders", "b", 403, id="the scope of another method"),
        pytest.param("HEAD /orders", "b", 403, id="HEAD as well"),
        pytest.param("POST /orders", "a b", 200, id="both scopes"),
        pytest.param("POST /orders", "a", 403, id="one scope of two"),
        pytest.param("PUT /orders", "a b", 403, id="a method that nobody spoke of"),
        pytest.param("OPTIONS /orders", "a b", 403, id="OPTIONS as any other"),
        pytest.param("GET /any", "b", 200, id="any token where no scope is asked for"),
        pytest.param("GET /free", "b", 200, id="a token where none is needed"),
    ],
)
def test_each_method_needs_its_scopes(api: httpx.Client, tokens: Tokens, called: str, scope: str, status: int) -> None:
    """As the view's table says."""
    response = api.request(*called.split(), headers={"Authorization": f"Bearer {tokens.issue(scope)}"})

    assert status == response.status_code


def test_the_user_is_the_account(api: httpx.Client, tokens: Tokens) -> None:
    """For throttles and logs."""
    response = api.post("/orders", headers={"Authorization": f"Bearer {tokens.issue('a b')}"})

    account = tokens.client.client_id
    assert {"user": account, "pk": account, "known": True} == response.json()


def test_a_view_for_everybody_refuses_a_bad_token_all_the_same(api: httpx.Client) -> None:
    """Whoever sends one wants it to count."""
    assert httpx.codes.UNAUTHORIZED == api.get("/free", headers={"Authorization": "Bearer x"}).status_code
    assert {"free": True} == api.get("/free").json()


def test_a_bad_token_is_answered_as_by_the_other_adapters(api: httpx.Client, tokens: Tokens) -> None:
    """With the code of RFC 6750 and a sentence. Who brings none gets the framework's own answer."""
    bad = api.get("/orders", headers={"Authorization": "Bearer x"})
    narrow = api.get("/orders", headers={"Authorization": f"Bearer {tokens.issue('b')}"})

    assert [
        {
            "error": "invalid_token",
            "error_description": "The access token is malformed, expired, revoked or meant for others.",
        },
        {
            "error": "insufficient_scope",
            "error_description": "The access token does not have the scope that this needs.",
        },
    ] == [bad.json(), narrow.json()]
    assert {"detail"} == api.get("/orders").json().keys()

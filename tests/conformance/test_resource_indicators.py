"""RFC 8707: resource indicators."""

import httpx
import pytest

from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS
from tests.conformance.answers import GRANT, error_of, token_of
from tests.deployment import Deployment, NewClient

_A, _B = "https://api.example/orders", "urn:example:billing"
_INVALID_TARGET = (400, "invalid_target")


@pytest.fixture(scope="module", name="caller")
def _caller(deployment: Deployment) -> NewClient:
    """A client that may ask for two resources, and for an audience that is no URI."""
    return deployment.create_client(audiences=[_A, _B, "legacy"])


@pytest.fixture(scope="module", name="server")
def _server(deployment: Deployment) -> NewClient:
    """A resource server that is all of them."""
    return deployment.create_client(audiences=[_A, _B, "legacy"], permissions=[PERMISSION_INTROSPECT_TOKENS])


@pytest.mark.parametrize(
    ("syntax", "fields", "audiences"),
    [
        pytest.param("data", {"resource": _A}, {_A}, id="one"),
        pytest.param("data", {"resource": [_A, _B]}, {_A, _B}, id="two-fields"),
        pytest.param("data", {"resource": [_A, _A]}, {_A}, id="the-same-twice"),
        pytest.param("data", {"resource": ["", _A]}, {_A}, id="an-empty-one-is-omitted"),
        pytest.param("data", {"resource": _A, "audience": "legacy"}, {_A, "legacy"}, id="with-an-audience"),
        pytest.param("data", {"resource": _A, "audience": _A}, {_A}, id="said-twice-over"),
        pytest.param("json", {"resource": _A}, {_A}, id="one-in-json"),
        pytest.param("json", {"resource": [_A, _B]}, {_A, _B}, id="an-array-in-json"),
        pytest.param("json", {"resource": [], "audience": None}, set(), id="none-in-json"),
        pytest.param("json", {"audience": "legacy"}, {"legacy"}, id="as-auth0-has-it"),
        pytest.param("data", {}, set(), id="none"),
    ],
)
def test_X13_a_token_is_meant_for_what_was_asked(
    http: httpx.Client,
    caller: NewClient,
    server: NewClient,
    *,
    syntax: str,
    fields: dict[str, object],
    audiences: set[str],
) -> None:
    """Section 2: `resource` may be there more than once; introspection says the same (`aud`)."""
    token = token_of(http.post("/oauth/token", auth=caller.basic, **{syntax: GRANT | fields}))  # type: ignore[arg-type] # One of two names.

    document = http.post("/oauth/introspect", data={"token": token}, auth=server.basic).json()

    assert document["active"]
    assert audiences == set(document.get("aud", []))
    assert len(audiences) == len(document.get("aud", []))


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param("https://other.example", id="unknown"),
        pytest.param(f"{_A}/", id="almost-a-known-one"),
        pytest.param(_A.upper(), id="another-case"),
        pytest.param(f"{_A}#fragment", id="a-fragment"),
        pytest.param(f"{_A}#", id="an-empty-fragment"),
        pytest.param("legacy", id="no-absolute-uri-though-it-is-an-audience"),
        pytest.param("/orders", id="a-path"),
        pytest.param("//api.example/orders", id="no-scheme"),
        pytest.param("https://api.example/or ders", id="a-space"),
        pytest.param("https://api.example/%zz", id="a-bad-escape"),
        pytest.param("https://äpi.example", id="not-ascii"),
        pytest.param("*", id="everything"),
    ],
)
def test_X13_what_cannot_be_meant_is_invalid_target(http: httpx.Client, caller: NewClient, resource: str) -> None:
    """Section 2: "invalid, missing, unknown, or malformed". All of it: nothing is narrowed."""
    for syntax in ("data", "json"):
        for resources in ([resource], [_A, resource], [resource, _A]):
            request = {syntax: GRANT | {"resource": resources}}
            response = http.post("/oauth/token", auth=caller.basic, **request)  # type: ignore[arg-type] # One of two names.

            assert _INVALID_TARGET == error_of(response)


@pytest.mark.parametrize("value", ["1", "true", "{}", "[1]", "[null]", '[["https://api.example/orders"]]'])
def test_X13_in_json_it_is_a_string_or_an_array_of_strings(http: httpx.Client, caller: NewClient, value: str) -> None:
    """As section 2 has it of requests that come as a JWT."""
    body = f'{{"grant_type": "client_credentials", "resource": {value}}}'

    response = http.post("/oauth/token", content=body, headers={"content-type": "application/json"}, auth=caller.basic)

    assert (400, "invalid_request") == error_of(response)


def test_X13_audience_is_one(http: httpx.Client, caller: NewClient) -> None:
    """Auth0's clients send one string; who wants several sends `resource`."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = f"grant_type=client_credentials&audience={_A}&audience={_B}"

    assert (400, "invalid_request") == error_of(
        http.post("/oauth/token", content=body, headers=headers, auth=caller.basic)
    )
    array = http.post("/oauth/token", json=GRANT | {"audience": [_A]}, auth=caller.basic)
    assert (400, "invalid_request") == error_of(array)

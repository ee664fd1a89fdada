"""The token endpoint over a core whose answers the test decides: whole answers, and what reaches the core."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from grantway.v1 import client_pb2
from grantway.v1 import token_service_pb2 as pb
from tests.fakes.core import ACCESS_TOKEN, FakeCore, granted, running_fake_core
from tests.gateway.harness import CHALLENGE, CREDENTIALS, GRANT, NO_STORE, application, headers_of

SUCCESS = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600}


async def test_a_granted_request_is_answered_with_three_members(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """RFC 6749 section 5.1, and what the core was asked."""
    response = await endpoint.post("/oauth/token", data=GRANT, auth=("svc", "gws"))

    assert (200, NO_STORE, SUCCESS) == (response.status_code, headers_of(response), response.json())
    assert [
        pb.IssueTokenRequest(
            grant_type="client_credentials",
            client_id="svc",
            client_secret="gws",
            auth_method=client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC,
            source="192.0.2.7",
        )
    ] == core.tokens.requests


async def test_every_parameter_reaches_the_core(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """Credentials of the body, a scope, an audience and a grant type that the core knows nothing of."""
    await endpoint.post(
        "/oauth/token",
        json={"grant_type": "password", "scope": "a b", "audience": "https://api", "organization": None, **CREDENTIALS},
    )

    assert [
        pb.IssueTokenRequest(
            grant_type="password",
            client_id="svc",
            client_secret="gws",
            scope="a b",
            audiences=["https://api"],
            auth_method=client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
            source="192.0.2.7",
        )
    ] == core.tokens.requests


@pytest.mark.parametrize(
    ("body", "audiences"),
    [
        pytest.param({"data": {"resource": ["https://a", "https://b"]}}, ["https://a", "https://b"], id="a form"),
        pytest.param({"json": {"resource": ["https://a", "https://b"]}}, ["https://a", "https://b"], id="an array"),
        pytest.param({"json": {"resource": "https://a"}}, ["https://a"], id="a string"),
        pytest.param({"data": {"audience": "api", "resource": "urn:a"}}, ["api", "urn:a"], id="beside an audience"),
        pytest.param({"data": {"audience": "", "resource": ["", "urn:a"]}}, ["urn:a"], id="empty is omitted"),
        pytest.param({"json": {"resource": []}}, [], id="none"),
    ],
)
async def test_resources_are_audiences(
    endpoint: httpx.AsyncClient, core: FakeCore, body: dict[str, dict[str, Any]], audiences: list[str]
) -> None:
    """RFC 8707 section 2: `resource` may be there several times. The core knows one word for it and for `audience`."""
    ((syntax, fields),) = body.items()

    response = await endpoint.post("/oauth/token", **{syntax: GRANT | CREDENTIALS | fields})  # type: ignore[arg-type] # One of two names.

    assert 200 == response.status_code
    assert [audiences] == [list(request.audiences) for request in core.tokens.requests]


async def test_an_ageing_secret_is_told_in_a_header(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """When it ends (RFC 8594 section 3), cut to the second; the body is as always."""
    core.tokens.outcome = granted(secret_ends_at=datetime(2026, 12, 2, 9, 30, 15, 999_999, tzinfo=UTC))

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    sunset = {"sunset": "Wed, 02 Dec 2026 09:30:15 GMT"}
    assert (200, NO_STORE | sunset, SUCCESS) == (response.status_code, headers_of(response), response.json())


@pytest.mark.parametrize(
    ("requested", "given", "member"),
    [
        pytest.param("", "", {}, id="nothing-asked-and-nothing-granted"),
        pytest.param("a b", "a b", {}, id="granted-as-asked"),
        pytest.param("b a", "a b", {}, id="order-is-no-difference"),
        pytest.param("a b a", "a b", {}, id="a-duplicate-is-no-difference"),
        pytest.param("", "a b", {"scope": "a b"}, id="the-default-scope-is-told"),
        pytest.param("a b", "a", {"scope": "a"}, id="less-than-asked-is-told"),
    ],
)
async def test_scope_is_told_when_it_differs(
    endpoint: httpx.AsyncClient, core: FakeCore, requested: str, given: str, member: dict[str, str]
) -> None:
    """RFC 6749 section 5.1: "OPTIONAL, if identical to the scope requested by the client; otherwise, REQUIRED."."""
    core.tokens.outcome = granted(scope=given)

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS | {"scope": requested})

    assert SUCCESS | member == response.json()


async def test_expires_in_is_the_lifetime_of_the_token(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """In seconds, as a JSON number."""
    core.tokens.outcome = granted(expires_in=timedelta(minutes=5))

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert response.text == f'{{"access_token":"{ACCESS_TOKEN}","token_type":"Bearer","expires_in":300}}'


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("request_line", "media_type", "body", "expected"),
    [
        pytest.param("GET ", "text/plain", b"x" * 9000, (405, "invalid_request"), id="method-before-media-type"),
        pytest.param("POST ", "text/plain", b"x" * 9000, (400, "invalid_request"), id="media-type-before-size"),
        pytest.param("POST ", FORM, b"%" * 9000, (413, "invalid_request"), id="size-before-syntax"),
        pytest.param("POST ", FORM, b"scope=a", (400, "invalid_request"), id="shape-before-client"),
        pytest.param("POST ?scope=a", FORM, b"grant_type=x", (400, "invalid_request"), id="query-before-client"),
        pytest.param("POST ", FORM, b"grant_type=x&scope=%22", (401, "invalid_client"), id="client-before-grant"),
    ],
)
async def test_checks_go_in_a_fixed_order(
    endpoint: httpx.AsyncClient,
    core: FakeCore,
    *,
    request_line: str,
    media_type: str,
    body: bytes,
    expected: tuple[int, str],
) -> None:
    """Each row fails at one step and at the later ones: the first is told, and the core is not even asked."""
    method, _, query = request_line.partition(" ")

    response = await endpoint.request(
        method, f"/oauth/token{query}", content=body, headers={"content-type": media_type, "authorization": "Bearer x"}
    )

    assert expected == (response.status_code, response.json()["error"])
    assert [] == core.tokens.requests


async def test_missing_credentials_are_answered_like_wrong_ones(endpoint: httpx.AsyncClient) -> None:
    """The whole answer, with the challenge that tells a client how to authenticate."""
    response = await endpoint.post("/oauth/token", data=GRANT)

    assert (401, NO_STORE | CHALLENGE) == (response.status_code, headers_of(response))
    assert response.json() == {
        "error": "invalid_client",
        "error_description": (
            "Client authentication failed: check the client id and the client secret, "
            "and send them by HTTP Basic or in the body."
        ),
    }


_PARAMETER_IN_QUERY = "The query string holds a parameter of the request: send it in the body only."


@pytest.mark.parametrize(
    ("query", "description"),
    [
        pytest.param("client_secret=gws", _PARAMETER_IN_QUERY, id="a-credential"),
        pytest.param("client%5Fid=svc", _PARAMETER_IN_QUERY, id="a-name-in-disguise"),
        pytest.param("scope", _PARAMETER_IN_QUERY, id="a-name-without-a-value"),
        pytest.param("%zz", "The query string is malformed: send parameters in the body only.", id="malformed"),
        pytest.param("utm=1&api-version=2", None, id="names-of-others-are-ignored"),
    ],
)
async def test_the_query_string_holds_no_parameter(
    endpoint: httpx.AsyncClient, query: str, description: str | None
) -> None:
    """RFC 6749 section 2.3.1: credentials "MUST NOT be included in the request URI". The query string is blamed."""
    response = await endpoint.post(f"/oauth/token?{query}", data=GRANT | CREDENTIALS)

    refusal = {"error": "invalid_request", "error_description": description}
    assert ((400, refusal) if description else (200, SUCCESS)) == (response.status_code, response.json())


UNAVAILABLE = {
    "error": "temporarily_unavailable",
    "error_description": "The service did not answer in time: try again after the time in Retry-After.",
}


async def test_no_core_is_503_within_two_seconds_until_there_is_one() -> None:
    """The gateway recovers by itself, and says when to try again until then."""
    async with running_fake_core() as core:
        address = core.address

    async with application(address) as client:
        started = time.monotonic()
        response = await client.post("/oauth/token", data=GRANT | CREDENTIALS)
        assert time.monotonic() - started < 2
        assert (503, NO_STORE | {"retry-after": "1"}) == (response.status_code, headers_of(response))
        assert UNAVAILABLE == response.json()

        async with running_fake_core(address), asyncio.timeout(5):
            while (await client.post("/oauth/token", data=GRANT | CREDENTIALS)).status_code != 200:  # noqa: ASYNC110 - the channel says to nobody when it is back.
                await asyncio.sleep(0.05)


async def test_a_core_that_hangs_is_503_within_two_seconds(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """The deadline of the call ends it."""
    core.tokens.open.clear()

    started = time.monotonic()
    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert time.monotonic() - started < 2
    assert (503, UNAVAILABLE) == (response.status_code, response.json())

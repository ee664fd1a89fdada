"""The revocation endpoint over a core whose answers the test decides: whole answers, and what reaches the core."""

import httpx
import pytest

from grantway.v1 import client_pb2, error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from tests.fakes.core import ACCESS_TOKEN, FakeCore, running_fake_core
from tests.gateway.harness import CHALLENGE, CREDENTIALS, NO_STORE, application, headers_of

_ABOUT = {"token": ACCESS_TOKEN}


@pytest.mark.parametrize("syntax", ["data", "json"])
async def test_what_the_core_revoked_is_200(endpoint: httpx.AsyncClient, core: FakeCore, syntax: str) -> None:
    """RFC 7009 section 2.2: the status says it all. On behalf of whom the core was asked, and with no hint."""
    fields = _ABOUT | {"token_type_hint": "access_token"} | CREDENTIALS

    response = await endpoint.post("/oauth/revoke", **{syntax: fields})  # type: ignore[arg-type] # One of two names.

    assert (200, NO_STORE, {}) == (response.status_code, headers_of(response), response.json())
    assert [
        pb.RevokeTokenRequest(
            token=ACCESS_TOKEN,
            credentials=pb.ClientCredentials(
                client_id="svc",
                client_secret="gws",
                auth_method=client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
                source="192.0.2.7",
            ),
        )
    ] == core.tokens.revocations


@pytest.mark.parametrize(
    ("reason", "answer", "more"),
    [
        pytest.param(
            error_reason_pb2.ERROR_REASON_INVALID_CLIENT, (401, "invalid_client"), CHALLENGE, id="a wrong secret"
        ),
        pytest.param(
            error_reason_pb2.ERROR_REASON_RATE_LIMITED,
            (429, "temporarily_unavailable"),
            {"retry-after": "1"},
            id="too many wrong secrets",
        ),
        pytest.param(
            error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE,
            (503, "temporarily_unavailable"),
            {"retry-after": "1"},
            id="no store",
        ),
        pytest.param(error_reason_pb2.ERROR_REASON_INTERNAL, (500, "server_error"), {}, id="a fault"),
    ],
)
async def test_what_the_core_refused_is_not_done(
    endpoint: httpx.AsyncClient,
    core: FakeCore,
    reason: "error_reason_pb2.ErrorReason",
    answer: tuple[int, str],
    more: dict[str, str],
) -> None:
    """RFC 7009 section 2.2.1: the client "must assume the token still exists"."""
    core.tokens.revocation = refusal_pb2.Refusal(reason=reason, description="x")

    response = await endpoint.post("/oauth/revoke", data=_ABOUT | CREDENTIALS)

    assert answer == (response.status_code, response.json()["error"])
    assert NO_STORE | more == headers_of(response)


async def test_no_answer_of_the_core_is_503(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """It may or may not have been done: the client is to try again."""
    core.tokens.open.clear()

    response = await endpoint.post("/oauth/revoke", data=_ABOUT | CREDENTIALS)

    assert (503, "temporarily_unavailable") == (response.status_code, response.json()["error"])
    assert NO_STORE | {"retry-after": "1"} == headers_of(response)


async def test_no_core_is_503() -> None:
    """Nothing was done."""
    async with running_fake_core() as core:
        address = core.address
    async with application(address) as endpoint:
        response = await endpoint.post("/oauth/revoke", data=_ABOUT | CREDENTIALS)

    assert (503, "temporarily_unavailable") == (response.status_code, response.json()["error"])

"""The introspection endpoint over a core whose answers the test decides: whole answers, and what reaches the core."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from grantway.v1 import client_pb2, error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from tests.fakes.core import ACCESS_TOKEN, FakeCore
from tests.gateway.harness import CHALLENGE, CREDENTIALS, NO_STORE, application, headers_of

_ABOUT = {"token": ACCESS_TOKEN}
_ISSUED = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _active(
    *, scope: str = "", audiences: tuple[str, ...] = (), client_name: str = "", organization: str = ""
) -> pb.IntrospectTokenResult:
    found = pb.IntrospectTokenResponse(
        active=True,
        client_id="svc",
        token_id="0123456789abcdef",
        environment=client_pb2.ENVIRONMENT_LIVE,
        scope=scope,
        audiences=audiences,
        client_name=client_name,
        organization=organization,
        # What administrators learn over gRPC, this answer has no word for.
        revocation_position=b"1-1:canary",
    )
    found.issue_time.FromDatetime(_ISSUED)
    found.expire_time.FromDatetime(_ISSUED.replace(hour=13))
    return pb.IntrospectTokenResult(introspection=found)


_ALWAYS = {
    "active": True,
    "client_id": "svc",
    "sub": "svc",
    "token_type": "Bearer",
    "iat": 1795694400,
    "exp": 1795698000,
    "jti": "0123456789abcdef",
}


@pytest.mark.parametrize(
    ("active", "issuer", "document"),
    [
        pytest.param(_active(), None, _ALWAYS, id="no more than there is"),
        pytest.param(
            _active(scope="a b", audiences=("https://b", "a"), client_name="Concierge", organization="acme"),
            "https://auth.example.com",
            _ALWAYS
            | {
                "iss": "https://auth.example.com",
                "scope": "a b",
                "aud": ["https://b", "a"],
                "client_name": "Concierge",
                "organization": "acme",
            },
            id="all that there can be",
        ),
    ],
)
async def test_an_active_token_is_told_whole(
    core: FakeCore, active: pb.IntrospectTokenResult, issuer: str | None, document: dict[str, object]
) -> None:
    """RFC 7662 section 2.2."""
    core.tokens.introspection = active
    async with application(core.address, issuer=issuer) as endpoint:
        response = await endpoint.post("/oauth/introspect", data=_ABOUT, auth=("svc", "gws"))

    assert (200, NO_STORE, document) == (response.status_code, headers_of(response), response.json())


async def test_an_inactive_token_is_told_with_one_member(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """Whatever else the core may say of it."""
    core.tokens.introspection = pb.IntrospectTokenResult(
        introspection=pb.IntrospectTokenResponse(
            inactive_reason=pb.INACTIVE_REASON_REVOKED, revocation_position=b"1-1:canary"
        )
    )

    response = await endpoint.post("/oauth/introspect", data=_ABOUT | CREDENTIALS)

    assert (200, NO_STORE, '{"active":false}') == (response.status_code, headers_of(response), response.text)


@pytest.mark.parametrize(
    ("syntax", "method"),
    [
        ("data", client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC),
        ("data", client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST),
        ("json", client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC),
        ("json", client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST),
    ],
)
async def test_the_core_is_asked_on_behalf_of_the_client(
    endpoint: httpx.AsyncClient, core: FakeCore, syntax: str, method: "client_pb2.ClientAuthMethod"
) -> None:
    """As whom, by which method, from where and for which audience; the hint stays here."""
    in_body = method == client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST
    fields = _ABOUT | {"token_type_hint": "x", "audience": "https://a"} | (CREDENTIALS if in_body else {})

    await endpoint.post("/oauth/introspect", auth=None if in_body else ("svc", "gws"), **{syntax: fields})  # type: ignore[arg-type] # One of two names.

    assert [
        pb.IntrospectTokenRequest(
            token=ACCESS_TOKEN,
            audiences=["https://a"],
            credentials=pb.ClientCredentials(
                client_id="svc", client_secret="gws", auth_method=method, source="192.0.2.7"
            ),
        )
    ] == core.tokens.introspections


async def test_introspections_leave_in_batches(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """Those that come while one is under way share the next message."""
    core.tokens.open.clear()
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(endpoint.post("/oauth/introspect", data=_ABOUT | CREDENTIALS))
        await asyncio.sleep(0.1)
        core.tokens.open.set()

    assert 5 == len(core.tokens.introspections)
    assert core.tokens.introspection_messages <= 2


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/revoke"])
@pytest.mark.parametrize(
    ("request_line", "media_type", "body", "expected"),
    [
        pytest.param("GET ", "text/plain", b"x" * 9000, (405, "invalid_request"), id="method-before-media-type"),
        pytest.param("POST ", "text/plain", b"x" * 9000, (400, "invalid_request"), id="media-type-before-size"),
        pytest.param("POST ", FORM, b"%" * 9000, (413, "invalid_request"), id="size-before-syntax"),
        pytest.param("POST ", FORM, b"a=b", (400, "invalid_request"), id="shape-before-client"),
        pytest.param("POST ?token=a", FORM, b"token=x", (400, "invalid_request"), id="query-before-client"),
        pytest.param("POST ?x=a", FORM, b"token=x", (401, "invalid_client"), id="client-last"),
    ],
)
async def test_checks_go_in_a_fixed_order(
    endpoint: httpx.AsyncClient,
    core: FakeCore,
    *,
    path: str,
    request_line: str,
    media_type: str,
    body: bytes,
    expected: tuple[int, str],
) -> None:
    """That of the token endpoint: the first failure is told, and the core is not even asked."""
    method, _, query = request_line.partition(" ")

    response = await endpoint.request(
        method, f"{path}{query}", content=body, headers={"content-type": media_type, "authorization": "Bearer x"}
    )

    assert expected == (response.status_code, response.json()["error"])
    assert ([], []) == (core.tokens.introspections, core.tokens.revocations)


@pytest.mark.parametrize(
    ("reason", "answer", "more"),
    [
        pytest.param(
            error_reason_pb2.ERROR_REASON_INVALID_CLIENT, (401, "invalid_client"), CHALLENGE, id="a wrong secret"
        ),
        pytest.param(
            error_reason_pb2.ERROR_REASON_UNAUTHORIZED_CLIENT,
            (400, "unauthorized_client"),
            {},
            id="a client that may not ask",
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
    ],
)
async def test_a_refusal_is_an_error(
    endpoint: httpx.AsyncClient,
    core: FakeCore,
    reason: "error_reason_pb2.ErrorReason",
    answer: tuple[int, str],
    more: dict[str, str],
) -> None:
    """And never an answer about the token."""
    core.tokens.introspection = pb.IntrospectTokenResult(refusal=refusal_pb2.Refusal(reason=reason, description="x"))

    response = await endpoint.post("/oauth/introspect", data=_ABOUT | CREDENTIALS)

    assert answer == (response.status_code, response.json()["error"])
    assert NO_STORE | more == headers_of(response)


async def test_no_answer_of_the_core_is_503(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """Nobody may take it for "not active"."""
    core.tokens.open.clear()

    response = await endpoint.post("/oauth/introspect", data=_ABOUT | CREDENTIALS)

    assert (503, "temporarily_unavailable") == (response.status_code, response.json()["error"])
    assert "active" not in response.json()

"""RFC 7662: introspection."""

import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from grantway.v1 import client_service_pb2
from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS, PERMISSION_ISSUE_TOKENS
from tests.conformance.answers import GRANT, NO_STORE, error_of, headers_of, token_of
from tests.conformance.without_store import WithoutStore
from tests.deployment import ISSUER, Deployment, NewClient
from tests.server.samples import WELL_FORMED_TOKEN

_INVALID_CLIENT = (401, "invalid_client")
_INACTIVE = (200, NO_STORE, b'{"active":false}')

_API = "https://api.example"
_OTHER_API = "https://other.example"


def _token(http: httpx.Client, client: NewClient, *, expires_in: int = 3600, **more: str) -> str:
    return token_of(http.post("/oauth/token", data=GRANT | more, auth=client.basic), expires_in=expires_in)


def _introspect(http: httpx.Client, token: str, client: NewClient, **more: str) -> httpx.Response:
    return http.post("/oauth/introspect", data={"token": token} | more, auth=client.basic)


def _is_active(response: httpx.Response) -> bool:
    """Whether the answer, which says nothing else if it is not, says so."""
    active = response.json()["active"]
    assert isinstance(active, bool)
    assert active or _whole(response) == _INACTIVE
    return active


def _whole(response: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, headers_of(response), response.content


def _resource_server(deployment: Deployment, *audiences: str) -> NewClient:
    return deployment.create_client(permissions=[PERMISSION_INTROSPECT_TOKENS], audiences=audiences)


def test_I01_nobody_asks_without_authorization(http: httpx.Client, account: NewClient) -> None:
    """Section 2.1: "the endpoint MUST also require some form of authorization"; a client of its own may not do so."""
    token = _token(http, account)

    assert _INVALID_CLIENT == error_of(http.post("/oauth/introspect", data={"token": token}))
    assert (400, "unauthorized_client") == error_of(_introspect(http, token, account))
    assert (400, "unauthorized_client") == error_of(_introspect(http, "garbage", account))


@pytest.mark.parametrize("syntax", ["data", "json"])
def test_I01_whoever_has_the_permission_may_ask(
    deployment: Deployment, http: httpx.Client, account: NewClient, syntax: str
) -> None:
    """By Basic or in the body, in a form or in JSON; whether it may have tokens itself or not."""
    token = _token(http, account)
    server = _resource_server(deployment)
    assert (400, "unauthorized_client") == error_of(http.post("/oauth/token", data=GRANT, auth=server.basic))

    for auth, more in ((server.basic, {}), (None, server.post)):
        request = {syntax: {"token": token, **more}}
        assert _is_active(http.post("/oauth/introspect", auth=auth, **request))  # type: ignore[arg-type] # One of two names.


def _unknown(deployment: Deployment, http: httpx.Client) -> str:  # noqa: ARG001 - as the others.
    return WELL_FORMED_TOKEN


def _malformed(deployment: Deployment, http: httpx.Client) -> str:
    token = _token(http, deployment.create_client())
    return token[:-1] + ("0" if token[-1] != "0" else "1")


def _of_the_other_environment(deployment: Deployment, http: httpx.Client) -> str:  # noqa: ARG001 - as the others.
    return WELL_FORMED_TOKEN.replace("live", "test")


def _expired(deployment: Deployment, http: httpx.Client) -> str:
    token = _token(http, deployment.create_client(token_lifetime=timedelta(seconds=1)), expires_in=1)
    time.sleep(1.1)
    return token


def _revoked(deployment: Deployment, http: httpx.Client) -> str:
    client = deployment.create_client()
    token = _token(http, client)
    assert 200 == http.post("/oauth/revoke", data={"token": token}, auth=client.basic).status_code
    return token


def _of_another_audience(deployment: Deployment, http: httpx.Client) -> str:
    return _token(http, deployment.create_client(audiences=[_API]), audience=_API)


def _of_a_disabled_client(deployment: Deployment, http: httpx.Client) -> str:
    client = deployment.create_client()
    token = _token(http, client)
    deployment.clients.DisableClient(client_service_pb2.DisableClientRequest(client_id=client.client_id), timeout=5)
    return token


def _of_a_deleted_client(deployment: Deployment, http: httpx.Client) -> str:
    client = deployment.create_client()
    token = _token(http, client)
    deployment.clients.DeleteClient(client_service_pb2.DeleteClientRequest(client_id=client.client_id), timeout=5)
    return token


def _a_secret(deployment: Deployment, http: httpx.Client) -> str:  # noqa: ARG001 - as the others.
    return deployment.create_client().client_secret


@pytest.mark.parametrize(
    "bad",
    [
        _unknown,
        _malformed,
        _of_the_other_environment,
        _expired,
        _revoked,
        _of_another_audience,
        _of_a_disabled_client,
        _of_a_deleted_client,
        _a_secret,
    ],
)
def test_I02_what_is_not_active_is_one_answer(
    deployment: Deployment, http: httpx.Client, checker: NewClient, bad: Callable[[Deployment, httpx.Client], str]
) -> None:
    """Section 2.2: `{"active": false}` to the byte, "including why the token is inactive" not."""
    assert _INACTIVE == _whole(_introspect(http, bad(deployment, http), checker))


@pytest.mark.parametrize(
    ("meant_for", "asked_by", "active"),
    [
        pytest.param([], [], True, id="for-nobody-in-particular"),
        pytest.param([], [_API], True, id="for-nobody-in-particular-asked-by-an-api"),
        pytest.param([_API], [_API], True, id="for-the-one-who-asks"),
        pytest.param([_API, _OTHER_API], [_API], True, id="for-the-one-who-asks-and-another"),
        pytest.param([_API], [_API, _OTHER_API], True, id="for-one-of-those-that-the-caller-is"),
        pytest.param([_API], [_OTHER_API], False, id="for-another"),
        pytest.param([_API], [], False, id="for-somebody-asked-by-nobody-in-particular"),
        pytest.param([_API], [_API.upper()], False, id="for-another-that-looks-alike"),
        pytest.param([_API], [f"{_API}/"], False, id="for-another-that-begins-alike"),
    ],
)
def test_I03_a_resource_server_sees_only_tokens_for_it(
    deployment: Deployment, http: httpx.Client, meant_for: list[str], asked_by: list[str], *, active: bool
) -> None:
    """Section 4: it depends on "whether or not the token can be used at the protected resource making the [...] call".

    One without audiences can be used anywhere.
    """
    client = deployment.create_client(audiences=[_API, _OTHER_API])
    token = token_of(http.post("/oauth/token", data=GRANT | {"resource": meant_for}, auth=client.basic))

    assert active == _is_active(_introspect(http, token, _resource_server(deployment, *asked_by)))


def test_I03_not_even_its_own_client_sees_more(deployment: Deployment, http: httpx.Client) -> None:
    """It may ask for tokens for an audience, and is none: the permission alone opens nothing."""
    both = [PERMISSION_ISSUE_TOKENS, PERMISSION_INTROSPECT_TOKENS]
    client = deployment.create_client(audiences=[_API], permissions=both)
    stranger = deployment.create_client(audiences=[_OTHER_API], permissions=both)
    token = _token(http, client, audience=_API)

    assert [True, False] == [_is_active(_introspect(http, token, caller)) for caller in (client, stranger)]


def test_I03_what_it_may_ask_for_is_not_what_it_is(deployment: Deployment, http: httpx.Client) -> None:
    """A server that calls another one sees no token that is meant for that; of its own ones it can ask for one."""
    client = deployment.create_client(audiences=[_API, _OTHER_API])
    server = deployment.create_client(
        permissions=[PERMISSION_INTROSPECT_TOKENS],
        audiences=[_OTHER_API],
        own_audiences=[_API, "https://third.example"],
    )
    for_it, for_another = [_token(http, client, audience=audience) for audience in (_API, _OTHER_API)]

    def seen(token: str, **more: str) -> bool:
        return _is_active(_introspect(http, token, server, **more))

    assert [True, False] == [seen(token) for token in (for_it, for_another)]
    assert [True, False] == [seen(for_it, audience=audience) for audience in (_API, "https://third.example")]
    assert not seen(for_another, audience=_OTHER_API)


def test_I04_an_active_token_is_told_as_it_was_issued(deployment: Deployment, http: httpx.Client) -> None:
    """Section 2.2: the whole answer; times are numbers, the scope is one string."""
    client = deployment.create_client(scopes=["read", "write"], audiences=[_API, _OTHER_API], organization="acme")
    before = int(time.time())
    fields = GRANT | {"scope": "write read", "resource": [_API, _OTHER_API]}
    token = token_of(http.post("/oauth/token", data=fields, auth=client.basic))

    response = _introspect(http, token, _resource_server(deployment, _API))

    document = response.json()
    issued_at = document["iat"]
    assert (200, NO_STORE) == (response.status_code, headers_of(response))
    assert before <= issued_at <= time.time()
    assert "." not in response.text.partition('"iat":')[2].partition(",")[0]
    assert 16 == len(bytes.fromhex(document["jti"])) * 2
    assert document == {
        "active": True,
        "client_id": client.client_id,
        "sub": client.client_id,
        "iss": ISSUER,
        "aud": [_API, _OTHER_API],
        "scope": document["scope"],
        "token_type": "Bearer",
        "iat": issued_at,
        "exp": issued_at + 3600,
        "jti": document["jti"],
        "client_name": "Conformance",
        "organization": "acme",
    }
    assert {"read", "write"} == set(document["scope"].split(" "))
    assert token not in response.text


def test_I05_bad_credentials_are_401_and_bad_tokens_are_not(
    http: httpx.Client, account: NewClient, checker: NewClient
) -> None:
    """Section 2.3: as RFC 6749 section 5.2 has it; a question about a bad token is well."""
    token = _token(http, account)
    as_at_the_token_endpoint = _whole(http.post("/oauth/token", data=GRANT))
    for response in (
        http.post("/oauth/introspect", data={"token": token}),
        http.post("/oauth/introspect", data={"token": token}, auth=(checker.client_id, "wrong")),
        http.post("/oauth/introspect", data={"token": token}, auth=("unknown", checker.client_secret)),
        http.post("/oauth/introspect", json={"token": token, **checker.post, "client_secret": "wrong"}),
    ):
        assert _INVALID_CLIENT == error_of(response)
        assert as_at_the_token_endpoint == _whole(response)
    twice = http.post("/oauth/introspect", data={"token": token, **checker.post}, auth=checker.basic)
    assert (400, "invalid_request") == error_of(twice)

    for bad in ("x", " ", "é", "x" * 2048, token.upper(), f"{token} ", f"Bearer {token}"):
        assert _INACTIVE == _whole(_introspect(http, bad, checker))


@pytest.mark.parametrize("bad", ["x" * 2049, "x" * 8000, "x\n", "\x00", "\x7f", "\x85"])
def test_I02_whatever_a_token_is_made_of_it_is_a_question(http: httpx.Client, checker: NewClient, bad: str) -> None:
    """Section 2.2: a token that is not one is not active, and no malformed request. In JSON also what is not text."""
    assert _INACTIVE == _whole(_introspect(http, bad, checker))
    assert _INACTIVE == _whole(http.post("/oauth/introspect", json={"token": bad}, auth=checker.basic))
    lone = http.post(
        "/oauth/introspect",
        content=b'{"token": "\\ud800"}',
        headers={"content-type": "application/json"},
        auth=checker.basic,
    )
    assert _INACTIVE == _whole(lone)


@pytest.mark.parametrize("body", ["", "token=", "token", "token=a&token=a", "x=y"])
def test_I05_a_question_names_one_token(http: httpx.Client, checker: NewClient, body: str) -> None:
    """Section 2.1: token is REQUIRED."""
    headers = {"content-type": "application/x-www-form-urlencoded"}

    response = http.post("/oauth/introspect", content=body, headers=headers, auth=checker.basic)

    assert (400, "invalid_request") == error_of(response)


def test_I06_I07_every_answer_is_of_this_moment(deployment: Deployment, http: httpx.Client, checker: NewClient) -> None:
    """Section 4: expiry and revocation are checked each time, however often it was active before."""
    client = deployment.create_client(token_lifetime=timedelta(seconds=2))
    expiring, revoked, other = (_token(http, client, expires_in=2) for _ in range(3))
    issued_at = _introspect(http, expiring, checker).json()["iat"]
    assert all(_is_active(_introspect(http, token, checker)) for token in (revoked, other))

    assert 200 == http.post("/oauth/revoke", data={"token": revoked}, auth=client.basic).status_code
    assert not _is_active(_introspect(http, revoked, checker))
    long_lived = deployment.create_client()
    token = _token(http, long_lived)
    assert _is_active(_introspect(http, token, checker))
    deployment.clients.DisableClient(client_service_pb2.DisableClientRequest(client_id=long_lived.client_id), timeout=5)
    assert not _is_active(_introspect(http, token, checker))

    while _is_active(response := _introspect(http, expiring, checker)):
        # It is active before this moment, not at it; the answer came a little later than it was made.
        assert response.json()["exp"] == issued_at + 2
        assert time.time() < issued_at + 3
        time.sleep(0.02)
    assert time.time() >= issued_at + 2


def test_I07_what_was_unknown_is_active_once_it_is_issued(http: httpx.Client, checker: NewClient) -> None:
    """No answer is remembered: the first question about a token that was just issued is answered rightly."""
    for _ in range(50):
        assert _is_active(_introspect(http, _token(http, checker), checker))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_I08_get_is_not_offered(http: httpx.Client, checker: NewClient, method: str) -> None:
    """Section 4: "the authorization server MAY disallow HTTP GET [...] so that tokens do not end up in logs"."""
    response = http.request(method, "/oauth/introspect?token=x", auth=checker.basic)

    assert (405, NO_STORE | {"allow": "POST"}) == (response.status_code, headers_of(response))


def test_I09_without_its_store_it_is_503(without_store: WithoutStore) -> None:
    """Never "not active", and never "active" from before."""
    for token in (without_store.token, WELL_FORMED_TOKEN):
        started = time.monotonic()
        response = _introspect(without_store.http, token, without_store.client)

        assert (503, "temporarily_unavailable") == error_of(response)
        assert int(response.headers["retry-after"]) >= 1
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "more",
    [
        {"token_type_hint": ""},
        {"token_type_hint": "access_token"},
        {"token_type_hint": "refresh_token"},
        {"token_type_hint": "unknown"},
        {"resource": "https://api.example/orders", "scope": '"', "grant_type": "x"},
    ],
)
def test_I10_hints_and_other_parameters_are_ignored(
    http: httpx.Client, checker: NewClient, more: dict[str, str]
) -> None:
    """Section 2.1."""
    assert _is_active(_introspect(http, _token(http, checker), checker, **more))


@pytest.mark.parametrize("accept", ["application/token-introspection+jwt", "text/html", "*/*", ""])
def test_I11_the_answer_is_json_whatever_is_accepted(http: httpx.Client, checker: NewClient, accept: str) -> None:
    """RFC 9701 is not offered: who asks for a JWT gets what section 2.2 has, and sees that by its media type."""
    response = http.post("/oauth/introspect", data={"token": "x"}, auth=checker.basic, headers={"accept": accept})

    assert _INACTIVE == _whole(response)

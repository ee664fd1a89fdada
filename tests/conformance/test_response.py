"""RFC 6749 sections 5.1 and 5.2: the response."""

import re
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grantway.v1 import client_pb2, client_service_pb2
from tests.conformance.answers import CHALLENGE, FORM, GRANT, NO_STORE, error_of, headers_of, token_of
from tests.deployment import Deployment, NewClient, deployed
from tests.valkey_server import embedded_valkey


def test_R01_success_is_a_json_object(http: httpx.Client, account: NewClient) -> None:
    """Section 5.1: to the byte, but for the token."""
    response = http.post("/oauth/token", data=GRANT, auth=account.basic)

    assert (200, "application/json") == (response.status_code, response.headers["content-type"])
    assert re.fullmatch(
        r'\{"access_token":"client_oa2_live_[0-9a-f]{48}","token_type":"Bearer","expires_in":3600\}', response.text
    )


def test_R02_R03_nothing_may_be_kept_by_a_cache(http: httpx.Client, account: NewClient) -> None:
    """Section 5.1: no-store and no-cache on every answer, whatever its status."""
    answers = {
        response.status_code: headers_of(response)
        for response in (
            http.post("/oauth/token", data=GRANT, auth=account.basic),
            http.post("/oauth/token", data={}),
            http.post("/oauth/token", data=GRANT),
            http.post("/unknown"),
            http.get("/oauth/token"),
            http.post("/oauth/token", content=b"x" * 9000, headers=FORM),
            http.post("/" + "x" * 5000),
            http.post("/oauth/token", headers=FORM | {"content-encoding": "gzip"}),
            http.post("/oauth/token", headers={"x": "x" * 20_000}),
        )
    }

    assert {200, 400, 401, 404, 405, 413, 414, 415, 431} == set(answers)
    for headers in answers.values():
        assert NO_STORE.items() <= headers.items()


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/oauth/introspect", {200, 400, 401, 405, 413, 415}),
        ("/oauth/revoke", {200, 400, 401, 405, 413, 415}),
        ("/.well-known/oauth-authorization-server", {200, 405}),
        ("/.well-known/oauth-authorization-server/unknown", {404}),
    ],
)
def test_R02_R03_nothing_of_any_endpoint_may_be_kept(
    http: httpx.Client, checker: NewClient, path: str, statuses: set[int]
) -> None:
    """As at the token endpoint."""
    answers = [
        http.post(path, data={"token": "x"}, auth=checker.basic),
        http.post(path, data={}, auth=checker.basic),
        http.post(path, data={"token": "x"}),
        http.get(path),
        http.delete(path),
        http.post(path, content=b"x" * 9000, headers=FORM),
        http.post(path, headers=FORM | {"content-encoding": "gzip"}),
    ]

    assert statuses == {response.status_code for response in answers}
    for response in answers:
        assert NO_STORE.items() <= headers_of(response).items()


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00", b"GARBAGE\r\n\r\n", b"POST / HTTP/1.1\nHost: x\n\n"])
def test_R02_not_even_the_answer_to_what_is_no_request(http: httpx.Client, garbage: bytes) -> None:
    """Such answers come from the HTTP parser."""
    with socket.create_connection((http.base_url.host, http.base_url.port or 80), timeout=5) as connection:
        connection.sendall(garbage)
        received = b"".join(iter(lambda: connection.recv(4096), b""))

    head, _, body = received.decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert {f"{name}: {value}" for name, value in NO_STORE.items()} <= set(head.split("\r\n"))
    assert '{"error":"invalid_request"' == body.partition(",")[0]


_CANARIES = st.text(min_size=1, max_size=20).map(lambda text: f"c4n4ry{text}")


@given(
    fields=st.dictionaries(
        st.sampled_from(["grant_type", "client_id", "client_secret", "scope", "audience", "resource"]) | _CANARIES,
        _CANARIES,
    ),
    syntax=st.sampled_from(["data", "json"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_R04_errors_never_repeat_what_was_sent(http: httpx.Client, fields: dict[str, str], syntax: str) -> None:
    """Section 5.2: the error is one of the list, the description of its characters; neither echoes input."""
    if syntax == "data":
        fields = {name: value.encode(errors="replace").decode() for name, value in fields.items()}
        response = http.post("/oauth/token", data=fields)
    else:
        response = http.post("/oauth/token", json=fields)

    assert error_of(response)[0] in {400, 401}
    assert "c4n4ry" not in response.text + str(response.headers)


def test_R05_a_failure_by_header_is_401_with_a_challenge(http: httpx.Client, account: NewClient) -> None:
    """Section 5.2: "MUST respond with [...] 401 [...] and include the WWW-Authenticate response header field"."""
    response = http.post("/oauth/token", data=GRANT, auth=(account.client_id, "wrong"))

    assert (401, "invalid_client") == error_of(response)
    assert NO_STORE | CHALLENGE == headers_of(response)


def test_R06_a_failure_without_the_header_is_answered_alike(http: httpx.Client, account: NewClient) -> None:
    """Section 5.2 leaves it open; one answer gives nothing away and is easier to handle."""
    by_header = http.post("/oauth/token", data=GRANT, auth=(account.client_id, "wrong"))
    by_body = http.post("/oauth/token", data=GRANT | account.post | {"client_secret": "wrong"})
    by_nothing = http.post("/oauth/token", data=GRANT)

    assert _whole(by_header) == _whole(by_body) == _whole(by_nothing)


def _whole(response: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, headers_of(response), response.content


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("Basic", id="a-scheme-alone"),
        pytest.param("Basic !!!", id="no-base64"),
        pytest.param("Basic eA==", id="no-colon"),
        pytest.param("Basic YQ", id="no-padding"),
        pytest.param("Basic YTpi=", id="too-much-padding"),
        pytest.param("Bearer x", id="bearer"),
        pytest.param("Digest username=x", id="digest"),
        pytest.param("basicx x", id="almost-basic"),
        pytest.param("Negotiate", id="negotiate"),
        pytest.param("", id="nothing"),
        pytest.param(",", id="a-comma"),
    ],
)
def test_R07_a_malformed_header_is_401(http: httpx.Client, authorization: str) -> None:
    """Whoever sends one "attempted to authenticate via the Authorization request header field"."""
    response = http.post("/oauth/token", data=GRANT, headers={"authorization": authorization})

    assert (401, "invalid_client") == error_of(response)


def test_R08_the_challenge_has_a_realm_and_utf_8(http: httpx.Client) -> None:
    """RFC 7617 sections 2 and 2.1."""
    response = http.post("/oauth/token", data=GRANT)

    assert 'Basic realm="grantway", charset="UTF-8", error="invalid_client"' == response.headers["www-authenticate"]


def test_R09_one_answer_for_every_failed_authentication(deployment: Deployment, http: httpx.Client) -> None:
    """Unknown, wrong, disabled, deleted, another method: the same bytes."""
    client, disabled, deleted = (deployment.create_client() for _ in range(3))
    basic_only = deployment.create_client(auth_methods=[client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC])
    deployment.clients.DisableClient(client_service_pb2.DisableClientRequest(client_id=disabled.client_id))
    deployment.clients.DeleteClient(client_service_pb2.DeleteClientRequest(client_id=deleted.client_id))

    answers = [
        _whole(http.post("/oauth/token", data=GRANT | credentials))
        for credentials in (
            client.post | {"client_id": "svc_live_aaaaaaaaaaaaaaaa"},
            client.post | {"client_id": "unknown"},
            client.post | {"client_id": client.client_id.replace("live", "test")},
            client.post | {"client_secret": "wrong"},
            client.post | {"client_secret": disabled.client_secret},
            disabled.post,
            deleted.post,
            basic_only.post,
        )
    ]

    assert [answers[0]] * len(answers) == answers
    assert 401 == answers[0][0]


@pytest.mark.parametrize("length", [69, 512, 513, 2048])
def test_R09_a_wrong_secret_is_wrong_at_any_length(http: httpx.Client, account: NewClient, length: int) -> None:
    """As long as a parameter may be (T18); whether there is such a client or not. By the header, longer too."""
    secret = "a" * length
    answers = [
        _whole(response)
        for client_id in (account.client_id, "unknown")
        for response in (
            http.post("/oauth/token", data=GRANT, auth=(client_id, secret)),
            http.post("/oauth/token", data=GRANT, auth=(client_id, secret * 3)),
            http.post("/oauth/token", data=GRANT | {"client_id": client_id, "client_secret": secret}),
            http.post("/oauth/token", json=GRANT | {"client_id": client_id, "client_secret": secret}),
        )
    ]

    assert [_whole(http.post("/oauth/token", data=GRANT))] * len(answers) == answers


def test_R10_a_store_that_is_gone_is_503(tmp_path: Path) -> None:
    """Not 500, not invalid_client, never 200; and everything works again when it is back."""
    valkey = tmp_path / "valkey"
    with ExitStack() as stack:
        with embedded_valkey(valkey, persist=True) as redis_url:
            deployment = stack.enter_context(deployed(redis_url=redis_url))
            http = stack.enter_context(httpx.Client(base_url=deployment.http_url))
            client = deployment.create_client()
            assert token_of(http.post("/oauth/token", data=GRANT, auth=client.basic))

        for secret in (client.client_secret, "wrong"):
            started = time.monotonic()
            response = http.post("/oauth/token", data=GRANT, auth=(client.client_id, secret))

            assert (503, "temporarily_unavailable") == error_of(response)
            assert int(response.headers["retry-after"]) >= 1
            assert time.monotonic() - started < 2

        with embedded_valkey(valkey, persist=True):
            deadline = time.monotonic() + 10
            while (response := http.post("/oauth/token", data=GRANT, auth=client.basic)).status_code == 503:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert token_of(response)


def test_R11_R12_tokens_fit_a_header_and_have_one_length(http: httpx.Client, account: NewClient) -> None:
    """Appendix A.12 and RFC 6750 section 2.1 (b64token); 64 characters."""
    for _ in range(20):
        token = token_of(http.post("/oauth/token", data=GRANT, auth=account.basic))

        assert re.fullmatch(r"[A-Za-z0-9._~-]{64}", token)


def test_R13_the_token_type_is_bearer(http: httpx.Client, account: NewClient) -> None:
    """RFC 6750 section 4."""
    assert "Bearer" == http.post("/oauth/token", data=GRANT, auth=account.basic).json()["token_type"]

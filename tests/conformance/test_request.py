"""RFC 6749 sections 3.2, 3.3 and 4.4, appendix B: the request."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grantway.v1 import client_pb2, token_service_pb2
from tests.conformance.answers import FORM, GRANT, NO_STORE, error_of, headers_of, token_of
from tests.deployment import Deployment, NewClient

_INVALID_REQUEST = (400, "invalid_request")
_INVALID_SCOPE = (400, "invalid_scope")


_GATEWAY = str(Path(sys.executable).with_name("grantway-gateway"))


def _beyond_loopback(**variables: str) -> dict[str, str]:
    """The environment of a gateway that is to listen on every address of this machine."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GRANTWAY_")}
    return inherited | {"GRANTWAY_HTTP_HOST": "0.0.0.0", "GRANTWAY_HTTP_PORT": "0"} | variables  # noqa: S104 - that is the test.


def test_T01_plaintext_stays_on_loopback() -> None:
    """Section 3.2: TLS is required. Beyond loopback nothing starts unless a proxy that speaks it is declared."""
    refused = subprocess.run(
        [_GATEWAY],
        env=_beyond_loopback(),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert (2, "") == (refused.returncode, refused.stdout)
    assert refused.stderr.startswith("grantway-gateway: GRANTWAY_HTTP_HOST: this address is not loopback")


def test_T01_a_proxy_that_speaks_tls_may_be_declared() -> None:
    """Then the gateway starts, and answers."""
    with subprocess.Popen(
        [_GATEWAY], env=_beyond_loopback(GRANTWAY_TLS_PROXY="true"), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            started = json.loads(process.stderr.readline())
            alive = httpx.get(f"http://127.0.0.1:{started['port']}/livez")
        finally:
            process.kill()

    assert ("gateway started", "0.0.0.0", 200) == (started["event"], started["host"], alive.status_code)  # noqa: S104 - that is the test.


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_T02_only_post_is_taken(http: httpx.Client, method: str) -> None:
    """Section 3.2, and RFC 9110 section 15.5.6: 405 with Allow."""
    response = http.request(method, "/oauth/token")

    assert (405, NO_STORE | {"allow": "POST"}) == (response.status_code, headers_of(response))
    if method != "HEAD":
        assert (405, "invalid_request") == error_of(response)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param("grant_type=client_credentials&scope=", None, id="an-empty-scope"),
        pytest.param("grant_type=client_credentials&scope", None, id="a-scope-without-an-equals-sign"),
        pytest.param("grant_type=client_credentials&client_id=&client_secret=", None, id="empty-credentials-and-basic"),
        pytest.param("&grant_type=client_credentials&&", None, id="empty-fields"),
        pytest.param("grant_type=", _INVALID_REQUEST, id="an-empty-grant-type"),
        pytest.param("&grant_type&", _INVALID_REQUEST, id="a-grant-type-without-an-equals-sign"),
    ],
)
def test_T03_a_parameter_without_a_value_is_omitted(
    http: httpx.Client, account: NewClient, body: str, error: tuple[int, str] | None
) -> None:
    """Section 3.2: "MUST be treated as if they were omitted from the request"."""
    response = http.post("/oauth/token", content=body, headers=FORM, auth=account.basic)

    assert error == error_of(response) if error else token_of(response)


@pytest.mark.parametrize("count", [1, 31])
def test_T04_unknown_parameters_are_ignored(http: httpx.Client, account: NewClient, count: int) -> None:
    """Section 3.2: as many as there may be fields."""
    unknown = {f"unknown{number}": "x" for number in range(count)}

    assert token_of(http.post("/oauth/token", data=GRANT | unknown, auth=account.basic))


def test_T04_unknown_parameters_count_as_fields(http: httpx.Client, account: NewClient) -> None:
    """Fifty are more than the cap."""
    unknown = {f"unknown{number}": "x" for number in range(50)}

    assert _INVALID_REQUEST == error_of(http.post("/oauth/token", data=GRANT | unknown, auth=account.basic))


@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret", "scope", "audience"])
@pytest.mark.parametrize("values", [("a", "a"), ("a", "b"), ("a", ""), ("", "")])
def test_T05_a_repeated_parameter_is_refused_by_name(http: httpx.Client, name: str, values: tuple[str, str]) -> None:
    """Section 3.2: "MUST NOT be included more than once"; equal and empty values too."""
    body = f"grant_type=client_credentials&{name}={values[0]}&x=y&{name}={values[1]}"

    response = http.post("/oauth/token", content=body, headers=FORM)

    assert _INVALID_REQUEST == error_of(response)
    if name != "grant_type" or "" not in values:
        assert f"{name} is repeated: send it once." == response.json()["error_description"]


def test_T06_a_repeated_unknown_parameter_is_ignored(http: httpx.Client, account: NewClient) -> None:
    """It is ignored like every unknown one (our decision)."""
    body = "grant_type=client_credentials&organization=a&organization=b"

    assert token_of(http.post("/oauth/token", content=body, headers=FORM, auth=account.basic))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param({}, "invalid_request", id="missing"),
        pytest.param({"grant_type": ""}, "invalid_request", id="empty"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="password"),
        pytest.param({"grant_type": "authorization_code"}, "unsupported_grant_type", id="code"),
        pytest.param({"grant_type": "Client_Credentials"}, "unsupported_grant_type", id="another-case"),
        pytest.param({"grant_type": "client_credentials "}, "unsupported_grant_type", id="a-space-after-it"),
    ],
)
def test_T07_the_grant_type_is_checked(
    http: httpx.Client, account: NewClient, data: dict[str, str], error: str
) -> None:
    """Section 5.2. P09, RFC 9700 section 2.4: there is no password grant."""
    assert (400, error) == error_of(http.post("/oauth/token", data=data, auth=account.basic))


def test_T07_a_client_may_be_denied_the_grant(deployment: Deployment, http: httpx.Client) -> None:
    """Section 5.2, unauthorized_client."""
    client = deployment.create_client(permissions=[client_pb2.PERMISSION_INTROSPECT_TOKENS])

    assert (400, "unauthorized_client") == error_of(http.post("/oauth/token", data=GRANT, auth=client.basic))


def test_T08_only_authenticated_clients_get_a_token(http: httpx.Client, account: NewClient) -> None:
    """Section 4.4: "MUST only be used by confidential clients". An id alone is not authentication."""
    for response in (
        http.post("/oauth/token", data=GRANT),
        http.post("/oauth/token", data=GRANT | {"client_id": account.client_id}),
    ):
        assert (401, "invalid_client") == error_of(response)


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param('read "write"', id="quotes"),
        pytest.param("read\\write", id="a-backslash"),
        pytest.param("read\twrite", id="a-tab"),
        pytest.param("read\nwrite", id="a-line-feed"),
        pytest.param("read  write", id="two-spaces"),
        pytest.param(" read", id="a-space-before"),
        pytest.param("read ", id="a-space-after"),
        pytest.param(" ", id="nothing-but-a-space"),
        pytest.param("réad", id="not-ascii"),
        pytest.param("read\u00a0write", id="a-space-that-does-not-break"),
    ],
)
def test_T09_a_malformed_scope_is_refused(http: httpx.Client, scoped: NewClient, scope: str) -> None:
    """Section 3.3 and appendix A.4: for its grammar, whatever the client may ask for."""
    description = (
        "scope must be scope tokens of printable ASCII without quotes and backslashes, separated by single spaces."
    )
    for response in (
        http.post("/oauth/token", data=GRANT | {"scope": scope}, auth=scoped.basic),
        http.post("/oauth/token", json=GRANT | {"scope": scope}, auth=scoped.basic),
    ):
        assert _INVALID_SCOPE == error_of(response)
        assert description == response.json()["error_description"]


def test_T09_a_scope_of_another_case_is_another(http: httpx.Client, scoped: NewClient) -> None:
    """Section 3.3: "case-sensitive". It is well-formed, and not the client's."""
    response = http.post("/oauth/token", data=GRANT | {"scope": "READ"}, auth=scoped.basic)

    assert _INVALID_SCOPE == error_of(response)
    assert "The client may not ask for this scope: ask for allowed scopes only." == response.json()["error_description"]


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        pytest.param("Write", ["Write"], id="case-matters"),
        pytest.param("write read", ["read", "write"], id="order-does-not"),
        pytest.param("read read", ["read"], id="duplicates-collapse"),
    ],
)
def test_T09_scopes_are_sets(
    deployment: Deployment, http: httpx.Client, scoped: NewClient, asked: str, granted: list[str]
) -> None:
    """Section 3.3: "case-sensitive", "the order does not matter"."""
    response = http.post("/oauth/token", data=GRANT | {"scope": asked}, auth=scoped.basic)

    assert granted == sorted(_scope_of(deployment, token_of(response)).split())
    assert "scope" not in response.json()


def _scope_of(deployment: Deployment, token: str) -> str:
    request = token_service_pb2.IntrospectTokenRequest(token=token)
    return str(deployment.tokens.IntrospectToken(request, timeout=5).scope)


def test_T10_no_scope_means_the_default_scopes(http: httpx.Client, scoped: NewClient) -> None:
    """Section 3.3: the documented default is what the client was registered with, and the answer tells."""
    response = http.post("/oauth/token", data=GRANT, auth=scoped.basic)

    assert token_of(response)
    assert "read" == response.json()["scope"]


def test_T11_scope_is_told_when_it_differs(http: httpx.Client, scoped: NewClient) -> None:
    """Section 5.1: "REQUIRED", and the tokens that were granted, nothing else."""
    document = http.post("/oauth/token", data=GRANT, auth=scoped.basic).json()

    assert {"access_token": document["access_token"], "token_type": "Bearer", "expires_in": 3600, "scope": "read"} == (
        document
    )


def test_T11_scope_is_told_only_when_it_differs(http: httpx.Client, account: NewClient, scoped: NewClient) -> None:
    """Section 5.1; and the answer that was documented has three members."""
    as_asked = http.post("/oauth/token", data=GRANT | {"scope": "write read"}, auth=scoped.basic)
    none_at_all = http.post("/oauth/token", data=GRANT, auth=account.basic)

    for response in (as_asked, none_at_all):
        assert {"access_token", "token_type", "expires_in"} == set(response.json())


_SCOPES = ["read", "write", "Write", "delete", "admin"]


@given(asked=st.sets(st.sampled_from(_SCOPES), min_size=1))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_T12_no_scope_is_wider_than_the_client(
    deployment: Deployment, http: httpx.Client, scoped: NewClient, asked: set[str]
) -> None:
    """Section 3.3: all of it or invalid_scope, for any set of scopes."""
    response = http.post("/oauth/token", data=GRANT | {"scope": " ".join(asked)}, auth=scoped.basic)

    if asked <= {"read", "write", "Write"}:
        assert asked == set(_scope_of(deployment, token_of(response)).split())
    else:
        assert _INVALID_SCOPE == error_of(response)


def test_T13_there_is_no_refresh_token(http: httpx.Client, scoped: NewClient) -> None:
    """Section 4.4.3: "A refresh token SHOULD NOT be included"."""
    assert "refresh_token" not in http.post("/oauth/token", data=GRANT, auth=scoped.basic).json()


def test_T14_a_form_is_utf_8(http: httpx.Client, account: NewClient) -> None:
    """Appendix B: its vector is read, and bytes that are no UTF-8 are refused rather than replaced."""
    body = b"grant_type=client_credentials&unknown=+%25%26%2B%C2%A3%E2%82%AC"
    assert token_of(http.post("/oauth/token", content=body, headers=FORM, auth=account.basic))

    for broken in (b"%FF", b"\xff", b"%C3", b"%C0%80", b"%ED%A0%80"):
        response = http.post("/oauth/token", content=body + b"&x=" + broken, headers=FORM, auth=account.basic)
        assert _INVALID_REQUEST == error_of(response)


@pytest.mark.parametrize("broken", ["%zz", "%", "%4", "%%", "%u0041"])
def test_T15_malformed_percent_encoding_is_refused(http: httpx.Client, account: NewClient, broken: str) -> None:
    """It is never passed on as it is."""
    body = f"grant_type=client_credentials&x={broken}"

    assert _INVALID_REQUEST == error_of(http.post("/oauth/token", content=body, headers=FORM, auth=account.basic))


def test_T15_a_semicolon_is_data(http: httpx.Client, account: NewClient) -> None:
    """CVE-2021-23336: two parsers that differ in what separates fields are an attack."""
    response = http.post(
        "/oauth/token", content="grant_type=client_credentials;scope=x", headers=FORM, auth=account.basic
    )

    assert (400, "unsupported_grant_type") == error_of(response)


@pytest.mark.parametrize(
    ("media_type", "taken"),
    [
        pytest.param("application/x-www-form-urlencoded", True, id="form"),
        pytest.param("Application/X-WWW-FORM-URLENCODED", True, id="any-case"),
        pytest.param("application/x-www-form-urlencoded; charset=UTF-8", True, id="utf-8"),
        pytest.param("application/x-www-form-urlencoded; charset=latin1", False, id="latin-1"),
        pytest.param("multipart/form-data; boundary=x", False, id="multipart"),
        pytest.param("text/plain", False, id="text"),
        pytest.param(None, False, id="missing"),
    ],
)
def test_T16_the_media_type_is_checked(
    http: httpx.Client, account: NewClient, media_type: str | None, *, taken: bool
) -> None:
    """Section 4.4.2; 400 for the others, as section 5.2 has it for whatever is not specified otherwise."""
    headers = {} if media_type is None else {"content-type": media_type}

    response = http.post("/oauth/token", content=b"grant_type=client_credentials", headers=headers, auth=account.basic)

    assert token_of(response) if taken else _INVALID_REQUEST == error_of(response)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_T17_compressed_bodies_are_refused(http: httpx.Client, account: NewClient, encoding: str) -> None:
    """415, without looking inside."""
    body = gzip.compress(b"grant_type=client_credentials")

    response = http.post(
        "/oauth/token", content=body, headers=FORM | {"content-encoding": encoding}, auth=account.basic
    )

    assert (415, "invalid_request") == error_of(response)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"grant_type=client_credentials" + b"&" * (8192 - 29), 200, id="8-kib"),
        pytest.param(b"grant_type=client_credentials" + b"&" * (8193 - 29), 413, id="8-kib-and-a-byte"),
        pytest.param(b"grant_type=client_credentials" + b"&a=b" * 31, 200, id="32-fields"),
        pytest.param(b"grant_type=client_credentials" + b"&a=b" * 32, 400, id="33-fields"),
        pytest.param(b"grant_type=client_credentials&%s=" % (b"a" * 64), 200, id="a-name-of-64"),
        pytest.param(b"grant_type=client_credentials&%s=" % (b"a" * 65), 400, id="a-name-of-65"),
        pytest.param(b"grant_type=client_credentials&a=%s" % (b"a" * 2048), 200, id="a-value-of-2-kib"),
        pytest.param(b"grant_type=client_credentials&a=%s" % (b"a" * 2049), 400, id="a-value-of-2-kib-and-a-byte"),
        pytest.param(b"grant_type=client_credentials&a=" + "😀".encode() * 512, 200, id="a-value-of-512-emoji"),
        pytest.param(b"grant_type=client_credentials&a=" + "😀".encode() * 513, 400, id="a-value-of-513-emoji"),
        pytest.param(b"a;" * 4096, 400, id="4096-semicolons"),
        pytest.param(b"&" * 8192, 400, id="8192-empty-fields"),
        pytest.param(b"x" * 1_000_000, 413, id="a-megabyte"),
    ],
)
def test_T18_bodies_are_bounded(http: httpx.Client, account: NewClient, body: bytes, status: int) -> None:
    """Bytes, fields, names and values, whether the length is announced or not."""
    for content in (body, iter([body[:100], body[100:]])):
        response = http.post("/oauth/token", content=content, headers=FORM, auth=account.basic)

        assert token_of(response) if status == 200 else (status, "invalid_request") == error_of(response)


def test_T19_checks_go_in_a_fixed_order(http: httpx.Client, scoped: NewClient) -> None:
    """Transport, shape, client, grant, scope, audience; who fails authentication learns nothing of what follows."""
    everything_wrong = {"grant_type": "password", "scope": "admin", "audience": "https://other.example"}

    def answer(*, right_secret: bool = True, headers: dict[str, str] | None = None, **fields: str) -> tuple[int, str]:
        auth = scoped.basic if right_secret else (scoped.client_id, "wrong")
        data = everything_wrong | fields
        return error_of(http.post("/oauth/token", data=data, auth=auth, headers=headers))

    right_grant = "client_credentials"
    assert (415, "invalid_request") == answer(right_secret=False, headers={"content-encoding": "gzip"}, grant_type="")
    assert (400, "invalid_request") == answer(right_secret=False, grant_type="")
    assert (401, "invalid_client") == answer(right_secret=False)
    assert (401, "invalid_client") == answer(right_secret=False, grant_type=right_grant)
    assert (400, "unsupported_grant_type") == answer()
    assert (400, "invalid_scope") == answer(grant_type=right_grant)
    assert (400, "invalid_target") == answer(grant_type=right_grant, scope="read")


def test_P07_nothing_is_ever_redirected(http: httpx.Client, account: NewClient) -> None:
    """RFC 9700 section 4.12: a client would send its secret on."""
    for path in ("/oauth/token/", "//oauth/token", "/oauth", "/"):
        assert (404, "invalid_request") == error_of(http.post(path, data=GRANT | account.post))

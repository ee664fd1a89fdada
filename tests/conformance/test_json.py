"""The JSON request body, by RFC 8259 section 4 and RFC 7493 section 2: RFC 6749 knows none."""

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.answers import FORM, GRANT, JSON, error_of, headers_of, token_of
from tests.deployment import NewClient

_INVALID_REQUEST = (400, "invalid_request")
_GRANT = b'{"grant_type": "client_credentials"}'


def _refused(http: httpx.Client, account: NewClient, body: bytes) -> None:
    response = http.post("/oauth/token", content=body, headers=JSON, auth=account.basic)

    assert _INVALID_REQUEST == error_of(response)


@pytest.mark.parametrize("body", [b"[]", b'"client_credentials"', b"1", b"null", b"true", b"[" + _GRANT + b"]", b""])
def test_J01_the_body_is_one_object(http: httpx.Client, account: NewClient, body: bytes) -> None:
    """Nothing else has parameters."""
    _refused(http, account, body)


def test_J01_many_names_are_no_load(http: httpx.Client, account: NewClient) -> None:
    """As many as 8 KiB hold."""
    _refused(http, account, json.dumps({str(number): "" for number in range(700)}).encode())


@pytest.mark.parametrize("path", ["token", "introspect", "revoke", "leaked"])
def test_J01_json_that_says_it_is_a_form_is_told_what_to_say(http: httpx.Client, account: NewClient, path: str) -> None:
    """As curl sends it, whose -d means a form; what was sent is not repeated."""
    body = json.dumps({"grant_type": "client_credentials", "token": 90 * "x"}).encode()

    response = http.post(f"/oauth/{path}", content=body, headers=FORM, auth=account.basic)

    assert (400, "The body looks like JSON: send Content-Type: application/json.") == (
        response.status_code,
        response.json()["error_description"],
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_J02_json_is_utf_8(http: httpx.Client, account: NewClient, encoding: str) -> None:
    """RFC 8259 section 8.1, and no byte order mark."""
    _refused(http, account, _GRANT.decode().encode(encoding))


@pytest.mark.parametrize("name", ["grant_type", "scope", "client_secret", "unknown"])
def test_J03_a_repeated_name_is_refused(http: httpx.Client, account: NewClient, name: str) -> None:
    """RFC 7493 section 2.3: "MUST NOT have members with duplicate names", equal or not."""
    for first, second in (('"x"', '"x"'), ('"x"', '"y"'), ('"x"', "null")):
        _refused(
            http, account, f'{{"grant_type": "client_credentials", "{name}": {first}, "{name}": {second}}}'.encode()
        )


@pytest.mark.parametrize("value", ["1", "1.5", "true", "false", "[]", '["read"]', "{}"])
@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret", "scope", "audience"])
def test_J04_values_are_strings(http: httpx.Client, account: NewClient, name: str, value: str) -> None:
    """Nothing is converted."""
    fields = {"grant_type": '"client_credentials"'} | {name: value}

    _refused(http, account, ("{" + ", ".join(f'"{key}": {text}' for key, text in fields.items()) + "}").encode())


def test_J04_null_and_empty_are_omitted(http: httpx.Client, account: NewClient) -> None:
    """Auth0's client for Python sends `"organization": null`."""
    fields = {"scope": None, "audience": "", "client_id": None, "client_secret": "", "organization": None}

    assert token_of(http.post("/oauth/token", json=GRANT | fields, auth=account.basic))
    assert _INVALID_REQUEST == error_of(http.post("/oauth/token", json={"grant_type": None}, auth=account.basic))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "9" * 5000, "-" + "9" * 5000, "1e99999", "0x1"])
def test_J05_numbers_are_never_read(http: httpx.Client, account: NewClient, value: str) -> None:
    """Python would take NaN, and fail over 5000 digits."""
    _refused(http, account, f'{{"grant_type": "client_credentials", "x": {value}}}'.encode())


@pytest.mark.parametrize("body", [b"[" * 8000, b'{"a":' * 1600, b'{"a":[[[[]]]]}', b'{"x": "[[[[["' + b"[" * 5000])
def test_J06_depth_is_bounded(http: httpx.Client, account: NewClient, body: bytes) -> None:
    """Python would fail over a recursion."""
    _refused(http, account, body)


@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret", "scope", "audience", "unknown"])
@pytest.mark.parametrize("surrogate", ["\\ud800", "\\udfff", "\\udc00\\ud800"])
def test_J07_lone_surrogates_are_refused(http: httpx.Client, account: NewClient, name: str, surrogate: str) -> None:
    """They are no text: no other program could read them."""
    fields = {"grant_type": '"client_credentials"'} | {name: f'"x{surrogate}"'}

    _refused(http, account, ("{" + ", ".join(f'"{key}": {text}' for key, text in fields.items()) + "}").encode())


def test_J08_audience_is_one_of_the_clients(http: httpx.Client, scoped: NewClient) -> None:
    """As Auth0's clients send it; RFC 8707 section 2 names the error."""
    for syntax in ("json", "data"):

        def answer(audience: str, *, syntax: str = syntax) -> httpx.Response:
            request = {syntax: GRANT | {"scope": "read", "audience": audience}}
            return http.post("/oauth/token", auth=scoped.basic, **request)  # type: ignore[arg-type] # One of two names.

        assert token_of(answer("https://api.example"))
        assert (400, "invalid_target") == error_of(answer("https://other.example"))
        assert (400, "invalid_target") == error_of(answer("x" * 2048))
        assert _INVALID_REQUEST == error_of(answer("x" * 2049))


def test_J09_a_request_is_json_or_a_form(http: httpx.Client, account: NewClient) -> None:
    """The media type says which: neither is taken for the other."""
    as_form = http.post("/oauth/token", content=_GRANT, headers=FORM, auth=account.basic)
    as_json = http.post("/oauth/token", content=b"grant_type=client_credentials", headers=JSON, auth=account.basic)
    as_both = http.post("/oauth/token", content=_GRANT, headers=[*FORM.items(), *JSON.items()], auth=account.basic)

    for response in (as_form, as_json, as_both):
        assert _INVALID_REQUEST == error_of(response)


@pytest.mark.parametrize(
    ("media_type", "taken"),
    [
        ("application/json", True),
        ("Application/JSON", True),
        ("application/json; charset=utf-8", True),
        ('application/json;charset="UTF-8"; profile=x', True),
        ("application/token+json", False),
        ("application/vnd.api+json", False),
        ("text/json", False),
        ("application/jsonx", False),
    ],
)
def test_J10_the_media_type_is_exactly_json(
    http: httpx.Client, account: NewClient, media_type: str, *, taken: bool
) -> None:
    """With any parameters, and no other kind of JSON."""
    response = http.post("/oauth/token", content=_GRANT, headers={"content-type": media_type}, auth=account.basic)

    assert token_of(response) if taken else _INVALID_REQUEST == error_of(response)


_VALUES = st.sampled_from(
    [
        "client_credentials",
        "read",
        "read write",
        "admin",
        "https://api.example",
        " ",
        "",
        "é",
        "a\tb",
        "a\0b",
        "%41",
        "+",
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    fields=st.dictionaries(
        st.sampled_from(["grant_type", "client_id", "client_secret", "scope", "audience", "unknown"]), _VALUES
    ),
    right_grant=st.booleans(),
    credentials=st.sampled_from(["none", "basic", "post", "both"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_J11_form_and_json_are_answered_alike(
    http: httpx.Client, scoped: NewClient, fields: dict[str, str], credentials: str, *, right_grant: bool
) -> None:
    """Whatever the parameters and wherever the credentials: status, headers and body, but for the token itself."""
    if right_grant:
        fields = fields | GRANT
    if credentials in {"post", "both"}:
        fields = fields | scoped.post
    auth = scoped.basic if credentials in {"basic", "both"} else httpx.USE_CLIENT_DEFAULT

    form = http.post(
        "/oauth/token", data=fields, auth=auth, headers=FORM
    )  # Without fields httpx would not name a type.
    document = http.post("/oauth/token", json=fields, auth=auth)

    assert _comparable(form) == _comparable(document)


def _comparable(response: httpx.Response) -> tuple[int, dict[str, str], dict[str, object]]:
    body = response.json()
    if "access_token" in body:
        body["access_token"] = len(body["access_token"])
    return response.status_code, headers_of(response), body

"""RFC 8414: authorization server metadata."""

import unicodedata
from typing import Any

import httpx
import pytest

from grantway_gateway.app import OAUTH_PATHS
from tests.conformance.answers import GRANT, NO_STORE, error_of, headers_of, token_of
from tests.deployment import ISSUER, NewClient

_PATH = "/.well-known/oauth-authorization-server"


@pytest.fixture(name="document")
def _document(http: httpx.Client) -> dict[str, object]:
    document: dict[str, object] = http.get(_PATH).json()
    return document


def test_M01_they_are_at_the_well_known_path(http: httpx.Client) -> None:
    """Sections 3.1 and 3.2: 200 and JSON; with the path of the issuer inserted, and where a proxy takes it off."""
    answers = [http.get(path) for path in (_PATH, f"{_PATH}/auth", f"{_PATH}?x=y")]

    for response in answers:
        assert (200, NO_STORE) == (response.status_code, headers_of(response))
    assert 1 == len({response.content for response in answers})
    head = http.head(_PATH)
    assert (200, b"", headers_of(answers[0])) == (head.status_code, head.content, headers_of(head))
    assert 404 == error_of(http.get(f"{_PATH}/other"))[0]
    assert 405 == error_of(http.post(_PATH))[0]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:443", "", "grantway.example@evil.example"])
def test_M02_the_issuer_is_the_configured_one(http: httpx.Client, host: str) -> None:
    """Section 2: https, no query, no fragment. Never what the request says of hosts and schemes."""
    hostile = {"x-forwarded-host": host, "x-forwarded-proto": "http", "forwarded": f"host={host or 'x'}"}

    response = http.get(_PATH, headers={"host": host, **hostile})

    assert ISSUER == response.json()["issuer"]
    assert "evil" not in response.text


def test_M03_no_array_is_empty_but_the_one_that_is_required(document: dict[str, object]) -> None:
    """Section 3.2 wants none, section 2 wants response_types_supported: it is there, and says the truth."""
    assert ["response_types_supported"] == [name for name, value in document.items() if value == []]


def test_M04_only_endpoints_that_exist_are_listed(document: dict[str, object]) -> None:
    """Section 2: authorization_endpoint is for grants that use it."""
    assert {f"{name}_endpoint": f"{ISSUER}{path}" for name, path in OAUTH_PATHS.items()} == {
        name: url for name, url in document.items() if name.endswith("_endpoint")
    }
    assert "authorization_endpoint" not in document
    assert ["client_credentials"] == document["grant_types_supported"]


@pytest.mark.parametrize("name", OAUTH_PATHS)
def test_M05_methods_of_authentication_are_explicit(document: dict[str, object], name: str) -> None:
    """Section 2: left out, each would mean client_secret_basic alone."""
    assert ["client_secret_basic", "client_secret_post"] == document[f"{name}_endpoint_auth_methods_supported"]


def test_M06_no_algorithm_is_listed(document: dict[str, object]) -> None:
    """Section 2: they are for JWTs, with which nobody authenticates here."""
    assert not [name for name in document if "alg" in name or "jwks" in name]


def test_M07_nothing_changes_when_unicode_is_normalized(http: httpx.Client) -> None:
    """Section 4: values are compared code point by code point; these are ASCII, to which nothing else can be done."""
    text = http.get(_PATH).text

    assert text.isascii()
    assert {text} == {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")}


def test_M08_what_is_listed_works_and_nothing_else(
    http: httpx.Client, checker: NewClient, document: dict[str, object]
) -> None:
    """Every endpoint by every method of authentication, over the whole chain; no other method, no other grant."""
    by_method: dict[str, tuple[Any, dict[str, str]]] = {
        "client_secret_basic": (checker.basic, {}),
        "client_secret_post": (httpx.USE_CLIENT_DEFAULT, checker.post),
    }
    fields = GRANT | {"token": "x"}
    for name in OAUTH_PATHS:
        path = str(document[f"{name}_endpoint"]).removeprefix(ISSUER)
        methods = document[f"{name}_endpoint_auth_methods_supported"]
        assert isinstance(methods, list)
        for auth, more in (by_method[method] for method in methods):
            assert 200 == http.post(path, data=fields | more, auth=auth).status_code
        none = http.post(path, data=fields | {"client_id": checker.client_id})
        assertion = http.post(
            path,
            data=fields
            | {
                "client_id": checker.client_id,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": "x",
            },
        )
        assert [(401, "invalid_client")] * 2 == [error_of(none), error_of(assertion)]

    assert token_of(http.post("/oauth/token", data=GRANT, auth=checker.basic))
    for grant in (
        "authorization_code",
        "implicit",
        "password",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:jwt",
    ):
        response = http.post("/oauth/token", data={"grant_type": grant}, auth=checker.basic)
        assert (400, "unsupported_grant_type") == error_of(response)

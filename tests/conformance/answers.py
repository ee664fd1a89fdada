"""What answers are held against."""

import re

import httpx

GRANT = {"grant_type": "client_credentials"}

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}

NO_STORE = {"content-type": "application/json", "cache-control": "no-store", "pragma": "no-cache"}
CHALLENGE = {"www-authenticate": 'Basic realm="grantway", charset="UTF-8", error="invalid_client"'}

# RFC 6749 section 5.2
_TEXT = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")
_ERRORS = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",  # RFC 8707 section 2
    "server_error",  # RFC 6749 section 4.1.2.1, and the next
    "temporarily_unavailable",
}

ACCESS_TOKEN = re.compile(r"client_oa2_live_[0-9a-f]{48}")


def token_of(response: httpx.Response, *, expires_in: int = 3600) -> str:
    """The token that *response* grants, in an answer as RFC 6749 section 5.1 has it."""
    document = response.json()
    assert (200, NO_STORE) == (response.status_code, headers_of(response))
    assert {"access_token": document["access_token"], "token_type": "Bearer", "expires_in": expires_in} == {
        name: value for name, value in document.items() if name != "scope"
    }
    assert ACCESS_TOKEN.fullmatch(document["access_token"])
    return str(document["access_token"])


def error_of(response: httpx.Response) -> tuple[int, str]:
    """The status and the error of *response*, an answer as RFC 6749 section 5.2 has it."""
    document = response.json()
    headers = headers_of(response)
    assert {"error", "error_description"} == set(document)
    assert document["error"] in _ERRORS
    assert _TEXT.fullmatch(document["error_description"])
    assert NO_STORE.items() <= headers.items()
    assert (response.status_code == httpx.codes.UNAUTHORIZED) == (CHALLENGE.items() <= headers.items())
    return response.status_code, document["error"]


def headers_of(response: httpx.Response) -> dict[str, str]:
    """All headers of *response* but those that say how long it is, and what the time is."""
    return {name: value for name, value in response.headers.items() if name not in {"content-length", "date"}}

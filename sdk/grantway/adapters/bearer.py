"""Access tokens over HTTP as RFC 6750 has them: where one stands, and how a request without a good one is answered."""

import json
import logging
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from grantway import GrantwayError, InsufficientScope, InvalidToken, Refused
from grantway.checked_arguments import scopes_in

_log = logging.getLogger("grantway.adapters")

# Section 2.1: the scheme, which is case-insensitive (RFC 9110 section 11.1), and a b64token.
_CREDENTIALS = re.compile(r"(?i:bearer) +(?P<token>[A-Za-z0-9._~+/-]+=*)", re.ASCII)
_JOINED = re.compile(r",\s*bearer(?:\s|,|$)", re.IGNORECASE)
# RFC 6749 section 3.3.
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
# What may stand between quotes without an escape (section 3 allows no more than this in the other attributes either).
_QUOTABLE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")

# RFC 3986 section 5.2.4, as lax as proxies and file systems are: with backslashes, parameters, and encoded once more.
_DOTS = re.compile(r"(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;]|%2f|%5c)", re.IGNORECASE)

_RETRY_AFTER_SECONDS = 1
"""How soon to come back after an outage whose end nobody knows."""


class Denied(Exception):
    """The answer to a request that is not let through.

    Attributes:
        status: The status of the HTTP response.
        error: A code of RFC 6750 section 3.1; "" for a request that brought no token, which is told none;
            "temporarily_unavailable" when no token can be checked.
        description: One sentence for a developer. It never repeats what the request holds.
    """

    def __init__(
        self,
        status: HTTPStatus,
        error: str,
        description: str,
        *,
        scopes: Sequence[str] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(status, error, description)
        self.status = status
        self.error = error
        self.description = description
        self.scopes = scopes
        self.retry_after_seconds = retry_after_seconds

    def challenge(self, realm: str) -> str | None:
        """The value of WWW-Authenticate (section 3); None where another token would not help."""
        if self.retry_after_seconds is not None:
            return None
        attributes = {"realm": realm}
        if self.error:
            attributes |= {"error": self.error, "error_description": self.description}
        if self.scopes:
            attributes["scope"] = " ".join(self.scopes)
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in attributes.items())

    def headers(self, realm: str) -> dict[str, str]:
        """The headers of the response that do not depend on its body."""
        headers = {"Cache-Control": "no-store"}
        if challenge := self.challenge(realm):
            headers["WWW-Authenticate"] = challenge
        if self.retry_after_seconds is not None:
            headers["Retry-After"] = str(self.retry_after_seconds)
        return headers

    def body(self) -> bytes:
        """The body of the response, as application/json."""
        error = {"error": self.error} if self.error else {}
        return json.dumps(error | {"error_description": self.description}).encode()


def read_token(authorizations: Sequence[str], query: str = "") -> str:
    """The access token of a request.

    It stands in the Authorization header and nowhere else. A token in the query string is never read: URLs are logged
    (section 5.3, OAuth 2.1). Beside one in the header it makes the request one that uses two methods (section 2).

    Args:
        authorizations: The values of the Authorization header fields.
        query: The query string, still encoded.

    Raises:
        Denied: There is none, or there is more than one.
    """
    if not authorizations:
        raise _no_token()
    if len(authorizations) > 1:
        raise _invalid_request("Send one Authorization header.")
    (authorization,) = authorizations
    if found := _CREDENTIALS.fullmatch(authorization):
        if _has_token(query):
            raise _invalid_request("Send the access token in the Authorization header only.")
        return found["token"]
    # What uses another scheme was unaware of this one, and is told of it alone (section 3.1); unless a server has
    # joined its header with one that does (RFC 9110 section 5.3).
    if authorization.partition(" ")[0].lower() != "bearer":
        raise _invalid_request("Send one Authorization header.") if _JOINED.search(authorization) else _no_token()
    raise _invalid_request("Send one access token in the Authorization header, as: Bearer, a space, the token.")


def authorizations_in(environ: Mapping[str, Any]) -> list[str]:
    """The Authorization header by WSGI. Servers join several with commas, which no Bearer credentials hold."""
    return [environ["HTTP_AUTHORIZATION"]] if "HTTP_AUTHORIZATION" in environ else []


def denial(error: Exception) -> Denied:
    """How a request is answered that is not let through because of *error*.

    Whatever is not known to be the token's fault is not blamed on it: clients throw tokens away on a 401.
    """
    match error:
        case Denied():
            return error
        case InvalidToken():
            description = "The access token is malformed, expired, revoked or meant for others."
            return Denied(HTTPStatus.UNAUTHORIZED, "invalid_token", description)
        case InsufficientScope():
            description = "The access token does not have the scope that this needs."
            return Denied(HTTPStatus.FORBIDDEN, "insufficient_scope", description, scopes=error.required)
        case GrantwayError():
            _log.warning("an access token cannot be checked: %s", error)
            retry_after = error.retry_after if isinstance(error, Refused) else None
            return Denied(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "Access tokens cannot be checked at the moment: try again soon.",
                retry_after_seconds=_RETRY_AFTER_SECONDS
                if retry_after is None
                else max(_RETRY_AFTER_SECONDS, math.ceil(retry_after.total_seconds())),
            )
        case _:
            raise error


def checked_scopes(scopes: str | Iterable[str]) -> tuple[str, ...]:
    """*scopes* one by one; a string holds them with spaces between, as everywhere in OAuth.

    Raises:
        ValueError: One of them is none: it could never be granted, nor be told in a challenge.
    """
    each = scopes_in(scopes)
    for scope in each:
        if not _SCOPE_TOKEN.fullmatch(scope):
            raise ValueError(f"{scope!r} is no scope (RFC 6749 section 3.3)")
    return each


class Exemptions:
    """What needs no token.

    Args:
        names: Paths of URLs or of gRPC methods, each whole, or with `/*` at its end for all that are below it. A path
            with a segment of dots is never one of them: whoever resolves it later is elsewhere.

    Raises:
        ValueError: One of them does not begin with a slash, so that it would never match.
    """

    def __init__(self, names: Iterable[str]) -> None:
        each = [names] if isinstance(names, str) else list(names)
        for name in each:
            if not name.startswith("/"):
                raise ValueError(f"{name!r} does not begin with a slash")
        self._names = frozenset(name for name in each if not name.endswith("/*"))
        self._beginnings = tuple(name.removesuffix("*") for name in each if name.endswith("/*"))

    def __contains__(self, name: str) -> bool:
        """Whether *name* is one of them."""
        return name in self._names or (name.startswith(self._beginnings) and not _DOTS.search(name))


def checked_realm(realm: str) -> str:
    """*realm* itself.

    Raises:
        ValueError: It cannot stand in a challenge as it is.
    """
    if not _QUOTABLE.fullmatch(realm):
        raise ValueError("a realm is printable ASCII without quotes and backslashes")
    return realm


def _no_token() -> Denied:
    return Denied(HTTPStatus.UNAUTHORIZED, "", "This needs an access token: send Authorization: Bearer.")


def _invalid_request(description: str) -> Denied:
    return Denied(HTTPStatus.BAD_REQUEST, "invalid_request", description)


def _has_token(query: str) -> bool:
    return bool(query) and any(unquote_plus(field.partition("=")[0]) == "access_token" for field in query.split("&"))

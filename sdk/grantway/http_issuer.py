"""Tokens from the gateway, over HTTP. Needs the extra `httpx`."""

import json
import re
from datetime import timedelta
from urllib.parse import quote_plus

import httpx

from grantway.checked_arguments import checked_timeout, checked_url
from grantway.errors import GrantwayError, Refused, Unreachable
from grantway.token_issuers import IssuedToken, issued_token
from grantway.v1 import error_reason_pb2

_REASONS = {
    "invalid_request": error_reason_pb2.ERROR_REASON_INVALID_REQUEST,
    "invalid_client": error_reason_pb2.ERROR_REASON_INVALID_CLIENT,
    "unauthorized_client": error_reason_pb2.ERROR_REASON_UNAUTHORIZED_CLIENT,
    "unsupported_grant_type": error_reason_pb2.ERROR_REASON_UNSUPPORTED_GRANT_TYPE,
    "invalid_scope": error_reason_pb2.ERROR_REASON_INVALID_SCOPE,
    "invalid_target": error_reason_pb2.ERROR_REASON_INVALID_TARGET,
}
_BUSY: dict[int, error_reason_pb2.ErrorReason] = {
    httpx.codes.TOO_MANY_REQUESTS: error_reason_pb2.ERROR_REASON_RATE_LIMITED,
    httpx.codes.SERVICE_UNAVAILABLE: error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE,
}
_NOBODY_BEHIND = frozenset({httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT})
"""How a proxy says that it reached no gateway."""

_MAX_RETRY_AFTER_SECONDS = 3600
_MAX_LIFETIME_SECONDS = 365 * 24 * 3600
"""No gateway says more than these; others might, and no clock counts to any number."""

_SECONDS = re.compile(r"[0-9]{1,20}", re.ASCII)

# RFC 6750 section 2.1: nothing else can stand in an Authorization header, nor should.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


class HttpIssuer:
    """Issues tokens by requests to the gateway's token endpoint (RFC 6749 section 4.4).

    Args:
        url: Where the gateway is, without `/oauth/token`.
        client_id: Who asks.
        client_secret: Its secret.
        scope: What the tokens shall be good for, with spaces between; "" for the client's default.
        audiences: Whom they shall be meant for.
        timeout: How long one request may take.
    """

    def __init__(  # noqa: PLR0913 - what a token request says.
        self,
        url: str,
        *,
        client_id: str,
        client_secret: str,
        scope: str,
        audiences: tuple[str, ...],
        timeout: timedelta,
    ) -> None:
        self._url = f"{checked_url(url)}/oauth/token"
        # RFC 6749 section 2.3.1: both are encoded as in a form before they become Basic credentials.
        self._credentials = quote_plus(client_id), quote_plus(client_secret)
        self._form: dict[str, str | list[str]] = {"grant_type": "client_credentials"}
        if scope:
            self._form["scope"] = scope
        if audiences:
            self._form["audience"] = audiences[0]
        if audiences[1:]:
            self._form["resource"] = list(audiences[1:])  # The one that may be repeated (RFC 8707 section 2).
        self._timeout_seconds = checked_timeout(timeout).total_seconds()
        self._http: httpx.AsyncClient | None = None

    async def issue(self) -> IssuedToken:
        """See `TokenIssuer`."""
        if self._http is None:
            # A connection would have ended long before the next token is needed.
            limits = httpx.Limits(max_keepalive_connections=0)
            self._http = httpx.AsyncClient(timeout=self._timeout_seconds, limits=limits)
        try:
            response = await self._http.post(self._url, data=self._form, auth=self._credentials)
        except httpx.HTTPError as error:
            raise Unreachable(f"no gateway answered in time ({type(error).__name__})") from None
        except RuntimeError:
            if self._http.is_closed:
                raise Unreachable("the token source was closed") from None
            raise
        if response.status_code == httpx.codes.OK and (issued := _issued(response)):
            return issued
        if response.status_code == httpx.codes.OK:
            raise Refused(error_reason_pb2.ERROR_REASON_INTERNAL, "the answer holds no Bearer token with a lifetime")
        raise _error(response)

    async def close(self) -> None:
        """See `TokenIssuer`."""
        if self._http is not None:
            await self._http.aclose()


def _document(response: httpx.Response) -> dict[str, object]:
    """The JSON object in *response*; an empty one when there is none."""
    try:
        document = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _issued(response: httpx.Response) -> IssuedToken | None:
    """The token in *response*; None when there is none that a Bearer header could carry (RFC 6749 section 7.1)."""
    match _document(response):
        case {"access_token": str(text), "token_type": str(kind), "expires_in": int(seconds)} if (
            kind.lower() == "bearer" and seconds > 0 and type(seconds) is int and _TOKEN.fullmatch(text)
        ):
            return issued_token(text, expires_in_seconds=min(seconds, _MAX_LIFETIME_SECONDS))
        case _:
            return None


def _error(response: httpx.Response) -> GrantwayError:
    if response.status_code in _NOBODY_BEHIND:
        return Unreachable(f"no gateway answered in time ({response.status_code})")
    said = _document(response)
    error, description = said.get("error"), said.get("error_description")
    reason = _BUSY.get(response.status_code) or _REASONS.get(str(error))
    if reason is None or not isinstance(description, str):
        return Refused(
            reason or error_reason_pb2.ERROR_REASON_INTERNAL, f"the request failed (HTTP {response.status_code})"
        )
    return Refused(reason, description, _retry_after(response.headers.get("retry-after", "")))


def _retry_after(seconds: str) -> timedelta | None:
    if not _SECONDS.fullmatch(seconds):
        return None
    return timedelta(seconds=min(int(seconds), _MAX_RETRY_AFTER_SECONDS))

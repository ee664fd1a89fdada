"""Errors as OAuth spells them (RFC 6749 section 5.2), and which of them each refusal of the core is.

Descriptions are fixed texts that say what to change. None is made from what the caller sent.
"""

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from grantway import Refused
from grantway.v1 import error_reason_pb2
from grantway_gateway.responses import Header, Response, json_response

_CHALLENGE: Header = (
    b"www-authenticate",
    # RFC 7617 section 2 and 2.1: realm is required, UTF-8 is the only charset. `error` is for clients that show their
    # user nothing of a 401 but the challenge.
    b'Basic realm="grantway", charset="UTF-8", error="invalid_client"',
)

# RFC 6749 section 5.2: the characters that error_description may hold.
_DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")

_TRY_AGAIN_AFTER = timedelta(seconds=1)


class OAuthError(Exception):
    """A request is refused. Raised by any step of an endpoint, answered in one place.

    Attributes:
        error: The error code of RFC 6749 section 5.2.
        description: One sentence for a developer that says what to change. Never repeats input.
    """

    def __init__(self, status: int, error: str, description: str, headers: tuple[Header, ...] = ()) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description
        self._status = status
        self._headers = headers

    def response(self) -> Response:
        """The answer that tells the caller."""
        return json_response(self._status, {"error": self.error, "error_description": self.description}, self._headers)


ANSWERS: Mapping["error_reason_pb2.ErrorReason", tuple[int, str]] = MappingProxyType(
    {
        error_reason_pb2.ERROR_REASON_INVALID_REQUEST: (400, "invalid_request"),
        error_reason_pb2.ERROR_REASON_INVALID_CLIENT: (401, "invalid_client"),
        error_reason_pb2.ERROR_REASON_UNAUTHORIZED_CLIENT: (400, "unauthorized_client"),
        error_reason_pb2.ERROR_REASON_UNSUPPORTED_GRANT_TYPE: (400, "unsupported_grant_type"),
        error_reason_pb2.ERROR_REASON_INVALID_SCOPE: (400, "invalid_scope"),
        error_reason_pb2.ERROR_REASON_INVALID_TARGET: (400, "invalid_target"),  # RFC 8707 section 2
        error_reason_pb2.ERROR_REASON_RATE_LIMITED: (429, "temporarily_unavailable"),
        error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE: (503, "temporarily_unavailable"),
        error_reason_pb2.ERROR_REASON_INTERNAL: (500, "server_error"),
        # The rest answers no token request; a core that says so here is at fault.
        error_reason_pb2.ERROR_REASON_UNSPECIFIED: (500, "server_error"),
        error_reason_pb2.ERROR_REASON_CLIENT_NOT_FOUND: (500, "server_error"),
        error_reason_pb2.ERROR_REASON_CONFLICT: (500, "server_error"),
        error_reason_pb2.ERROR_REASON_ALONE_ONLY: (500, "server_error"),
        error_reason_pb2.ERROR_REASON_UNKNOWN_ACTOR: (500, "server_error"),
        error_reason_pb2.ERROR_REASON_SECRET_NOT_FOUND: (500, "server_error"),
    }
)
"""For every reason of the core, the HTTP status and the OAuth error. Total: a test holds it against the enum."""


def invalid_request(description: str, *, status: int | None = None, headers: tuple[Header, ...] = ()) -> OAuthError:
    """The request is malformed (RFC 6749 section 5.2); *status* is for what HTTP has a more telling one."""
    usual, error = ANSWERS[error_reason_pb2.ERROR_REASON_INVALID_REQUEST]
    return OAuthError(status or usual, error, description, headers)


def invalid_target(description: str) -> OAuthError:
    """What the token is to be meant for cannot be read (RFC 8707 section 2)."""
    return _error(error_reason_pb2.ERROR_REASON_INVALID_TARGET, description)


def invalid_client() -> OAuthError:
    """Client authentication failed. One answer for every cause, a missing secret included, so that none shows."""
    return _error(
        error_reason_pb2.ERROR_REASON_INVALID_CLIENT,
        "Client authentication failed: check the client id and the client secret, "
        "and send them by HTTP Basic or in the body.",
        (_CHALLENGE,),
    )


def temporarily_unavailable(
    description: str,
    *,
    reason: "error_reason_pb2.ErrorReason" = error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE,
    retry_after: timedelta = _TRY_AGAIN_AFTER,
) -> OAuthError:
    """The request is fine, the moment is not. The caller should wait for *retry_after* before trying again."""
    seconds = max(1, math.ceil(retry_after.total_seconds()))  # RFC 9110 section 10.2.3: whole seconds.
    return _error(reason, description, ((b"retry-after", b"%d" % seconds),))


def unreachable() -> OAuthError:
    """No core answered in time."""
    return temporarily_unavailable("The service did not answer in time: try again after the time in Retry-After.")


def server_error(
    request_id: str | None = None, *, reason: "error_reason_pb2.ErrorReason" = error_reason_pb2.ERROR_REASON_INTERNAL
) -> OAuthError:
    """A fault of the service. The caller gets no cause, only *request_id* to report: the log has the cause under it."""
    headers: tuple[Header, ...] = ((b"x-request-id", request_id.encode()),) if request_id else ()
    return _error(reason, "The service failed: try again, and report it if it goes on.", headers)


def oauth_error_of(refused: Refused) -> OAuthError:
    """The error that a refusal of the core is."""
    # A reason that this version does not know comes from a newer core: a fault of whoever deployed them.
    reason = refused.reason if refused.reason in ANSWERS else error_reason_pb2.ERROR_REASON_INTERNAL
    description = (
        refused.description if _DESCRIPTION.fullmatch(refused.description) else "The request was refused: see error."
    )
    match reason:
        case error_reason_pb2.ERROR_REASON_INVALID_CLIENT:
            return invalid_client()
        case error_reason_pb2.ERROR_REASON_RATE_LIMITED | error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE:
            return temporarily_unavailable(
                description, reason=reason, retry_after=refused.retry_after or _TRY_AGAIN_AFTER
            )
        case _ if ANSWERS[reason] == ANSWERS[error_reason_pb2.ERROR_REASON_INTERNAL]:
            return server_error(refused.request_id, reason=reason)
        case _:
            return _error(reason, description)


def _error(reason: "error_reason_pb2.ErrorReason", description: str, headers: tuple[Header, ...] = ()) -> OAuthError:
    status, error = ANSWERS[reason]
    return OAuthError(status, error, description, headers)

"""The one way in which the domain says no.

(That the store is gone it says by `ports.StorageUnavailable`; whoever answers the caller makes a refusal of it.)
"""

from datetime import timedelta
from enum import Enum, auto


class Reason(Enum):
    """Why something is refused; `grantway.v1.ErrorReason` documents each for callers.

    STORAGE_UNAVAILABLE and INTERNAL are what failures become on the way out (`rpc.status`): the domain gives neither.
    """

    INVALID_REQUEST = auto()
    INVALID_CLIENT = auto()
    UNAUTHORIZED_CLIENT = auto()
    UNSUPPORTED_GRANT_TYPE = auto()
    INVALID_SCOPE = auto()
    INVALID_TARGET = auto()
    RATE_LIMITED = auto()
    STORAGE_UNAVAILABLE = auto()
    INTERNAL = auto()
    CLIENT_NOT_FOUND = auto()
    CONFLICT = auto()
    ALONE_ONLY = auto()
    UNKNOWN_ACTOR = auto()
    SECRET_NOT_FOUND = auto()


class Refusal(Exception):
    """A request is refused.

    Raised where one request is decided, and handed about as a value where a batch is: one item's refusal is no reason
    to stop. Each is made anew; none is shared between requests.

    Attributes:
        reason: What callers decide by.
        description: One public sentence that says what to change, as the gateway writes them: with a full stop, and the
            name of a field as it is. Printable ASCII without quotes and backslashes (RFC 6749 section 5.2), and never a
            copy of input.
        retry_after: How long to wait before trying again; None when that does not help.
        request_id: Under which id the cause is in the log; None when the service is not at fault.
    """

    def __init__(
        self,
        reason: Reason,
        description: str,
        *,
        retry_after: timedelta | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason, description)
        self.reason = reason
        self.description = description
        self.retry_after = retry_after
        self.request_id = request_id


def invalid_request(description: str) -> Refusal:
    """A field is missing, malformed or too long."""
    return Refusal(Reason.INVALID_REQUEST, description)


INVALID_CLIENT_TEXT = "Client authentication failed: check the client id and the client secret."
"""One text for every cause, so that none can be told from another."""

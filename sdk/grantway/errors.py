"""What can go wrong when calling Grantway or checking a token.

GrantwayError
├── Refused             the core answered: no, for a reason
├── Unreachable         no core answered in time: it may or may not have been done
├── InvalidToken        the token that was to be checked is not good
└── InsufficientScope   it is, and may not do this
"""

from collections.abc import Iterable
from datetime import timedelta

from grantway.v1 import error_reason_pb2


class GrantwayError(Exception):
    """Any failure of a call to Grantway. Its text never holds a secret or a token."""


class Refused(GrantwayError):
    """The core refused the request.

    Attributes:
        reason: A value of `grantway.v1.ErrorReason`: what to decide by.
        description: One sentence for a developer that says what to change.
        retry_after: How long to wait before trying again; None when the core does not say.
        request_id: Under which id the cause stands in the core's log, when the core is at fault; None otherwise.
    """

    def __init__(
        self,
        reason: "error_reason_pb2.ErrorReason",
        description: str,
        retry_after: timedelta | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason, description, retry_after, request_id)
        self.reason = reason
        self.description = description
        self.retry_after = retry_after
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.reason_name}: {self.description}"

    @property
    def reason_name(self) -> str:
        """The reason as `google.rpc.ErrorInfo` spells it, like "INVALID_CLIENT"; INTERNAL for one of a newer core."""
        if self.reason == error_reason_pb2.ERROR_REASON_UNSPECIFIED:
            return "INTERNAL"
        try:
            return error_reason_pb2.ErrorReason.Name(self.reason).removeprefix("ERROR_REASON_")
        except ValueError:
            return "INTERNAL"


class Unreachable(GrantwayError):
    """No core answered within the deadline; the request may or may not have been carried out.

    Attributes:
        tls_problem: Why TLS could not be spoken with it, where that is what went wrong; else "".
    """

    def __init__(self, text: str, *, tls_problem: str = "") -> None:
        super().__init__(f"{text}: {tls_problem}" if tls_problem else text)
        self.tls_problem = tls_problem


class InvalidToken(GrantwayError):
    """The token is malformed, or not active: RFC 6750 calls it invalid_token. Why, only administrators are told."""


class InsufficientScope(GrantwayError):
    """The token is good, but not for this: RFC 6750 calls it insufficient_scope.

    Attributes:
        required: The scopes that are needed, in the order that was given.
    """

    def __init__(self, required: Iterable[str]) -> None:
        self.required = tuple(required)
        super().__init__(self.required)

    def __str__(self) -> str:
        return f"the token lacks a scope that is needed: {' '.join(self.required)}"

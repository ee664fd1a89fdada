"""Access tokens of gRPC calls: what each method needs, and how a call without a good one is answered."""

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from http import HTTPStatus

import grpc

from grantway import VerifiedToken
from grantway.adapters.bearer import Denied, Exemptions, checked_realm, checked_scopes, read_token

current_token: ContextVar[VerifiedToken] = ContextVar("grantway.current_token")
"""The token of the call that is being handled: `current_token.get()`. Not set for a method that is public."""

_STATUSES = {
    HTTPStatus.BAD_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    HTTPStatus.UNAUTHORIZED: grpc.StatusCode.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    HTTPStatus.SERVICE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}

_KEY = "authorization"


class Methods:
    """What calls of each method need. See the interceptors for the arguments."""

    def __init__(self, *, scopes: Mapping[str, str | Iterable[str]] | None, public: Iterable[str], realm: str) -> None:
        self._public = Exemptions(public)
        self._realm = checked_realm(realm)
        self._scopes = None
        if scopes is not None:
            Exemptions(scopes)  # A name that can match nothing is a mistake here too.
            self._scopes = {name: checked_scopes(each) for name, each in scopes.items()}

    def needs_no_token(self, method: str) -> bool:
        """Whether everybody may call *method*."""
        return method in self._public

    def scopes_of(self, method: str) -> tuple[str, ...]:
        """What a token needs for *method*.

        Raises:
            Denied: Nobody said: no token will do.
        """
        if self._scopes is None:
            return ()
        service = method.rpartition("/")[0]
        for name in (method, f"{service}/*", "/*"):
            if name in self._scopes:
                return self._scopes[name]
        raise Denied(HTTPStatus.FORBIDDEN, "insufficient_scope", "It is not said which scope this method needs.")

    def status_of(self, denied: Denied) -> tuple[grpc.StatusCode, str, tuple[tuple[str, str], ...]]:
        """How a call is ended: status, details, trailing metadata."""
        challenge = denied.challenge(self._realm)
        trailing = () if challenge is None else (("www-authenticate", challenge),)
        return _STATUSES[denied.status], denied.description, trailing


def token_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The token in the metadata of a call.

    Raises:
        Denied: There is none, or more than one.
    """
    values: Sequence[str] = [str(value) for key, value in metadata if key == _KEY]
    return read_token(values)

"""Calls that may be repeated although they make a secret: the outcome is kept, and the secret is not.

The secret is derived from the caller's idempotency key and a salt. The salt is kept with the outcome, the key is not:
whoever holds the key gets the same secret again, and the store alone yields none.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from grantway_server.domain.refusals import Reason, Refusal, invalid_request

SALT_BYTES = 32
OUTCOME_KEPT = timedelta(days=1)
"""How long a call may be repeated."""
_KEY = re.compile(r"[\x21-\x7e]{16,100}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call did, for its repetition."""

    fingerprint: bytes
    """Of the request: another one with the same key is a mistake."""
    client_id: str
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """What makes a call repeatable.

    Args:
        key: As the caller chose it. Worth as much as the secret for as long as the outcome is kept.
        request: All else that was asked for, in one form only.
    """

    key: str = field(repr=False)
    request: bytes = field(repr=False)

    def validated(self) -> "Idempotency":
        """This, if the key can be one.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if not _KEY.fullmatch(self.key):
            raise invalid_request("idempotency_key must be 16 to 100 characters of printable ASCII without spaces.")
        return self

    @property
    def name(self) -> bytes:
        """What the outcome is kept under."""
        return sha256(b"idempotency key " + self.key.encode()).digest()

    def outcome(self, client_id: str, salt: bytes) -> Outcome:
        """What is kept of the call."""
        return Outcome(fingerprint=sha256(self.request).digest(), client_id=client_id, salt=salt)

    def check(self, outcome: Outcome) -> None:
        """Refuses a key that was used for something else.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if outcome.fingerprint != sha256(self.request).digest():
            raise invalid_request("idempotency_key was used for another request: choose a new one.")


def secret_was_ended() -> Refusal:
    """A repetition cannot have the outcome of the call: what it made is good for nothing any more."""
    return Refusal(Reason.SECRET_NOT_FOUND, "The secret that this idempotency_key made has ended since.")

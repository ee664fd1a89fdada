"""Client secrets: their text, and how one is checked.

    gws_live_ k3v9x2ab (secret id) _ 43 characters of base64url (256 random bits) 89abcdef (CRC-32 of all before)

The secret id makes the check one look-up and one comparison however many secrets a client has. 256 random bits need no
slow hash: guessing is hopeless, and slow hashes are what makes token endpoints slow. A secret is made of
`[A-Za-z0-9_-]` only, so that clients that percent-encode Basic credentials (RFC 6749 section 2.3.1) and those that do
not send the same.
"""

import hmac
from base64 import b32encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.environment import Environment
from grantway_server.domain.randomness import RandomBytes

_SECRET_ID_BYTES = 5
_SECRET_ID_LENGTH = 8
_RANDOM_BYTES = 32
_LONGEST_READ = 512
"""What of a longer text is hashed. No secret is half as long, so that what is left is as wrong as the whole."""

_NO_DIGEST = bytes(32)
"""Compared with when there is nothing to compare with; no known text has this digest."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What is stored of a client secret; never its text."""

    secret_id: str
    digest: bytes
    created_at: datetime


class SecretFormat:
    """The text and the digests of the client secrets of one environment.

    Args:
        environment: Stands in the text.
        pepper: Keys the digests, so that a stolen store alone does not even allow guessing. None means plain digests.
            Changing it invalidates every secret.
    """

    def __init__(self, environment: Environment, *, pepper: bytes | None) -> None:
        self._prefix = f"gws_{environment}_"
        self._pepper = pepper

    def mint(self, random_bytes: RandomBytes, *, now: datetime) -> tuple[str, Secret]:
        """A new client secret: its text, to be shown once, and what is stored of it."""
        secret_id = b32encode(random_bytes(_SECRET_ID_BYTES)).decode("ascii").lower()
        random_part = urlsafe_b64encode(random_bytes(_RANDOM_BYTES)).decode("ascii").rstrip("=")
        text = with_checksum(f"{self._prefix}{secret_id}_{random_part}")
        return text, Secret(secret_id=secret_id, digest=self._digest(text), created_at=now)

    def verify(self, text: str, secrets: tuple[Secret, ...]) -> Secret | None:
        """The one of *secrets* that *text* is, or None.

        Does the same work whether there is such a secret, whether it is right, and whether *text* is a secret at all.
        """
        # No need to see whether the rest is well-formed: only the right text has the right digest.
        of_here = text.startswith(self._prefix)
        secret_id = text[len(self._prefix) : len(self._prefix) + _SECRET_ID_LENGTH] if of_here else None
        candidate, expected = None, _NO_DIGEST
        for secret in secrets:
            if secret.secret_id == secret_id:
                candidate, expected = secret, secret.digest
        return candidate if hmac.compare_digest(self._digest(text[:_LONGEST_READ]), expected) else None

    def _digest(self, text: str) -> bytes:
        data = text.encode()
        return hmac.digest(self._pepper, data, "sha256") if self._pepper else sha256(data).digest()

"""Client secrets: their text, and how one is checked.

    gws_live_ k3v9x2ab (secret id) _ 43 characters of base64url (256 random bits) 89abcdef (CRC-32 of all before)

The secret id makes the check one look-up and one comparison however many secrets a client has. 256 random bits need no
slow hash: guessing is hopeless, and slow hashes are what makes token endpoints slow. A secret is made of
`[A-Za-z0-9_-]` only, so that clients that percent-encode Basic credentials (RFC 6749 section 2.3.1) and those that do
not send the same.
"""

import hmac
import re
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from grantway_server.domain.checksum import has_valid_checksum, with_checksum
from grantway_server.domain.environment import Environment
from grantway_server.domain.randomness import RandomBytes

_SECRET_ID_BYTES = 5
_SECRET_ID_LENGTH = 8
_SECRET_ID = re.compile(rf"[a-z2-7]{{{_SECRET_ID_LENGTH}}}")
_RANDOM_BYTES = 32
_LONGEST_READ = 512
"""What of a longer text is hashed. No secret is half as long, so that what is left is as wrong as the whole."""

AnySecret = TypeVar("AnySecret", "Secret", "RetiredSecret")

_NO_DIGEST = bytes(32)
"""Compared with when there is nothing to compare with; no known text has this digest."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What is stored of a client secret; never its text."""

    secret_id: str
    digest: bytes = field(repr=False)
    """Empty while only another system's hash is known."""
    created_at: datetime
    expires_at: datetime | None = None
    """The secret is good before this moment, not at it; None means for ever."""
    foreign_hash: str = field(default="", repr=False)
    """What another system stored of it; "" once there is a digest."""

    @property
    def is_foreign(self) -> bool:
        """Whether it was imported and never used since."""
        return bool(self.foreign_hash)

    def is_good(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class RetiredSecret:
    """What is kept of a secret that was ended: enough to tell one who still presents it from one who guesses."""

    secret_id: str
    digest: bytes = field(repr=False)
    retired_at: datetime


class SecretFormat:
    """The text and the digests of the client secrets of one environment.

    Args:
        environment: Stands in the text.
        pepper: Keys the digests, so that a stolen store alone does not even allow guessing. None means plain digests.
            Changing it invalidates every secret.
    """

    def __init__(self, environment: Environment, *, pepper: bytes | None) -> None:
        self._prefix = f"gws_{environment}_"
        self._id_start = len(self._prefix)
        self._id_end = self._id_start + _SECRET_ID_LENGTH
        self._other_prefix = f"gws_{environment.other}_"
        self._pattern = re.compile(rf"{self._prefix}[a-z2-7]{{{_SECRET_ID_LENGTH}}}_[A-Za-z0-9_-]{{43}}[0-9a-f]{{8}}")
        self._pepper = pepper

    def mint(self, random_bytes: RandomBytes, *, now: datetime) -> tuple[str, Secret]:
        """A new client secret: its text, to be shown once, and what is stored of it."""
        text = self._text(random_bytes(_SECRET_ID_BYTES), random_bytes(_RANDOM_BYTES))
        return text, Secret(secret_id=self._secret_id(text), digest=self._digest(text), created_at=now)

    def derive(self, key: str, salt: bytes, *, now: datetime) -> tuple[str, Secret]:
        """The same of a secret that *key* and *salt* yield, the same one every time.

        Neither is enough alone, and with a pepper not both of them.
        """
        bits = hmac.digest(self._pepper or b"", salt + key.encode(), "sha512")
        text = self._text(bits[:_SECRET_ID_BYTES], bits[_SECRET_ID_BYTES : _SECRET_ID_BYTES + _RANDOM_BYTES])
        return text, Secret(secret_id=self._secret_id(text), digest=self._digest(text), created_at=now)

    def imported(self, foreign_hash: str, random_bytes: RandomBytes, *, now: datetime) -> Secret:
        """What is stored of a secret of which another system's hash is known."""
        secret_id = _id_text(random_bytes(_SECRET_ID_BYTES))
        return Secret(secret_id=secret_id, digest=b"", created_at=now, foreign_hash=foreign_hash)

    def adopted(self, secret: Secret, text: str) -> Secret:
        """*secret*, an imported one, after *text* was found to be it."""
        return replace(secret, digest=self._digest(text), foreign_hash="")

    def is_own(self, text: str) -> bool:
        """Whether *text* is in the form of this environment's secrets, whether it is one or not."""
        return text.startswith(self._prefix)

    def id_of(self, text: str) -> str | None:
        """The id of the secret that *text* could be; None when form or checksum say that it is none of here."""
        if not self._pattern.fullmatch(text) or not has_valid_checksum(text):
            return None
        return self._secret_id(text)

    def verify(self, text: str, secrets: Iterable[AnySecret]) -> AnySecret | None:
        """The one of *secrets* that *text* is, or None. Whether it has expired is not asked.

        Does the same work whether there is such a secret, whether it is right, and whether *text* is a secret at all.
        """
        # No need to see whether the rest is well-formed: only the right text has the right digest.
        secret_id: str | None = None
        if text.startswith(self._prefix):
            secret_id = text[self._id_start : self._id_end]
        elif text.startswith(self._other_prefix):
            secret_id = ""  # No secret has it: the environments never mix, not even where both are in one store.
        digest = self._digest(text[:_LONGEST_READ])
        # The text of an imported secret holds no id; the first bytes of its digest serve as one.
        candidate: AnySecret | None = None
        expected = _NO_DIGEST
        for secret in secrets:
            if secret.secret_id == secret_id or (secret_id is None and secret.digest[:4] == digest[:4]):
                candidate, expected = secret, secret.digest
        return candidate if hmac.compare_digest(digest, expected) else None

    def _text(self, secret_id: bytes, random_part: bytes) -> str:
        random_text = urlsafe_b64encode(random_part).decode("ascii").rstrip("=")
        return with_checksum(f"{self._prefix}{_id_text(secret_id)}_{random_text}")

    def _secret_id(self, text: str) -> str:
        return text[self._id_start : self._id_end]

    def _digest(self, text: str) -> bytes:
        data = text.encode()
        return hmac.digest(self._pepper, data, "sha256") if self._pepper else sha256(data).digest()


def is_secret_id(text: str) -> bool:
    """Whether *text* could be the id of a secret."""
    return _SECRET_ID.fullmatch(text) is not None


def _id_text(secret_id: bytes) -> str:
    return b32encode(secret_id).decode("ascii").lower()

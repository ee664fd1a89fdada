"""Access tokens: their text, the digest under which they are stored, and what is known of them.

    client_oa2_live_ 0123…(40 hex digits: 160 random bits) 89abcdef (CRC-32 of all before)

RFC 6749 section 10.10 asks for a chance of guessing of at most 2^-160. The alphabet fits RFC 6750 section 2.1 without
escaping.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from grantway_server.domain.audiences import Audiences
from grantway_server.domain.checksum import has_valid_checksum, with_checksum
from grantway_server.domain.environment import Environment
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.scopes import Scopes

MAX_LIFETIME = timedelta(days=365)
"""No token lives longer, whatever is configured."""

KEPT_AFTER_EXPIRY = timedelta(minutes=5)
"""For so long a token that has expired can be told from one that never was."""

TOKEN_ID_LENGTH = 16
"""Characters in the id of a token."""

_RANDOM_BYTES = 20
_DIGEST_BYTES = 16


@dataclass(slots=True)
class Token:
    """What is stored of an access token; never its text. Nobody changes one (see `issuance` on why not frozen)."""

    client_id: str
    epoch: int
    """The client's epoch at issue; see `revocations`."""
    issued_at: datetime
    """To the second."""
    lifetime: timedelta
    """Whole seconds."""
    scopes: Scopes
    audiences: Audiences
    secret_id: str = ""
    """The secret that obtained it; "" when that was not written down."""

    @property
    def expires_at(self) -> datetime:
        """The token is active before this moment, not at it."""
        return self.issued_at + self.lifetime


class TokenFormat:
    """The text of the access tokens of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._prefix = f"client_oa2_{environment}_"
        self._pattern = re.compile(rf"{self._prefix}[0-9a-f]{{48}}")

    def mint(self, count: int, random_bytes: RandomBytes) -> list[str]:
        """New access tokens, *count* of them, from one draw of randomness."""
        draw = random_bytes(count * _RANDOM_BYTES).hex()
        digits = 2 * _RANDOM_BYTES
        return [
            with_checksum(self._prefix + draw[start : start + digits]) for start in range(0, count * digits, digits)
        ]

    def matches(self, text: str) -> bool:
        """Whether *text* could be a token of this environment; if not, no look-up is needed."""
        return self._pattern.fullmatch(text) is not None and has_valid_checksum(text)


def digest(access_token: str) -> bytes:
    """What the store knows an access token by: the first 128 bits of its SHA-256.

    Half a digest is enough: tokens are random, so nobody can choose two that collide, and finding one for a known
    digest costs 2^128. It halves the keys of millions of tokens.
    """
    return sha256(access_token.encode("ascii")).digest()[:_DIGEST_BYTES]


def token_id(token_digest: bytes) -> str:
    """A name for a token that is safe to log: `TOKEN_ID_LENGTH` hex digits."""
    return token_digest[: TOKEN_ID_LENGTH // 2].hex()

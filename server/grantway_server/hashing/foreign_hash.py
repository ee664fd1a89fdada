"""A hash as another system has stored it, and what holds of all of them whatever their form."""

from dataclasses import dataclass
from typing import Protocol

from grantway_server.domain.foreign_secrets import UnsupportedHash

_LONGEST_TEXT_BYTES = 512
"""Of a longer text so much is hashed; it is as wrong as any other, and as slow."""


class HashAlgorithm(Protocol):
    """One algorithm with the parameters, the salt and the digest of one stored hash."""

    @property
    def format_name(self) -> str:
        """Which of the formats it is: a fixed short name, fit for a log or a label."""

    def matches(self, text: bytes) -> bool:
        """Whether the digest is that of *text*; in the same time whatever *text* is. Blocks."""


@dataclass(frozen=True, slots=True)
class ForeignHash:
    """A stored hash that can be checked within the bounds on what it may cost. Shows neither salt nor digest."""

    algorithm: HashAlgorithm

    @property
    def format_name(self) -> str:
        """Which of the formats it is: a fixed short name, fit for a log or a label."""
        return self.algorithm.format_name

    def matches(self, text: str) -> bool:
        """Whether the hash is that of *text*, in UTF-8. Blocks for as long as the hash costs, whatever *text* is.

        An empty text never matches, even where the hash is that of one: django-oauth-toolkit stores such a hash for its
        public clients, and as a secret it would let anybody in. Nor does a text of more than 512 bytes, nor one with a
        NUL, which no client secret has (RFC 6749 appendix A.2): PBKDF2 does not see it at the end, some implementations
        of bcrypt take it for the end.
        """
        # Half a surrogate pair is as wrong as any text, and no error.
        data = text[: _LONGEST_TEXT_BYTES + 1].encode("utf-8", "surrogatepass")
        right = self.algorithm.matches(data[:_LONGEST_TEXT_BYTES])
        return right and 0 < len(data) <= _LONGEST_TEXT_BYTES and b"\0" not in data


def damaged(form: str) -> UnsupportedHash:
    """What to say of a hash that begins like *form* and does not go on so."""
    return UnsupportedHash(f"secret_hash is damaged: copy the whole of it, in the form {form}.")


def too_costly(bound: str) -> UnsupportedHash:
    """What to say of a hash that would cost more than *bound*."""
    return UnsupportedHash(f"secret_hash asks for more than {bound}: give this client a new secret instead.")

"""bcrypt: 60 characters, `$2b$<cost>$` and 22 of salt and 31 of digest in an alphabet of its own.

    $2a$... $2b$... $2y$...     as most systems store it, Ory Hydra (`oauth2.hashers.algorithm: bcrypt`) among them
    bcrypt$$2b$...              Django's `BCryptPasswordHasher` (django/contrib/auth/hashers.py)
    bcrypt_sha256$$2b$...       Django's `BCryptSHA256PasswordHasher`: bcrypt of the hex digits of the text's SHA-256
    {bcrypt}$2a$...             Spring Security's `DelegatingPasswordEncoder`, and so Cloud Foundry UAA

`$2a$`, `$2b$` and `$2y$` are one algorithm for all texts that can match here; `$2x$` and `$2$` mark bugs of their day
and are not supported.

bcrypt reads 72 bytes of a text. What becomes of the rest is decided as the hash's own system decides it:
- Django (with bcrypt before 5.0) and Spring Security (`BCrypt.checkpw`, also after CVE-2025-22228) leave it away, and
  secrets longer than that are about: django-oauth-toolkit makes 128 characters by default. So is it here.
- Hydra refuses longer texts (ory/x hasherx/hasher_bcrypt.go), and of a hash with no system's mark nobody knows: a
  longer text does not match, whatever it begins with.
"""

import hmac
import re
from dataclasses import dataclass, field
from hashlib import sha256

import bcrypt

from grantway_server.hashing.foreign_hash import damaged, too_costly

_LEAST_COST = 4
_HIGHEST_COST = 16
"""Some seconds of work; one more is twice as much. 10 to 12 are usual."""
_BYTES_READ = 72

_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# The last character of the digest stands for 4 bits and 2 that are always 0.
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{30}[.CGKOSWaeimquy26])")
_FORM = "$2b$cost$ and 53 characters"


@dataclass(frozen=True, slots=True)
class BcryptHash:
    """Salt and digest of one secret, and how its system brings a text down to 72 bytes."""

    format_name: str
    cost: int
    salt: str = field(repr=False)
    digest: str = field(repr=False)
    truncates: bool = False
    prehashes: bool = False

    def matches(self, text: bytes) -> bool:
        """Whether the digest is that of *text*."""
        key = sha256(text).hexdigest().encode("ascii") if self.prehashes else text
        whole = self.truncates or len(key) <= _BYTES_READ
        computed = bcrypt.hashpw(key[:_BYTES_READ], f"$2b${self.cost:02}${self.salt}".encode("ascii"))
        return hmac.compare_digest(computed[-len(self.digest) :], self.digest.encode("ascii")) and whole


def parse_bcrypt(stored: str) -> BcryptHash:
    """Reads a hash with no system's mark.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    return BcryptHash("bcrypt", *_parts(stored, "", _FORM))


def parse_django_bcrypt(stored: str) -> BcryptHash:
    """Reads a hash of Django's `BCryptPasswordHasher`.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    return BcryptHash("django-bcrypt", *_parts(stored, "bcrypt$", f"bcrypt${_FORM}"), truncates=True)


def parse_django_bcrypt_sha256(stored: str) -> BcryptHash:
    """Reads a hash of Django's `BCryptSHA256PasswordHasher`.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    parts = _parts(stored, "bcrypt_sha256$", f"bcrypt_sha256${_FORM}")
    return BcryptHash("django-bcrypt-sha256", *parts, prehashes=True)


def parse_spring_bcrypt(stored: str) -> BcryptHash:
    """Reads a hash of Spring Security's.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    return BcryptHash("spring-bcrypt", *_parts(stored, "{bcrypt}", f"{{bcrypt}}{_FORM}"), truncates=True)


def _parts(stored: str, mark: str, form: str) -> tuple[int, str, str]:
    found = _BCRYPT.fullmatch(stored.removeprefix(mark))
    if not found or int(found[1]) < _LEAST_COST:
        raise damaged(form)
    if int(found[1]) > _HIGHEST_COST:
        raise too_costly(f"a bcrypt cost of {_HIGHEST_COST}")
    # The last character of the salt stands for 2 bits. Some systems fill up the other 4 at random; none reads them.
    last = _ALPHABET[_ALPHABET.index(found[2][-1]) & 0b110000]
    return int(found[1]), found[2][:-1] + last, found[3]

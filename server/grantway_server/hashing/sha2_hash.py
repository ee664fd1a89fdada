"""One round of SHA-256 or SHA-512: enough for a long random secret, and what several systems store of one.

    {SHA-256}<digest>   {SHA256}<digest>
        Of the text: OpenLDAP's pw-sha2 (contrib/slapd-modules/passwd/sha2/README), in RFC 2307's notation.
    {SHA-256}{<salt>}<digest>
        Of the text and then `{<salt>}`, braces and all: Spring Security's `MessageDigestPasswordEncoder`.
    {SSHA-256}<digest and salt>   {SSHA256}<digest and salt>
        Of the text and then the salt; digest and salt in base64 together: pw-sha2.

And the same with 512.

A digest is in hex, or in base64 with its padding; digest and salt together in base64 only. IdentityServer and Duende
store the base64 with nothing in front: put `{SHA-256}` or `{SHA-512}` there, since without it nothing tells it from
clear text. The mark is in capitals: Spring's `{sha256}` is another algorithm. Not supported: `sha256$salt$hex`, which
means an HMAC where Werkzeug wrote it (before 3.0) and other things elsewhere.
"""

import hmac
import re
from dataclasses import dataclass, field
from hashlib import new

from grantway_server.hashing.foreign_hash import damaged
from grantway_server.hashing.strict_base64 import read_base64

_PLAIN = re.compile(r"\{SHA-?(256|512)\}(\{[^{}]*\})?([^{}]+)")
_SALTED = re.compile(r"\{SSHA-?(256|512)\}([^{}]+)")
_HEX = re.compile(r"[0-9A-Fa-f]+")


@dataclass(frozen=True, slots=True)
class Sha2Hash:
    """Digest of one secret, with the salt behind it if it has one."""

    format_name: str
    algorithm: str
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    def matches(self, text: bytes) -> bool:
        """Whether the digest is that of *text*."""
        return hmac.compare_digest(new(self.algorithm, text + self.salt).digest(), self.digest)


def parse_sha2(stored: str) -> Sha2Hash:
    """Reads a digest, without a salt or with one in braces.

    Raises:
        UnsupportedHash: It is none.
    """
    found = _PLAIN.fullmatch(stored)
    algorithm = f"sha{found[1]}" if found else "sha256"
    digest = _read_digest(found[3], new(algorithm).digest_size) if found else b""
    if not found or not digest:
        raise damaged("{SHA-256}digest or {SHA-256}{salt}digest, the digest in hex or base64")
    if found[2] is None:
        return Sha2Hash(algorithm, algorithm, b"", digest)
    return Sha2Hash(f"spring-{algorithm}", algorithm, found[2].encode("ascii"), digest)


def parse_salted_sha2(stored: str) -> Sha2Hash:
    """Reads a digest and the salt behind it, in base64 together.

    Raises:
        UnsupportedHash: It is none.
    """
    found = _SALTED.fullmatch(stored)
    algorithm = f"sha{found[1]}" if found else "sha256"
    size = new(algorithm).digest_size
    both = read_base64(found[2], padded=True) if found else b""
    if len(both) <= size:
        raise damaged("{SSHA256} and the base64 of digest and salt together")
    return Sha2Hash(f"ldap-s{algorithm}", algorithm, both[size:], both[:size])


def _read_digest(text: str, size: int) -> bytes:
    is_hex = len(text) == 2 * size and _HEX.fullmatch(text)
    digest = bytes.fromhex(text) if is_hex else read_base64(text, padded=True)
    return digest if len(digest) == size else b""

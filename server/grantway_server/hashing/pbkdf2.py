"""PBKDF2 (RFC 8018 section 5.2) as Django and Ory Hydra store it.

    pbkdf2_sha256$<iterations>$<salt>$<digest>
    pbkdf2_sha1$<iterations>$<salt>$<digest>
        Django's `PBKDF2PasswordHasher` (django/contrib/auth/hashers.py), with which django-oauth-toolkit hashes client
        secrets: the salt is the text itself, the digest of full length in padded base64.
    $pbkdf2-sha256$i=<iterations>,l=<length>$<salt>$<digest>
    $pbkdf2-sha512$i=<iterations>,l=<length>$<salt>$<digest>
        Hydra's `hasherx` (ory/x hasherx/hasher_pbkdf2.go and hash_comparator.go): the options in this order, salt and
        digest in strict base64 without padding, the digest's length in bytes.

Hydra itself uses SHA-256 alone. Not supported, because one name means two things: its `$pbkdf2-sha224$` and
`$pbkdf2-sha384$` are SHA-3, other systems' are SHA-2.
"""

import hmac
import re
from dataclasses import dataclass, field
from hashlib import new, pbkdf2_hmac

from grantway_server.hashing.foreign_hash import damaged, too_costly
from grantway_server.hashing.strict_base64 import read_base64

_MOST_ITERATIONS = 10_000_000
"""Some seconds of work. Django's default was 1,000,000 in 2025."""
_SHORTEST_DIGEST = 16
_LONGEST_DIGEST = 64

_DJANGO = re.compile(r"pbkdf2_(sha256|sha1)\$([1-9][0-9]{0,11})\$([^$]+)\$([^$]+)")
_HYDRA = re.compile(r"\$pbkdf2-(sha256|sha512)\$i=([1-9][0-9]{0,11}),l=([0-9]{1,3})\$([^$]+)\$([^$]+)")


@dataclass(frozen=True, slots=True)
class Pbkdf2Hash:
    """Salt and digest of one secret, and how many iterations of HMAC with which algorithm lie between."""

    format_name: str
    algorithm: str
    iterations: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    def matches(self, text: bytes) -> bool:
        """Whether the digest is that of *text*."""
        computed = pbkdf2_hmac(self.algorithm, text, self.salt, self.iterations, dklen=len(self.digest))
        return hmac.compare_digest(computed, self.digest)


def parse_django_pbkdf2(stored: str) -> Pbkdf2Hash:
    """Reads a hash of Django's.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    found = _DJANGO.fullmatch(stored)
    digest = read_base64(found[4], padded=True) if found else b""
    if not found or len(digest) != new(found[1]).digest_size:
        raise damaged("pbkdf2_sha256$iterations$salt$digest")
    return _affordable(
        Pbkdf2Hash(f"django-pbkdf2-{found[1]}", found[1], int(found[2]), found[3].encode("ascii"), digest)
    )


def parse_hydra_pbkdf2(stored: str) -> Pbkdf2Hash:
    """Reads a hash of Hydra's.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    found = _HYDRA.fullmatch(stored)
    salt = read_base64(found[4], padded=False) if found else b""
    digest = read_base64(found[5], padded=False) if found else b""
    well_formed = salt and _SHORTEST_DIGEST <= len(digest) <= _LONGEST_DIGEST
    if not found or not well_formed or len(digest) != int(found[3]):
        raise damaged("$pbkdf2-sha256$i=iterations,l=length$salt$digest")
    return _affordable(Pbkdf2Hash(f"hydra-pbkdf2-{found[1]}", found[1], int(found[2]), salt, digest))


def _affordable(parsed: Pbkdf2Hash) -> Pbkdf2Hash:
    # Every block of the algorithm's size takes all the iterations.
    blocks = -(-len(parsed.digest) // new(parsed.algorithm).digest_size)
    if parsed.iterations * blocks > _MOST_ITERATIONS:
        raise too_costly(f"{_MOST_ITERATIONS} iterations of PBKDF2")
    return parsed

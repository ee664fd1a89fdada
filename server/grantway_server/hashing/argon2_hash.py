"""Argon2 (RFC 9106) in the PHC string format, as the reference implementation, argon2-cffi and Ory's hasherx write it.

    $argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<digest>      and $argon2i$
    argon2$argon2id$v=19$...    Django's `Argon2PasswordHasher` (django/contrib/auth/hashers.py), which writes no `$` in
                                front of the variant

The options stand in this order; salt and digest are in base64 without padding. Without `v=` it is version 16, which
Django wrote once. Not supported: `$argon2d$`, which nobody should have used for secrets, and the options `keyid` and
`data`, which need what is not in the hash.
"""

import hmac
import re
from dataclasses import dataclass, field

from argon2.low_level import Type, core, error_to_str, ffi

from grantway_server.hashing.foreign_hash import damaged, too_costly
from grantway_server.hashing.strict_base64 import read_base64

_MOST_MEMORY_KIB = 256 * 1024
_MOST_WORK_KIB = 2 * 1024 * 1024
"""Memory times passes: some seconds of work. Django's default is a tenth of it."""
_MOST_LANES = 16
_LEAST_MEMORY_KIB_PER_LANE = 8
_SHORTEST_SALT = 8
_SHORTEST_DIGEST = 16
_LONGEST_DIGEST = 64
_FIRST_VERSION = 16

_ARGON2 = re.compile(
    r"\$(argon2id|argon2i)(?:\$v=(16|19))?"
    r"\$m=([1-9][0-9]{0,9}),t=([1-9][0-9]{0,9}),p=([1-9][0-9]{0,9})"
    r"\$([^$]+)\$([^$]+)"
)
_FORM = "$argon2id$v=19$m=memory,t=passes,p=lanes$salt$digest"
_TYPES = {"argon2id": Type.ID, "argon2i": Type.I}


@dataclass(frozen=True, slots=True)
class Argon2Hash:
    """Salt and digest of one secret, and what lies between."""

    format_name: str
    variant: str
    version: int
    memory_kib: int
    passes: int
    lanes: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    def matches(self, text: bytes) -> bool:
        """Whether the digest is that of *text*."""
        return hmac.compare_digest(self._computed(text), self.digest)

    def _computed(self, text: bytes) -> bytes:
        # Not by `hash_secret_raw`: that starts as many threads as there are lanes, whatever the verifier's bound. What
        # comes out does not depend on the number of threads.
        out = ffi.new("uint8_t[]", len(self.digest))
        secret = ffi.new("uint8_t[]", text)
        salt = ffi.new("uint8_t[]", self.salt)
        context = ffi.new(
            "argon2_context *",
            {
                "version": self.version,
                "out": out,
                "outlen": len(self.digest),
                "pwd": secret,
                "pwdlen": len(text),
                "salt": salt,
                "saltlen": len(self.salt),
                "secret": ffi.NULL,
                "secretlen": 0,
                "ad": ffi.NULL,
                "adlen": 0,
                "t_cost": self.passes,
                "m_cost": self.memory_kib,
                "lanes": self.lanes,
                "threads": 1,
                "allocate_cbk": ffi.NULL,
                "free_cbk": ffi.NULL,
                "flags": 0,
            },
        )
        status = core(context, _TYPES[self.variant].value)
        if status:  # The machine's fault, as when there is no memory: the bounds leave no other cause.
            raise RuntimeError(f"argon2: {error_to_str(status)}")
        return bytes(ffi.buffer(out))


def parse_argon2(stored: str) -> Argon2Hash:
    """Reads a hash in the PHC string format.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    return _parsed(stored, "", _FORM)


def parse_django_argon2(stored: str) -> Argon2Hash:
    """Reads a hash of Django's.

    Raises:
        UnsupportedHash: It is none, or costs too much.
    """
    return _parsed(stored.removeprefix("argon2"), "django-", f"argon2{_FORM}")


def _parsed(phc: str, mark: str, form: str) -> Argon2Hash:
    found = _ARGON2.fullmatch(phc)
    if not found:
        raise damaged(form)
    memory_kib, passes, lanes = int(found[3]), int(found[4]), int(found[5])
    salt, digest = read_base64(found[6], padded=False), read_base64(found[7], padded=False)
    well_formed = len(salt) >= _SHORTEST_SALT and _SHORTEST_DIGEST <= len(digest) <= _LONGEST_DIGEST
    if not well_formed or memory_kib < lanes * _LEAST_MEMORY_KIB_PER_LANE:
        raise damaged(form)
    if memory_kib > _MOST_MEMORY_KIB:
        raise too_costly(f"{_MOST_MEMORY_KIB} KiB of memory for Argon2")
    if memory_kib * passes > _MOST_WORK_KIB:
        raise too_costly(f"{_MOST_WORK_KIB} KiB of memory in all passes of Argon2 together")
    if lanes > _MOST_LANES:
        raise too_costly(f"{_MOST_LANES} lanes of Argon2")
    version = int(found[2] or _FIRST_VERSION)
    return Argon2Hash(f"{mark}{found[1]}", found[1], version, memory_kib, passes, lanes, salt, digest)

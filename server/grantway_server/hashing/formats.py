"""Which formats of stored hashes are known, and what each begins with."""

import re
from collections.abc import Callable, Mapping

from grantway_server.domain.foreign_secrets import UnsupportedHash
from grantway_server.hashing.argon2_hash import parse_argon2, parse_django_argon2
from grantway_server.hashing.bcrypt_hash import (
    parse_bcrypt,
    parse_django_bcrypt,
    parse_django_bcrypt_sha256,
    parse_spring_bcrypt,
)
from grantway_server.hashing.foreign_hash import ForeignHash, HashAlgorithm
from grantway_server.hashing.pbkdf2 import parse_django_pbkdf2, parse_hydra_pbkdf2
from grantway_server.hashing.sha2_hash import parse_salted_sha2, parse_sha2

_PARSERS: Mapping[str, Callable[[str], HashAlgorithm]] = {
    "pbkdf2_sha256$": parse_django_pbkdf2,
    "pbkdf2_sha1$": parse_django_pbkdf2,
    "argon2$": parse_django_argon2,
    "bcrypt_sha256$": parse_django_bcrypt_sha256,
    "bcrypt$": parse_django_bcrypt,
    "$2a$": parse_bcrypt,
    "$2b$": parse_bcrypt,
    "$2y$": parse_bcrypt,
    "{bcrypt}": parse_spring_bcrypt,
    "$argon2id$": parse_argon2,
    "$argon2i$": parse_argon2,
    "$pbkdf2-sha256$": parse_hydra_pbkdf2,
    "$pbkdf2-sha512$": parse_hydra_pbkdf2,
    "{SHA-256}": parse_sha2,
    "{SHA256}": parse_sha2,
    "{SHA-512}": parse_sha2,
    "{SHA512}": parse_sha2,
    "{SSHA-256}": parse_salted_sha2,
    "{SSHA256}": parse_salted_sha2,
    "{SSHA-512}": parse_salted_sha2,
    "{SSHA512}": parse_salted_sha2,
}

_LONGEST = 512
_PRINTABLE = re.compile(r"[!-~]*")
_CLEAR_TEXT = re.compile(r"\{(?:noop|plain|clear|cleartext)\}", re.IGNORECASE)


def parse(stored: str) -> ForeignHash:
    """Reads *stored*, a hash as its system has stored it.

    Raises:
        UnsupportedHash: It is in none of the formats, damaged, or would cost too much to check.
    """
    if len(stored) > _LONGEST or not _PRINTABLE.fullmatch(stored):
        raise UnsupportedHash(f"secret_hash must be at most {_LONGEST} printable ASCII characters without spaces.")
    for beginning, parser in _PARSERS.items():
        if stored.startswith(beginning):
            return ForeignHash(parser(stored))
    if _CLEAR_TEXT.match(stored):
        raise UnsupportedHash(
            "secret_hash is marked as clear text: put its hash there, as {SHA-256} and 64 hex digits."
        )
    raise UnsupportedHash(f"secret_hash must begin with one of {' '.join(_PARSERS)} as its format says.")

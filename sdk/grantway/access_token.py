"""The text of access tokens, as far as a caller can judge it without asking.

client_oa2_live_ 0123…(40 hex digits) 89abcdef (CRC-32 of all before)
"""

import re
from hashlib import sha256
from zlib import crc32

PATTERN = r"client_oa2_(?:live|test)_[0-9a-f]{48}"
"""The form of them all, as a regular expression."""

_FORM = re.compile(PATTERN)
_LENGTH = 64
_CHECKSUM_DIGITS = 8
_ID_BYTES = 8


def is_well_formed(text: str) -> bool:
    """Whether *text* could be an access token of either environment; if not, no core need be asked.

    Whether it is one of the core's own environment only the core can say.
    """
    if _FORM.fullmatch(text) is None:
        return False
    return has_valid_checksum(text)


def has_valid_checksum(text: str) -> bool:
    """Whether the last 8 characters of *text* (ASCII) are the CRC-32 of all before; client secrets end so, too."""
    return f"{crc32(text[:-_CHECKSUM_DIGITS].encode('ascii')):08x}" == text[-_CHECKSUM_DIGITS:]


def digest_of(text: str) -> bytes | None:
    """The SHA-256 of *text*; None when it is certainly no access token, which costs little whatever its length.

    Raises:
        TypeError: It is no text.
    """
    try:
        return sha256(text.encode("ascii")).digest() if len(text) == _LENGTH else None
    except UnicodeEncodeError:
        return None
    except (AttributeError, TypeError):
        raise TypeError(f"a token must be a text, not {type(text).__name__}") from None


def id_in(digest: bytes) -> bytes:
    """The part of *digest* that names the token in logs and revocations; in text it is `token_id`, its hex digits."""
    return digest[:_ID_BYTES]

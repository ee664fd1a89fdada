"""The checksum at the end of tokens and secrets.

It lets a typo or an invented token be refused without a look-up, and lets secret scanners tell a real one from noise
offline. It is no protection against forgery; the random bits are.
"""

from zlib import crc32

LENGTH = 8
"""Hex digits that `checksum` returns."""


def checksum(text: str) -> str:
    """CRC-32 of *text* (ASCII) as 8 lower-case hex digits."""
    return f"{crc32(text.encode('ascii')):08x}"


def with_checksum(text: str) -> str:
    """*text* with its checksum after it."""
    return text + checksum(text)


def has_valid_checksum(text: str) -> bool:
    """Whether the last 8 characters of *text* (ASCII) are the checksum of those before them."""
    return checksum(text[:-LENGTH]) == text[-LENGTH:]

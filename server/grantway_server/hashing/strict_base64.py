"""Base64 as stored hashes are written in it (RFC 4648 section 4), read without forgiveness."""

import binascii
from base64 import b64decode, b64encode


def read_base64(text: str, *, padded: bool) -> bytes:
    """What *text* stands for; nothing if it is not the one way to write that.

    Args:
        text: With the `=` at its end, or without.
        padded: Which of the two is right.
    """
    if not padded and "=" in text:
        return b""
    filled = text if padded else text + "=" * (-len(text) % 4)
    try:
        data = b64decode(filled, validate=True)
    except binascii.Error:
        return b""
    return data if b64encode(data).decode("ascii") == filled else b""

"""What tells an entry of a stream apart from one that takes its place in another history of the store."""

from secrets import token_hex

_BYTES = 4


def new_nonce() -> str:
    """8 hex digits."""
    return token_hex(_BYTES)

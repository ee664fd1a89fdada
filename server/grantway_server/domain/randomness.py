"""Where unpredictable bits come from; injected, so that a test may know them."""

from collections.abc import Callable

RandomBytes = Callable[[int], bytes]
"""Returns that many bytes of cryptographic quality (`secrets.token_bytes` in production)."""

_REQUEST_ID_BYTES = 8


def new_request_id(random_bytes: RandomBytes) -> str:
    """A name for one request, in the log and in the audit trail."""
    return random_bytes(_REQUEST_ID_BYTES).hex()

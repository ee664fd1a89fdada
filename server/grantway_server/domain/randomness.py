"""Where unpredictable bits come from; injected, so that a test may know them."""

from collections.abc import Callable

RandomBytes = Callable[[int], bytes]
"""Returns that many bytes of cryptographic quality (`secrets.token_bytes` in production)."""

"""Where a request came from: the key under which the core counts what may be tried only so often."""

from starlette.types import Scope

_MAX_LENGTH = 64
"""What the core takes. An address is shorter; what a trusted proxy hands on for one might not be."""


def source_of(scope: Scope) -> str:
    """The client's address (RFC 6749 section 2.3.1, brute force); "" when the server does not know it."""
    client = scope["client"]
    return client[0][:_MAX_LENGTH] if client else ""

"""When a request that was answered with 401 is sent again with another token; for the adapters of HTTP clients.

Rules:
1. Only once: an API that rejects a fresh token as well rejects something else.
2. Only if the token was there: a redirect to another origin goes without it.
3. Only if the body is in memory. A stream may be half used up; its request is answered with the 401, and the next
   one has another token.
"""

from collections.abc import Mapping
from http import HTTPStatus

HEADER = "Authorization"


def credentials(token: str) -> str:
    """The value of the header (RFC 6750 section 2.1)."""
    return f"Bearer {token}"


def rejects(status: int, sent: Mapping[str, str], token: str) -> bool:
    """Whether a response with *status*, to a request with the headers *sent*, rejects *token*."""
    return status == HTTPStatus.UNAUTHORIZED and sent.get(HEADER) == credentials(token)

"""Tokens and secrets of Grantway in any text: how they look, and how an invented one is told from a real one.

docs/leak-detection.md is the same for everybody else; a test holds it, this and the core together.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import unquote

from grantway.access_token import PATTERN as ACCESS_TOKEN
from grantway.access_token import has_valid_checksum

CLIENT_SECRET = r"gws_(?:live|test)_[a-z2-7]{8}_[A-Za-z0-9_-]{43}[0-9a-f]{8}"  # noqa: S105 - the pattern of all of them.

LONGEST = 1024
"""No token, no secret and no header with one is longer."""

# A look-ahead: what is found may begin inside of what only looks like one.
_CREDENTIAL = re.compile(f"(?=({ACCESS_TOKEN}|{CLIENT_SECRET}))")
_BASIC = re.compile(r"(?i:basic)(?:[\s:+]|%20|%3[Aa])+((?:[A-Za-z0-9+/]|\\/|%2[BbFf]){80,800})")
"""Credentials by HTTP Basic, as they stand in a log of headers, of JSON or of URLs."""


def credentials_in(text: str) -> Iterator[str]:
    """The tokens and secrets in *text*, also those in an HTTP Basic header; of whichever service, live or dead."""
    yield from _plain(text)
    for match in _BASIC.finditer(text):
        # RFC 6749 section 2.3.1: both halves are encoded as form values before they are joined.
        yield from _plain(unquote(_decoded(match[1])))


def _plain(text: str) -> Iterator[str]:
    for match in _CREDENTIAL.finditer(text):
        if has_valid_checksum(match[1]):
            yield match[1]


def kind_of(credential: str) -> str:
    """What *credential* is, by the name that the contract has for it."""
    return "access_token" if re.fullmatch(ACCESS_TOKEN, credential) else "client_secret"


def _decoded(base64: str) -> str:
    digits = unquote(base64).replace("\\", "")
    # One digit alone over is no byte.
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return b64decode(digits + "=" * (-len(digits) % 4)).decode("latin-1")

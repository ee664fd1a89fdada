"""`application/x-www-form-urlencoded`, read strictly (RFC 6749 appendix B).

The standard library's parsers, and Starlette's, read on over bad bytes: U+FFFD for what is not UTF-8, `%zz` as it is.
Two different bodies would then name one client. Here whatever is not exactly right is an error.
"""

import re
from urllib.parse import unquote_to_bytes

from grantway_gateway.oauth_errors import invalid_request

_MALFORMED_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """The names and values in *body*, in order; a name without a value has an empty one.

    Raises:
        OAuthError: invalid_request.
    """
    # curl says "form" unless it is told otherwise, and a form has this byte as %7B.
    if body.lstrip().startswith(b"{"):
        raise invalid_request("The body looks like JSON: send Content-Type: application/json.")
    try:
        # `&` alone separates: `;` is data, as browsers have it. Two parsers that differ in that are an attack.
        text = body.decode()
        if "%" in text or "+" in text:
            return [_field(segment) for segment in text.split("&") if segment]
        return [_halves(segment) for segment in text.split("&") if segment]  # Nothing to decode.
    except ValueError:
        raise invalid_request(
            "The form is malformed: percent-encode as %XX with two hexadecimal digits, of UTF-8 bytes."
        ) from None


def decode(text: str) -> str:
    """*text* with `+` and `%XX` decoded to what they stand for.

    Raises:
        ValueError: A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    """
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    if _MALFORMED_PERCENT.search(text):
        raise ValueError("malformed percent-encoding")
    return unquote_to_bytes(text).decode()


def _field(segment: str) -> tuple[str, str]:
    name, value = _halves(segment)
    return decode(name), decode(value)


def _halves(segment: str) -> tuple[str, str]:
    name, _, value = segment.partition("=")
    return name, value

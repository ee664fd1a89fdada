"""Where a page of a list begins, as callers hand it back."""

from base64 import b64decode, urlsafe_b64encode

from grantway_server.domain.refusals import invalid_request


def page_place(page_token: str) -> bytes:
    """Where a page begins.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    try:
        return b64decode(page_token.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        raise invalid_request("page_token must be the next_page_token of an earlier answer, or unset.") from None


def page_token(place: bytes) -> str:
    """What asks for the page that begins there; "" when there is none."""
    return urlsafe_b64encode(place).decode("ascii")

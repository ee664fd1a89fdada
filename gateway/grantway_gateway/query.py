"""The query string, in which no parameter may be: it ends up in logs."""

from collections.abc import Collection

from grantway_gateway.form import parse_form
from grantway_gateway.oauth_errors import OAuthError, invalid_request


def refuse_in_query(query: bytes, names: Collection[str]) -> None:
    """RFC 6749 section 2.3.1: credentials "MUST NOT be included in the request URI". Nor may what else *names* name.

    Raises:
        OAuthError: invalid_request.
    """
    if not query:
        return
    try:
        fields = parse_form(query)
    except OAuthError:  # It speaks of a form, and the form may be well.
        raise invalid_request("The query string is malformed: send parameters in the body only.") from None
    if any(name in names for name, _ in fields):
        raise invalid_request("The query string holds a parameter of the request: send it in the body only.")

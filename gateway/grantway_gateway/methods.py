"""HTTP methods: what an endpoint does not offer is refused with a list of what it does."""

from starlette.types import Scope

from grantway_gateway.oauth_errors import invalid_request


def check_method(scope: Scope, *allowed: str) -> None:
    """Refuses a method that is not among *allowed* (RFC 9110 section 15.5.6: 405 carries Allow).

    Raises:
        OAuthError: invalid_request.
    """
    if scope["method"] not in allowed:
        names = ", ".join(allowed)
        raise invalid_request(
            f"The method is not allowed here: use {' or '.join(allowed)}.",
            status=405,
            headers=((b"allow", names.encode()),),
        )

"""Which texts are secrets that obtain a token."""

from grantway_server.domain.issuance import IssuedToken
from tests.server.domain.grant import Credentials, Grant, issue
from tests.server.domain.outcomes import INVALID_CLIENT


async def are_good(grant: Grant, credentials: Credentials, *texts: str) -> list[bool]:
    """Which of *texts* are good secrets of the client."""
    outcomes = [await issue(grant, credentials.request(client_secret=text)) for text in texts]
    assert {INVALID_CLIENT} >= {outcome for outcome in outcomes if not isinstance(outcome, IssuedToken)}
    return [isinstance(outcome, IssuedToken) for outcome in outcomes]

"""Client credentials (RFC 6749 section 2.3.1) as they come with a request."""

from dataclasses import dataclass, field
from typing import Protocol

from grantway_server.domain.audit import check_source
from grantway_server.domain.clients import AuthMethod
from grantway_server.domain.refusals import invalid_request


class Presented(Protocol):
    """What a request is authenticated by, as it came: nothing in it is validated."""

    client_id: str
    client_secret: str
    auth_method: AuthMethod | None
    """None means that the caller does not say."""
    source: str
    """Where the request came from."""


@dataclass(slots=True)
class Credentials:
    """`Presented` with a request that is about something else."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_method: AuthMethod | None
    source: str


def check_shape(presented: Presented) -> None:
    """Refuses what no client could mean (RFC 6749 section 5.2).

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if not presented.client_id:
        raise invalid_request("client_id is missing.")
    if not presented.client_secret:
        raise invalid_request("client_secret is missing.")
    check_source(presented.source)

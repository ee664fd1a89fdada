"""What a token is, once it was found to be good."""

from dataclasses import dataclass
from datetime import UTC, datetime

from grantway.v1 import client_pb2
from grantway.v1 import token_service_pb2 as pb

_ENVIRONMENTS = {
    client_pb2.ENVIRONMENT_LIVE: "live",
    client_pb2.ENVIRONMENT_TEST: "test",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """A token that is good, whose it is, and what it may do. It does not hold the token itself, so it may be logged.

    Attributes:
        client_id: The service account that it was issued to.
        client_name: The account's display name at the moment of the answer.
        organization: The account's organisation; "" when it has none.
        scopes: What it may do.
        audiences: Whom it is meant for; empty for nobody in particular.
        issued_at: When it was issued.
        expires_at: It is good before this moment, not at it.
        token_id: Names it in logs: 16 hex digits of its digest.
        environment: "live" or "test"; "" for one that this version does not know.
        position: The revocation position that the answer reflects; b"" when the store has never held a revocation.
        checked_at: When the core was asked, by this machine's clock.
        from_cache: Whether the answer was held already; if not, the core was asked for it.
    """

    client_id: str
    client_name: str
    organization: str
    scopes: frozenset[str]
    audiences: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    token_id: str
    environment: str
    position: bytes
    checked_at: datetime
    from_cache: bool


def verified_from(answer: pb.IntrospectTokenResponse, *, checked_at: datetime) -> VerifiedToken:
    """What an active *answer* says."""
    return VerifiedToken(
        client_id=answer.client_id,
        client_name=answer.client_name,
        organization=answer.organization,
        scopes=frozenset(answer.scope.split()),
        audiences=tuple(answer.audiences),
        issued_at=answer.issue_time.ToDatetime(UTC),
        expires_at=answer.expire_time.ToDatetime(UTC),
        token_id=answer.token_id,
        environment=_ENVIRONMENTS.get(answer.environment, ""),
        position=answer.revocation_position,
        checked_at=checked_at,
        from_cache=False,
    )

"""Messages about tokens to domain values and back. Knows no rule but which value stands for which."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from grantway.v1 import client_pb2, leak_service_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.clients import AuthMethod
from grantway_server.domain.credentials import Credentials
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, InactiveReason, InactiveToken, IntrospectionRequest
from grantway_server.domain.issuance import IssuedToken, TokenRequest
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.domain.whole_seconds import EPOCH, seconds_in, seconds_since_epoch

ENVIRONMENTS: Mapping[Environment, "client_pb2.Environment"] = {
    Environment.LIVE: client_pb2.ENVIRONMENT_LIVE,
    Environment.TEST: client_pb2.ENVIRONMENT_TEST,
}
AUTH_METHODS: Mapping[AuthMethod, "client_pb2.ClientAuthMethod"] = {
    AuthMethod.CLIENT_SECRET_BASIC: client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC,
    AuthMethod.CLIENT_SECRET_POST: client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
}
AUTH_METHOD_OF: Mapping[int, AuthMethod] = {message: method for method, message in AUTH_METHODS.items()}
INACTIVE_REASONS: Mapping[InactiveReason, "pb.InactiveReason"] = {
    InactiveReason.MALFORMED: pb.INACTIVE_REASON_MALFORMED,
    InactiveReason.OTHER_ENVIRONMENT: pb.INACTIVE_REASON_OTHER_ENVIRONMENT,
    InactiveReason.UNKNOWN: pb.INACTIVE_REASON_UNKNOWN,
    InactiveReason.EXPIRED: pb.INACTIVE_REASON_EXPIRED,
    InactiveReason.REVOKED: pb.INACTIVE_REASON_REVOKED,
    InactiveReason.CLIENT_DISABLED: pb.INACTIVE_REASON_CLIENT_DISABLED,
    InactiveReason.CLIENT_DELETED: pb.INACTIVE_REASON_CLIENT_DELETED,
    InactiveReason.WRONG_AUDIENCE: pb.INACTIVE_REASON_WRONG_AUDIENCE,
}

_MILLISECOND = timedelta(milliseconds=1)


# No empty tuple is made of an empty list: it takes longer than all the rest, and this is done for every request.


def token_request(message: pb.IssueTokenRequest, *, peer: str) -> TokenRequest:
    """The token request that *message* is, sent by *peer*."""
    return TokenRequest(
        message.grant_type,
        message.client_id,
        message.client_secret,
        message.scope,
        tuple(message.audiences) if message.audiences else (),
        _auth_method(message),
        message.source or peer,
    )


def credentials(message: pb.ClientCredentials, *, peer: str) -> Credentials:
    """The credentials that *message* is, sent by *peer*."""
    return Credentials(message.client_id, message.client_secret, _auth_method(message), message.source or peer)


def introspection_request(message: pb.IntrospectTokenRequest, *, peer: str) -> IntrospectionRequest:
    """The question that *message* is, sent by *peer*."""
    return IntrospectionRequest(
        message.token,
        tuple(message.audiences) if message.audiences else (),
        credentials(message.credentials, peer=peer) if message.HasField("credentials") else None,
    )


def _auth_method(message: pb.IssueTokenRequest | pb.ClientCredentials) -> AuthMethod | None:
    method = message.auth_method
    return AUTH_METHOD_OF.get(method, AuthMethod.UNKNOWN) if method else None


def fill_token(response: pb.IssueTokenResponse, issued: IssuedToken) -> None:
    """The answer to a token request that was granted."""
    response.access_token = issued.access_token
    response.expires_in.seconds = seconds_in(issued.token.lifetime)
    response.scope = " ".join(issued.token.scopes)
    if issued.secret_expires_at is not None:
        response.secret_expire_time.FromDatetime(issued.secret_expires_at)


def fill_introspection(
    response: pb.IntrospectTokenResponse, outcome: ActiveToken | InactiveToken, environment: Environment
) -> None:
    """What a token is."""
    response.revocation_position = outcome.position
    if isinstance(outcome, InactiveToken):
        if outcome.reason is not None:
            response.inactive_reason = INACTIVE_REASONS[outcome.reason]
        return
    token = outcome.token
    response.active = True
    fill_owner(response, outcome.owner)
    response.scope = " ".join(token.scopes)
    if token.audiences:
        response.audiences.extend(token.audiences)
    fill_moments(response, token.issued_at, token.lifetime)
    response.remaining_milliseconds = 1000 * response.expire_time.seconds - milliseconds(outcome.now)
    response.token_id = outcome.token_id
    response.environment = ENVIRONMENTS[environment]


def fill_owner(response: pb.IntrospectTokenResponse | leak_service_pb2.LeakedText, owner: TokenOwner) -> None:
    """Whose a token is, or a secret that leaked."""
    response.client_id = owner.client_id
    response.client_name = owner.name
    response.organization = owner.organization


def fill_moments(response: pb.IntrospectTokenResponse, issued_at: datetime, lifetime: timedelta) -> None:
    """When a token begins and ends: whole seconds, both of them (see `Token`)."""
    seconds = seconds_since_epoch(issued_at)
    response.issue_time.seconds = seconds
    response.expire_time.seconds = seconds + seconds_in(lifetime)


@lru_cache(maxsize=1)  # All answers of a batch are of one moment.
def milliseconds(moment: datetime) -> int:
    """Since 1970-01-01T00:00:00Z, rounded up: what remains is rounded down."""
    return -((EPOCH - moment) // _MILLISECOND)

"""Messages about tokens to domain values and back. Knows no rule but which value stands for which."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from grantway.v1 import client_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.clients import AuthMethod
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import Refusal
from grantway_server.domain.token_service import ActiveToken, IssuedToken, TokenRequest
from grantway_server.rpc.status import refusal_message

ENVIRONMENTS: Mapping[Environment, "client_pb2.Environment"] = {
    Environment.LIVE: client_pb2.ENVIRONMENT_LIVE,
    Environment.TEST: client_pb2.ENVIRONMENT_TEST,
}
AUTH_METHODS: Mapping[AuthMethod, "client_pb2.ClientAuthMethod"] = {
    AuthMethod.CLIENT_SECRET_BASIC: client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC,
    AuthMethod.CLIENT_SECRET_POST: client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
}
AUTH_METHOD_OF: Mapping[int, AuthMethod] = {message: method for method, message in AUTH_METHODS.items()}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def token_request(message: pb.IssueTokenRequest, *, peer: str) -> TokenRequest:
    """The token request that *message* is, sent by *peer*."""
    method = message.auth_method
    return TokenRequest(
        message.grant_type,
        message.client_id,
        message.client_secret,
        message.scope,
        tuple(message.audiences),
        AUTH_METHOD_OF.get(method, AuthMethod.UNKNOWN) if method else None,
        message.source or peer,
    )


# What is done for every token is done without keywords, and answers are filled in where they stand in their batch,
# field by field: a third of the time.


def fill_issue_results(
    response: pb.BatchIssueTokensResponse | pb.StreamIssueTokensResponse, outcomes: Iterable[IssuedToken | Refusal]
) -> None:
    """The answers to a batch of token requests."""
    for outcome in outcomes:
        result = response.results.add()
        if isinstance(outcome, Refusal):
            result.refusal.CopyFrom(refusal_message(outcome))
        else:
            fill_token(result.token, outcome)


def fill_token(response: pb.IssueTokenResponse, issued: IssuedToken) -> None:
    """The answer to a token request that was granted."""
    response.access_token = issued.access_token
    response.expires_in.seconds = issued.token.lifetime // _SECOND
    response.scope = " ".join(issued.token.scopes)
    if issued.secret_expires_at is not None:
        response.secret_expire_time.FromDatetime(issued.secret_expires_at)


def fill_introspection(
    response: pb.IntrospectTokenResponse, active: ActiveToken | None, environment: Environment
) -> None:
    """What a token is; None for one that is not active."""
    response.active = active is not None
    if active is None:
        return
    token = active.token
    response.client_id = token.client_id
    response.scope = " ".join(token.scopes)
    if token.audiences:
        response.audiences.extend(token.audiences)
    # Whole seconds, both of them (see `Token`).
    issued_at = (token.issued_at - _EPOCH) // _SECOND
    response.issue_time.seconds = issued_at
    response.expire_time.seconds = issued_at + token.lifetime // _SECOND
    response.token_id = active.token_id
    response.environment = ENVIRONMENTS[environment]
    response.client_name = active.client.name
    response.organization = active.client.organization

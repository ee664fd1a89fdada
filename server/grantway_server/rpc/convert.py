"""Messages of the contract to domain values and back. Knows no rule but which value stands for which."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from grantway.v1 import client_pb2, client_service_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.client_service import ALL_FIELDS, ClientFields
from grantway_server.domain.clients import AuthMethod, Client, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import Refusal, invalid_request
from grantway_server.domain.token_service import ActiveToken, IssuedToken, TokenRequest
from grantway_server.rpc.status import refusal_message

ENVIRONMENTS: Mapping[Environment, "client_pb2.Environment"] = {
    Environment.LIVE: client_pb2.ENVIRONMENT_LIVE,
    Environment.TEST: client_pb2.ENVIRONMENT_TEST,
}
PERMISSIONS: Mapping[Permission, "client_pb2.Permission"] = {
    Permission.ISSUE_TOKENS: client_pb2.PERMISSION_ISSUE_TOKENS,
    Permission.INTROSPECT_TOKENS: client_pb2.PERMISSION_INTROSPECT_TOKENS,
}
AUTH_METHODS: Mapping[AuthMethod, "client_pb2.ClientAuthMethod"] = {
    AuthMethod.CLIENT_SECRET_BASIC: client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC,
    AuthMethod.CLIENT_SECRET_POST: client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
}
_PERMISSION_OF: Mapping[int, Permission] = {message: permission for permission, message in PERMISSIONS.items()}
_AUTH_METHOD_OF: Mapping[int, AuthMethod] = {message: method for method, message in AUTH_METHODS.items()}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

_T = TypeVar("_T")


def token_request(message: pb.IssueTokenRequest, *, peer: str) -> TokenRequest:
    """The token request that *message* is, sent by *peer*."""
    method = message.auth_method
    return TokenRequest(
        message.grant_type,
        message.client_id,
        message.client_secret,
        message.scope,
        tuple(message.audiences),
        _AUTH_METHOD_OF.get(method, AuthMethod.UNKNOWN) if method else None,
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


def client_message(client: Client, environment: Environment) -> client_pb2.Client:
    """*client* without its secrets."""
    message = client_pb2.Client(
        client_id=client.client_id,
        name=client.name,
        environment=ENVIRONMENTS[environment],
        allowed_scopes=client.allowed_scopes,
        audiences=client.audiences,
        permissions=sorted(PERMISSIONS[permission] for permission in client.permissions),
        auth_methods=sorted(AUTH_METHODS[method] for method in client.auth_methods),
    )
    if client.unknown_auth_methods:  # Sent as none at all they would read as any.
        message.auth_methods.append(client_pb2.CLIENT_AUTH_METHOD_UNKNOWN)
    if client.default_scopes is not None:
        message.default_scopes.CopyFrom(client_pb2.ScopeSet(scopes=client.default_scopes))
    message.token_lifetime.FromTimedelta(client.token_lifetime)
    message.create_time.FromDatetime(client.created_at)
    message.update_time.FromDatetime(client.updated_at)
    if client.disabled_at is not None:
        message.disable_time.FromDatetime(client.disabled_at)
    return message


def client_fields(
    message: "client_service_pb2.CreateClientRequest | client_pb2.Client", mask: frozenset[str] = ALL_FIELDS
) -> ClientFields:
    """Those fields of *message* that an administrator sets and that *mask* names; the others are not looked at.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    return ClientFields(**{name: read(message) for name, read in _FIELDS.items() if name in mask})


def update_mask(message: "client_service_pb2.UpdateClientRequest") -> frozenset[str]:
    """The fields that *message* asks to change.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    mask = frozenset(message.update_mask.paths)
    if not mask or not mask <= ALL_FIELDS:
        raise invalid_request(f"update_mask must name one or more of {', '.join(sorted(ALL_FIELDS))}.")
    return mask


def _lifetime(message: "client_service_pb2.CreateClientRequest | client_pb2.Client") -> timedelta | None:
    if not message.HasField("token_lifetime"):
        return None
    if message.token_lifetime.nanos:
        raise invalid_request("token_lifetime must be whole seconds.")
    try:
        return timedelta(seconds=message.token_lifetime.seconds)
    except OverflowError:
        raise invalid_request("token_lifetime is out of range.") from None


def _known(numbers: Iterable[int], known: Mapping[int, _T], field: str) -> frozenset[_T]:
    unknown = set(numbers) - set(known)
    if unknown:
        raise invalid_request(f"{field} holds a value that this service does not know.")
    return frozenset(known[number] for number in numbers)


_FIELDS: "Mapping[str, Callable[[client_service_pb2.CreateClientRequest | client_pb2.Client], Any]]" = {
    "name": lambda message: message.name,
    "allowed_scopes": lambda message: tuple(message.allowed_scopes),
    "default_scopes": lambda message: (
        tuple(message.default_scopes.scopes) if message.HasField("default_scopes") else None
    ),
    "audiences": lambda message: tuple(message.audiences),
    "token_lifetime": _lifetime,
    "permissions": lambda message: _known(message.permissions, _PERMISSION_OF, "permissions"),
    "auth_methods": lambda message: _known(message.auth_methods, _AUTH_METHOD_OF, "auth_methods"),
}
"""How each of `ClientFields` is read."""

"""Messages about clients to domain values and back. Knows no rule but what stands for what."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any, TypeVar

from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway_server.domain.client_fields import ALL_FIELDS, ClientFields
from grantway_server.domain.client_import import ForeignClient, Imported
from grantway_server.domain.clients import Client, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.idempotency import Idempotency
from grantway_server.domain.ports import ClientFilter
from grantway_server.domain.refusals import Refusal, invalid_request
from grantway_server.domain.secret_use import NEVER_USED, ClientUse
from grantway_server.rpc.convert_tokens import AUTH_METHOD_OF, AUTH_METHODS, ENVIRONMENTS
from grantway_server.rpc.status import refusal_message
from grantway_server.rpc.times import optional_duration

PERMISSIONS: Mapping[Permission, "client_pb2.Permission"] = {
    Permission.ISSUE_TOKENS: client_pb2.PERMISSION_ISSUE_TOKENS,
    Permission.INTROSPECT_TOKENS: client_pb2.PERMISSION_INTROSPECT_TOKENS,
}
_PERMISSION_OF: Mapping[int, Permission] = {message: permission for permission, message in PERMISSIONS.items()}
_DISABLED_OF: Mapping[int, bool | None] = {
    pb.ListClientsRequest.STATE_UNSPECIFIED: None,
    pb.ListClientsRequest.STATE_ENABLED: False,
    pb.ListClientsRequest.STATE_DISABLED: True,
}

_T = TypeVar("_T")


def client_message(client: Client, environment: Environment, use: ClientUse) -> client_pb2.Client:
    """*client*, which was used so, without its secrets."""
    message = client_pb2.Client(
        client_id=client.client_id,
        name=client.name,
        environment=ENVIRONMENTS[environment],
        allowed_scopes=client.allowed_scopes,
        audiences=client.audiences,
        own_audiences=client.own_audiences,
        permissions=sorted(PERMISSIONS[permission] for permission in client.permissions),
        auth_methods=sorted(AUTH_METHODS[method] for method in client.auth_methods),
    )
    if client.unknown_auth_methods:  # Sent as none at all they would read as any.
        message.auth_methods.append(client_pb2.CLIENT_AUTH_METHOD_UNKNOWN)
    if client.default_scopes is not None:
        message.default_scopes.CopyFrom(client_pb2.ScopeSet(scopes=client.default_scopes))
    message.token_lifetime.FromTimedelta(client.token_lifetime)
    message.organization = client.organization
    message.description = client.description
    message.labels.update(client.labels)
    message.create_actor = client.created_by
    message.update_actor = client.updated_by
    message.disable_actor = client.disabled_by
    message.etag = client.etag
    if use.last_token_at is not None:
        message.last_token_time.FromDatetime(use.last_token_at)
    message.create_time.FromDatetime(client.created_at)
    message.update_time.FromDatetime(client.updated_at)
    if client.disabled_at is not None:
        message.disable_time.FromDatetime(client.disabled_at)
    return message


def client_fields(
    message: "pb.CreateClientRequest | client_pb2.Client", mask: frozenset[str] = ALL_FIELDS
) -> ClientFields:
    """Those fields of *message* that an administrator sets and that *mask* names; the others are not looked at.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    return ClientFields(**{name: read(message) for name, read in _FIELDS.items() if name in mask})


def update_mask(message: "pb.UpdateClientRequest") -> frozenset[str]:
    """The fields that *message* asks to change.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    mask = frozenset(message.update_mask.paths)
    if not mask or not mask <= ALL_FIELDS:
        raise invalid_request(f"update_mask must name one or more of {', '.join(sorted(ALL_FIELDS))}.")
    return mask


def client_filter(message: pb.ListClientsRequest) -> ClientFilter:
    """Which clients are asked for.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if message.state not in _DISABLED_OF:
        raise invalid_request("state holds a value that this service does not know.")
    return ClientFilter(
        organization=message.organization, name_prefix=message.name_prefix, disabled=_DISABLED_OF[message.state]
    )


def idempotency(message: pb.CreateClientRequest | pb.RotateSecretRequest) -> Idempotency | None:
    """What makes the call repeatable; None when nothing does."""
    if not message.idempotency_key:
        return None
    request = copy(message)
    request.ClearField("idempotency_key")
    name = message.DESCRIPTOR.full_name.encode()
    return Idempotency(message.idempotency_key, name + b" " + request.SerializeToString(deterministic=True))


def foreign_client(message: pb.ImportClientRequest) -> ForeignClient:
    """A client of another system."""
    try:
        fields: ClientFields | Refusal = client_fields(message.client)
    except Refusal as refusal:
        fields = refusal
    return ForeignClient(message.client_id, message.secret_hash, fields)


def fill_import_result(
    result: pb.ImportClientResult,
    outcome: Imported | Refusal,
    environment: Environment,
    uses: Mapping[str, ClientUse],
) -> None:
    """What became of one client of another system."""
    if isinstance(outcome, Refusal):
        result.refusal.CopyFrom(refusal_message(outcome))
        return
    message = result.created if outcome.is_new else result.existing
    use = uses.get(outcome.client.client_id, NEVER_USED)
    message.CopyFrom(client_message(outcome.client, environment, use))


def _known(numbers: Iterable[int], known: Mapping[int, _T], field: str) -> frozenset[_T]:
    unknown = set(numbers) - set(known)
    if unknown:
        raise invalid_request(f"{field} holds a value that this service does not know.")
    return frozenset(known[number] for number in numbers)


_FIELDS: "Mapping[str, Callable[[pb.CreateClientRequest | client_pb2.Client], Any]]" = {
    "name": lambda message: message.name,
    "allowed_scopes": lambda message: tuple(message.allowed_scopes),
    "default_scopes": lambda message: (
        tuple(message.default_scopes.scopes) if message.HasField("default_scopes") else None
    ),
    "audiences": lambda message: tuple(message.audiences),
    "own_audiences": lambda message: tuple(message.own_audiences),
    "token_lifetime": lambda message: optional_duration(message, "token_lifetime"),
    "permissions": lambda message: _known(message.permissions, _PERMISSION_OF, "permissions"),
    "auth_methods": lambda message: _known(message.auth_methods, AUTH_METHOD_OF, "auth_methods"),
    "organization": lambda message: message.organization,
    "description": lambda message: message.description,
    "labels": lambda message: dict(message.labels),
}
"""How each of `ClientFields` is read."""

"""What the core answers, as JSON documents. A name of an RFC is used where there is one.

Names: RFC 6749 section 5.1 (tokens), RFC 7662 section 2.2 (introspection), RFC 7591 section 2 (clients).
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from grantway.cli.vocabulary import auth_method_name, environment_name, inactive_reason_name, permission_name
from grantway.v1.client_pb2 import Client
from grantway.v1.token_service_pb2 import IntrospectTokenResponse, IssueTokenResponse

Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value]"
Document: TypeAlias = Mapping[str, Value]


def client_document(client: Client) -> Document:
    """A client. Its secret is no part of it."""
    default_scopes = client.default_scopes.scopes if client.HasField("default_scopes") else client.allowed_scopes
    document: dict[str, Value] = {
        "client_id": client.client_id,
        "client_name": client.name,
        "name": client.name,
        "organization": client.organization,
        "description": client.description,
        "labels": dict(sorted(client.labels.items())),
        "environment": environment_name(client.environment),
        "disabled": client.HasField("disable_time"),
        "scope": " ".join(client.allowed_scopes),
        "default_scope": " ".join(default_scopes),
        "audiences": list(client.audiences),
        "token_lifetime_seconds": client.token_lifetime.seconds,
        "permissions": [permission_name(permission) for permission in client.permissions],
        "auth_methods": [auth_method_name(method) for method in client.auth_methods],
        "client_id_issued_at": client.create_time.seconds,
        "created_by": client.create_actor,
        "updated_at": client.update_time.seconds,
        "updated_by": client.update_actor,
    }
    if client.own_audiences:
        document["own_audiences"] = list(client.own_audiences)
    if client.HasField("disable_time"):
        document |= {"disabled_at": client.disable_time.seconds, "disabled_by": client.disable_actor}
    if client.HasField("last_token_time"):
        document["last_token_at"] = client.last_token_time.seconds
    return document | {"etag": client.etag}


def token_document(token: IssueTokenResponse) -> Document:
    """A token that was just issued."""
    document: dict[str, Value] = {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": token.expires_in.seconds,
    }
    if token.scope:
        document["scope"] = token.scope
    return document


def introspection_document(introspection: IntrospectTokenResponse) -> Document:
    """What a token is. Of one that is not active it says why, where this core tells us (RFC 7662 section 2.2)."""
    position = introspection.revocation_position.decode("ascii", "backslashreplace")
    freshness: dict[str, Value] = {"revocation_position": position} if position else {}
    if not introspection.active:
        reason = introspection.inactive_reason
        return {"active": False, **({"inactive_reason": inactive_reason_name(reason)} if reason else {}), **freshness}
    document: dict[str, Value] = {
        "active": True,
        "client_id": introspection.client_id,
        "token_type": "Bearer",
        "iat": introspection.issue_time.seconds,
        "exp": introspection.expire_time.seconds,
        "jti": introspection.token_id,
    }
    if introspection.client_name:
        document["client_name"] = introspection.client_name
    if introspection.organization:
        document["organization"] = introspection.organization
    if introspection.scope:
        document["scope"] = introspection.scope
    if introspection.audiences:
        document["aud"] = list(introspection.audiences)
    return document | freshness

"""The fields of a client that an administrator sets, and what each of them may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import Any

from grantway_server.domain import audiences as audience_rules
from grantway_server.domain import client_details, clients
from grantway_server.domain.clients import AuthMethod, Client, Permission


@dataclass(frozen=True, slots=True)
class LifetimePolicy:
    """How long tokens may live."""

    default: timedelta
    maximum: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFields:
    """The fields of a client that an administrator sets, as they came: nothing in it is validated."""

    name: str = ""
    allowed_scopes: Sequence[str] = ()
    default_scopes: Sequence[str] | None = None
    """None means all allowed scopes."""
    audiences: Sequence[str] = ()
    own_audiences: Sequence[str] = ()
    """Empty means `audiences`."""
    token_lifetime: timedelta | None = None
    """None means the policy's default at this moment."""
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    """Empty means ISSUE_TOKENS alone."""
    auth_methods: frozenset[AuthMethod] = field(default_factory=frozenset)
    """Empty means any."""
    organization: str = ""
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


ALL_FIELDS = frozenset(each.name for each in fields(ClientFields))

_DETAILS: Mapping[str, Callable[[Any], object]] = {
    "name": client_details.validated_name,
    "organization": client_details.validated_organization,
    "description": client_details.validated_description,
    "labels": client_details.validated_labels,
}
"""Fields that are judged each for itself, and by what."""


def with_fields(client: Client, given: ClientFields, mask: frozenset[str], *, lifetimes: LifetimePolicy) -> Client:
    """*client* with those fields *given* that *mask* names; the others are as they are, and not judged again.

    But the two scope fields belong together: when one of them is named, the default scopes are judged.

    Raises:
        Refusal: INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET.
    """
    for name, validated in _DETAILS.items():
        if name in mask:
            client = replace(client, **{name: validated(getattr(given, name))})  # type: ignore[arg-type] # Fields of Client.
    if "allowed_scopes" in mask:
        client = replace(client, allowed_scopes=clients.validated_scopes(given.allowed_scopes))
    if mask & {"allowed_scopes", "default_scopes"}:
        default = given.default_scopes if "default_scopes" in mask else client.default_scopes
        default = clients.validated_default_scopes(default, allowed=client.allowed_scopes)
        client = replace(client, default_scopes=default)
    client = _with_audiences(client, given, mask)
    if "token_lifetime" in mask:
        lifetime = lifetimes.default if given.token_lifetime is None else given.token_lifetime
        lifetime = clients.validated_lifetime(lifetime, maximum=lifetimes.maximum)
        client = replace(
            client, token_lifetime=lifetime, longest_token_lifetime=max(lifetime, client.longest_token_lifetime)
        )
    if "permissions" in mask:
        client = replace(client, permissions=given.permissions or frozenset({Permission.ISSUE_TOKENS}))
    if "auth_methods" in mask:  # Whoever names the methods names all of them.
        client = replace(client, auth_methods=given.auth_methods, unknown_auth_methods=frozenset())
    return client


def _with_audiences(client: Client, given: ClientFields, mask: frozenset[str]) -> Client:
    if "audiences" in mask:
        client = replace(client, audiences=clients.validated_audiences(given.audiences))
    if "own_audiences" in mask:
        client = replace(client, own_audiences=clients.validated_audiences(given.own_audiences))
    if mask & {"audiences", "own_audiences"}:
        audience_rules.check_length((*client.audiences, *client.own_audiences))
    return client

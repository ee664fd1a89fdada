"""The audit trail: what is written down of a change of a client, and of a failed authentication."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from grantway_server.domain.clients import Client
from grantway_server.domain.refusals import invalid_request
from grantway_server.domain.whole_seconds import seconds_in


class Kind(StrEnum):
    """What happened; see `grantway.v1.AuditKind`. The values are stored."""

    CLIENT_CREATED = "client_created"
    CLIENT_IMPORTED = "client_imported"
    CLIENT_UPDATED = "client_updated"
    CLIENT_DISABLED = "client_disabled"
    CLIENT_ENABLED = "client_enabled"
    CLIENT_DELETED = "client_deleted"
    SECRET_ROTATED = "secret_rotated"  # noqa: S105 - an event.
    SECRET_RETIRED = "secret_retired"  # noqa: S105 - an event.
    SECRET_ADOPTED = "secret_adopted"  # noqa: S105 - an event.
    TOKENS_REVOKED = "tokens_revoked"
    CLIENT_PANICKED = "client_panicked"
    LEAK_REPORTED = "leak_reported"
    AUTHENTICATION_FAILED = "authentication_failed"


class Failure(StrEnum):
    """Why an authentication failed; see `grantway.v1.AuthenticationFailure`. The values are stored."""

    UNKNOWN_CLIENT = "unknown_client"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 - a cause.
    EXPIRED_SECRET = "expired_secret"  # noqa: S105 - a cause.
    DISABLED_CLIENT = "disabled_client"
    WRONG_ENVIRONMENT = "wrong_environment"
    WRONG_METHOD = "wrong_method"
    RETIRED_SECRET = "retired_secret"  # noqa: S105 - a cause.
    WEAK_SECRET = "weak_secret"  # noqa: S105 - a cause.


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a change."""

    actor: str
    source: str
    """From where."""
    request_id: str


_MAX_SOURCE_LENGTH = 64


def check_source(source: str) -> None:
    """Refuses a *source* that a caller names and that is no address: it would fill the trail.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if len(source) > _MAX_SOURCE_LENGTH:
        raise invalid_request(f"source is longer than {_MAX_SOURCE_LENGTH} characters.")


CLIENT_ACTOR = "client"
"""The actor of what a client does itself, or somebody in its name."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as JSON; "" where there is nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One change, or one failed authentication."""

    at: datetime
    kind: Kind
    client_id: str
    actor: str
    source: str
    request_id: str
    changes: tuple[FieldChange, ...] = ()
    failure: Failure | None = None
    secret_id: str = ""
    record_id: str = ""
    """Its place in the trail; "" before it has one."""


Announce = Callable[[AuditRecord], None]
"""Tells the log of a record."""


def change_record(  # noqa: PLR0913 - what is written down of a change.
    kind: Kind,
    client_id: str,
    *,
    before: Client | None,
    after: Client | None,
    by: Caller,
    at: datetime,
    secret_id: str = "",
) -> AuditRecord:
    """The record of a change of a client; None stands for one that does not exist."""
    return AuditRecord(
        at=at,
        kind=kind,
        client_id=client_id,
        actor=by.actor,
        source=by.source,
        request_id=by.request_id,
        changes=tuple(_changes(_told(before), _told(after))),
        secret_id=secret_id,
    )


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[FieldChange]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield FieldChange(name, _json(before.get(name)), _json(after.get(name)))


def _json(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _told(client: Client | None) -> Mapping[str, object]:
    """The fields of *client* that say something, as they are called in `grantway.v1.Client`; never a digest."""
    if client is None:
        return {}
    fields: dict[str, object] = {
        "name": client.name,
        "organization": client.organization,
        "description": client.description,
        "labels": dict(client.labels),
        "allowed_scopes": list(client.allowed_scopes),
        "default_scopes": None if client.default_scopes is None else list(client.default_scopes),
        "audiences": list(client.audiences),
        "own_audiences": list(client.own_audiences),
        "token_lifetime": f"{seconds_in(client.token_lifetime)}s",
        "permissions": sorted(client.permissions),
        "auth_methods": sorted({*client.auth_methods, *client.unknown_auth_methods}),
        "disable_time": _moment(client.disabled_at),
        "secrets": [
            {"secret_id": secret.secret_id, "expire_time": _moment(secret.expires_at), "imported": secret.is_foreign}
            for secret in client.secrets
        ],
        "epoch": client.epoch,
        "revocations": [
            {
                "below_epoch": revocation.below_epoch,
                "secret_id": revocation.selection.secret_id or None,
                "issued_from": _moment(revocation.selection.issued_from),
                "issued_before": _moment(revocation.selection.issued_before),
            }
            for revocation in client.revocations
        ],
    }
    return {name: value for name, value in fields.items() if value is not None and (value or name == "default_scopes")}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")

"""Domain values to stored records and back. See protos/grantway_server/storage/v1/records.proto."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from google.protobuf.message import DecodeError

from grantway_server.domain.audit import AuditRecord, Failure, FieldChange, Kind
from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.clients import KNOWN_AUTH_METHODS, AuthMethod, Client, Permission
from grantway_server.domain.idempotency import Outcome
from grantway_server.domain.ports import UnreadableRecord
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from grantway_server.domain.tokens import Token
from grantway_server.storage.keys import VERSION_BYTES
from grantway_server.storage.v1 import records_pb2 as pb

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_PERMISSIONS = {permission.value for permission in Permission}
_AUTH_METHODS = {method.value for method in KNOWN_AUTH_METHODS}


def lifetime_seconds(token: Token) -> int:
    """The lifetime of *token* in whole seconds."""
    return token.lifetime // _SECOND


def encode_token(token: Token) -> bytes:
    """The record of *token*. It begins with the client's id, where `keys.GET_TOKENS` looks for it."""
    # Set one by one: a third faster than as keywords, and this is done for every token.
    record = pb.TokenRecord()
    record.client_id = token.client_id
    record.epoch = token.epoch
    record.issued_at_seconds = (token.issued_at - _EPOCH) // _SECOND
    record.lifetime_seconds = lifetime_seconds(token)
    record.scope = " ".join(token.scopes)
    if token.audiences:
        record.audiences.extend(token.audiences)
    record.secret_id = token.secret_id
    return record.SerializeToString()


def decode_token(data: bytes) -> Token:
    """The token that *data* is the value of.

    Raises:
        UnreadableRecord: It is none.
    """
    try:
        record = pb.TokenRecord.FromString(data)
    except DecodeError as error:
        raise UnreadableRecord from error
    # By position, and no empty tuple made of an empty list: a quarter of the time, and this is done for every check.
    return Token(
        record.client_id,
        record.epoch,
        _EPOCH + record.issued_at_seconds * _SECOND,
        record.lifetime_seconds * _SECOND,
        tuple(record.scope.split(" ")) if record.scope else (),
        tuple(record.audiences) if record.audiences else (),
        record.secret_id,
    )


def encode_client(client: Client) -> bytes:
    """What is stored of *client*: its version, then its record."""
    record = pb.ClientRecord(
        client_id=client.client_id,
        name=client.name,
        allowed_scopes=client.allowed_scopes,
        has_default_scopes=client.default_scopes is not None,
        default_scopes=client.default_scopes or (),
        audiences=client.audiences,
        token_lifetime_seconds=client.token_lifetime // _SECOND,
        permissions=sorted(client.permissions),
        auth_methods=sorted({*client.auth_methods, *client.unknown_auth_methods}),
        secrets=[
            pb.SecretRecord(
                secret_id=secret.secret_id,
                digest=secret.digest,
                created_at_microseconds=microseconds(secret.created_at),
                expires_at_microseconds=microseconds(secret.expires_at),
                foreign_hash=secret.foreign_hash,
            )
            for secret in client.secrets
        ],
        epoch=client.epoch,
        created_at_microseconds=microseconds(client.created_at),
        updated_at_microseconds=microseconds(client.updated_at),
        disabled_at_microseconds=microseconds(client.disabled_at),
        organization=client.organization,
        description=client.description,
        labels=dict(client.labels),
        created_by=client.created_by,
        updated_by=client.updated_by,
        disabled_by=client.disabled_by,
        min_epoch=client.min_epoch,
        revocations=[
            pb.RevocationRecord(
                below_epoch=revocation.below_epoch,
                secret_id=revocation.selection.secret_id,
                issued_from_microseconds=_microseconds_or_none(revocation.selection.issued_from),
                issued_before_microseconds=_microseconds_or_none(revocation.selection.issued_before),
                forget_at_microseconds=microseconds(revocation.forget_at),
            )
            for revocation in client.revocations
        ],
        retired_secrets=[
            pb.RetiredSecretRecord(
                secret_id=secret.secret_id,
                digest=secret.digest,
                retired_at_microseconds=microseconds(secret.retired_at),
            )
            for secret in client.retired_secrets
        ],
    )
    return client.version + record.SerializeToString()


def decode_client(data: bytes) -> Client:
    """The client that *data* is the value of.

    Raises:
        UnreadableRecord: It is none.
    """
    try:
        record = pb.ClientRecord.FromString(data[VERSION_BYTES:])
    except DecodeError as error:
        raise UnreadableRecord from error
    auth_methods, unknown_auth_methods = _auth_methods(tuple(record.auth_methods))
    return Client(
        client_id=record.client_id,
        name=record.name,
        allowed_scopes=tuple(record.allowed_scopes),
        default_scopes=tuple(record.default_scopes) if record.has_default_scopes else None,
        audiences=tuple(record.audiences),
        token_lifetime=record.token_lifetime_seconds * _SECOND,
        permissions=_permissions(tuple(record.permissions)),
        auth_methods=auth_methods,
        unknown_auth_methods=unknown_auth_methods,
        secrets=tuple(
            Secret(
                secret_id=secret.secret_id,
                digest=secret.digest,
                created_at=moment(secret.created_at_microseconds),
                expires_at=_moment_or_none(secret.expires_at_microseconds),
                foreign_hash=secret.foreign_hash,
            )
            for secret in record.secrets
        ),
        created_at=moment(record.created_at_microseconds),
        updated_at=moment(record.updated_at_microseconds),
        disabled_at=_moment_or_none(record.disabled_at_microseconds),
        created_by=record.created_by,
        updated_by=record.updated_by,
        disabled_by=record.disabled_by,
        organization=record.organization,
        description=record.description,
        labels=tuple(sorted(record.labels.items())) if record.labels else (),
        epoch=record.epoch,
        min_epoch=record.min_epoch if record.HasField("min_epoch") else record.epoch,
        revocations=tuple(
            PartialRevocation(
                below_epoch=revocation.below_epoch,
                selection=_selection(revocation),
                forget_at=moment(revocation.forget_at_microseconds),
            )
            for revocation in record.revocations
        )
        if record.revocations
        else (),
        retired_secrets=tuple(
            RetiredSecret(secret.secret_id, secret.digest, moment(secret.retired_at_microseconds))
            for secret in record.retired_secrets
        )
        if record.retired_secrets
        else (),
        version=data[:VERSION_BYTES],
    )


def _selection(record: pb.RevocationRecord) -> TokenSelection:
    from_, before = record.issued_from_microseconds, record.issued_before_microseconds
    return TokenSelection(
        secret_id=record.secret_id,
        issued_from=moment(from_) if record.HasField("issued_from_microseconds") else None,
        issued_before=moment(before) if record.HasField("issued_before_microseconds") else None,
    )


def encode_outcome(outcome: Outcome) -> bytes:
    """The record of *outcome*."""
    return pb.OutcomeRecord(
        fingerprint=outcome.fingerprint, client_id=outcome.client_id, salt=outcome.salt
    ).SerializeToString()


def decode_outcome(data: bytes) -> Outcome:
    """The outcome that *data* is the record of."""
    record = pb.OutcomeRecord.FromString(data)
    return Outcome(fingerprint=record.fingerprint, client_id=record.client_id, salt=record.salt)


def encode_audit_record(record: AuditRecord) -> bytes:
    """What is stored of *record*; its place in the trail is the store's to say."""
    return pb.AuditEntryRecord(
        at_microseconds=microseconds(record.at),
        kind=record.kind,
        client_id=record.client_id,
        actor=record.actor,
        source=record.source,
        request_id=record.request_id,
        changes=[
            pb.ChangeRecord(field=change.name, before=change.before, after=change.after) for change in record.changes
        ],
        failure=record.failure or "",
        secret_id=record.secret_id,
    ).SerializeToString()


def decode_audit_record(data: bytes, record_id: str) -> AuditRecord | None:
    """The record that *data* is stored of; None for one of a kind that only a newer core knows."""
    record = pb.AuditEntryRecord.FromString(data)
    try:
        kind, failure = Kind(record.kind), Failure(record.failure) if record.failure else None
    except ValueError:
        return None
    return AuditRecord(
        at=moment(record.at_microseconds),
        kind=kind,
        client_id=record.client_id,
        actor=record.actor,
        source=record.source,
        request_id=record.request_id,
        changes=tuple(FieldChange(change.field, change.before, change.after) for change in record.changes),
        failure=failure,
        secret_id=record.secret_id,
        record_id=record_id,
    )


# A newer core may have written names that this one does not know. A permission it cannot grant; a method must stay, for
# no method at all means any, and under its name, for the newer core reads what this one writes.
# Cached, for there are few combinations: together they took a quarter of the time to decode a client.


@lru_cache
def _permissions(names: tuple[str, ...]) -> frozenset[Permission]:
    return frozenset(map(Permission, _PERMISSIONS.intersection(names)))


@lru_cache
def _auth_methods(names: tuple[str, ...]) -> tuple[frozenset[AuthMethod], frozenset[str]]:
    return frozenset(map(AuthMethod, _AUTH_METHODS.intersection(names))), frozenset(names) - _AUTH_METHODS


def microseconds(moment: datetime | None) -> int:
    """Microseconds since 1970-01-01T00:00:00Z; 0 for None."""
    return 0 if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment so many microseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + microseconds * _MICROSECOND


def _microseconds_or_none(moment: datetime | None) -> int | None:
    """The same; None for None, where a caller names the moment and may name that one."""
    return None if moment is None else microseconds(moment)


def _moment_or_none(microseconds: int) -> datetime | None:
    return moment(microseconds) if microseconds else None

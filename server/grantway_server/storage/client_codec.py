"""Clients to stored records and back. See protos/grantway_server/storage/v1/records.proto."""

from functools import lru_cache
from typing import TypeVar

from google.protobuf.message import DecodeError

from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.clients import KNOWN_AUTH_METHODS, AuthMethod, Client, Permission
from grantway_server.domain.ports import UnreadableRecord
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from grantway_server.domain.tokens import MAX_LIFETIME
from grantway_server.domain.whole_seconds import duration_of, seconds_in
from grantway_server.storage.keys import VERSION_BYTES
from grantway_server.storage.moments import microseconds, microseconds_or_none, moment, moment_or_none
from grantway_server.storage.v1 import records_pb2 as pb

Value = TypeVar("Value")

_PERMISSIONS = {permission.value for permission in Permission}
_AUTH_METHODS = {method.value for method in KNOWN_AUTH_METHODS}


def encode_client(client: Client) -> bytes:
    """What is stored of *client*: its version, then its record."""
    record = pb.ClientRecord(
        client_id=client.client_id,
        name=client.name,
        allowed_scopes=client.allowed_scopes,
        has_default_scopes=client.default_scopes is not None,
        default_scopes=client.default_scopes or (),
        audiences=client.audiences,
        own_audiences=client.own_audiences,
        token_lifetime_seconds=seconds_in(client.token_lifetime),
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
        tokens_revoked_at_microseconds=microseconds(client.tokens_revoked_at),
        longest_token_lifetime_seconds=seconds_in(client.longest_token_lifetime),
        revocations=[
            pb.RevocationRecord(
                below_epoch=revocation.below_epoch,
                secret_id=revocation.selection.secret_id,
                issued_from_microseconds=microseconds_or_none(revocation.selection.issued_from),
                issued_before_microseconds=microseconds_or_none(revocation.selection.issued_before),
                forget_at_microseconds=microseconds(revocation.forget_at),
                revoked_at_microseconds=microseconds(revocation.revoked_at),
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
        allowed_scopes=_shared(tuple(record.allowed_scopes)),
        default_scopes=_shared(tuple(record.default_scopes)) if record.has_default_scopes else None,
        audiences=_shared(tuple(record.audiences)),
        own_audiences=_shared(tuple(record.own_audiences)),
        token_lifetime=duration_of(record.token_lifetime_seconds),
        permissions=_permissions(tuple(record.permissions)),
        auth_methods=auth_methods,
        unknown_auth_methods=unknown_auth_methods,
        secrets=tuple(
            Secret(
                secret_id=secret.secret_id,
                digest=secret.digest,
                created_at=moment(secret.created_at_microseconds),
                expires_at=moment_or_none(secret.expires_at_microseconds),
                foreign_hash=secret.foreign_hash,
            )
            for secret in record.secrets
        ),
        created_at=moment(record.created_at_microseconds),
        updated_at=moment(record.updated_at_microseconds),
        disabled_at=moment_or_none(record.disabled_at_microseconds),
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
                selection=selection(revocation),
                forget_at=moment(revocation.forget_at_microseconds),
                revoked_at=moment_or_none(revocation.revoked_at_microseconds),
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
        tokens_revoked_at=moment_or_none(record.tokens_revoked_at_microseconds),
        longest_token_lifetime=duration_of(record.longest_token_lifetime_seconds) or MAX_LIFETIME,
        version=data[:VERSION_BYTES],
    )


def selection(record: pb.RevocationRecord | pb.RevokedTokensRecord) -> TokenSelection:
    """The tokens that *record* is about."""
    from_, before = record.issued_from_microseconds, record.issued_before_microseconds
    return TokenSelection(
        secret_id=record.secret_id,
        issued_from=moment(from_) if record.HasField("issued_from_microseconds") else None,
        issued_before=moment(before) if record.HasField("issued_before_microseconds") else None,
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


@lru_cache(maxsize=10_000)
def _shared(value: Value) -> Value:
    """*value*, or what equals it of another client: what many have in common is kept once, and stays in the caches."""
    return value

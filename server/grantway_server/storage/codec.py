"""Domain values to stored records and back. See protos/grantway_server/storage/v1/records.proto."""

from datetime import UTC, datetime, timedelta

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import KNOWN_AUTH_METHODS, AuthMethod, Client, Permission
from grantway_server.domain.tokens import Token
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
    """The record of *token*."""
    # Set one by one: a third faster than as keywords, and this is done for every token.
    record = pb.TokenRecord()
    record.client_id = token.client_id
    record.epoch = token.epoch
    record.issued_at_seconds = (token.issued_at - _EPOCH) // _SECOND
    record.lifetime_seconds = lifetime_seconds(token)
    record.scope = " ".join(token.scopes)
    if token.audiences:
        record.audiences.extend(token.audiences)
    return record.SerializeToString()


def decode_token(data: bytes) -> Token:
    """The token that *data* is the record of."""
    record = pb.TokenRecord.FromString(data)
    return Token(
        client_id=record.client_id,
        epoch=record.epoch,
        issued_at=_EPOCH + record.issued_at_seconds * _SECOND,
        lifetime=record.lifetime_seconds * _SECOND,
        scopes=tuple(record.scope.split(" ")) if record.scope else (),
        audiences=tuple(record.audiences),
    )


def encode_version(version: int) -> bytes:
    """The bytes that a stored client begins with; none for a client that was never stored."""
    return version.to_bytes(8, "big") if version else b""


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
                created_at_microseconds=_microseconds(secret.created_at),
            )
            for secret in client.secrets
        ],
        epoch=client.epoch,
        created_at_microseconds=_microseconds(client.created_at),
        updated_at_microseconds=_microseconds(client.updated_at),
        disabled_at_microseconds=_microseconds(client.disabled_at) if client.disabled_at else 0,
    )
    return encode_version(client.version) + record.SerializeToString()


def decode_client(data: bytes) -> Client:
    """The client that *data* is stored of."""
    record = pb.ClientRecord.FromString(data[8:])
    return Client(
        client_id=record.client_id,
        name=record.name,
        allowed_scopes=tuple(record.allowed_scopes),
        default_scopes=tuple(record.default_scopes) if record.has_default_scopes else None,
        audiences=tuple(record.audiences),
        token_lifetime=record.token_lifetime_seconds * _SECOND,
        # A newer core may have written what this one does not know. A permission it cannot grant; a method must stay,
        # for no method at all means any, and under its name, for the newer core reads what this one writes.
        permissions=frozenset(map(Permission, set(record.permissions) & _PERMISSIONS)),
        auth_methods=frozenset(map(AuthMethod, set(record.auth_methods) & _AUTH_METHODS)),
        unknown_auth_methods=frozenset(record.auth_methods) - _AUTH_METHODS,
        secrets=tuple(
            Secret(
                secret_id=secret.secret_id,
                digest=secret.digest,
                created_at=_moment(secret.created_at_microseconds),
            )
            for secret in record.secrets
        ),
        created_at=_moment(record.created_at_microseconds),
        updated_at=_moment(record.updated_at_microseconds),
        disabled_at=_moment(record.disabled_at_microseconds) if record.disabled_at_microseconds else None,
        epoch=record.epoch,
        version=int.from_bytes(data[:8], "big"),
    )


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND

"""Tokens to stored records and back. See protos/grantway_server/storage/v1/records.proto."""

from datetime import datetime, timedelta
from functools import lru_cache

from google.protobuf.message import DecodeError

from grantway_server.domain.audiences import Audiences
from grantway_server.domain.ports import UnreadableRecord
from grantway_server.domain.scopes import Scopes
from grantway_server.domain.tokens import KEPT_AFTER_EXPIRY, Token
from grantway_server.domain.whole_seconds import duration_of, moment_of, seconds_in, seconds_since_epoch
from grantway_server.storage.v1 import records_pb2 as pb

# A field of text is its number and kind, its length, which is one byte up to 127 (see `clients.is_id`), and its bytes.
_CLIENT_ID = b"%c" % (pb.TokenRecord.CLIENT_ID_FIELD_NUMBER << 3 | 2) + b"%c%b"
_SECRET_ID = b"%c" % (pb.TokenRecord.SECRET_ID_FIELD_NUMBER << 3 | 2) + b"%c%b"
_WITHOUT_SECRET_ID = _CLIENT_ID + b"%b"
_WITH_SECRET_ID = _WITHOUT_SECRET_ID + _SECRET_ID

_KEPT_AFTER_EXPIRY_SECONDS = seconds_in(KEPT_AFTER_EXPIRY)


def kept_seconds(token: Token) -> int:
    """For how long *token* is stored from its issue on."""
    return seconds_in(token.lifetime) + _KEPT_AFTER_EXPIRY_SECONDS


def encode_token(token: Token) -> bytes:
    """The record of *token*. It begins with the client's id, where `scripts.GET_TOKENS` looks for it.

    Put together from its encoded fields, which is what a protobuf message is: a sixth of the time of making one, and
    this is done for every token.
    """
    client_id, secret_id = token.client_id.encode(), token.secret_id.encode()
    between = _between_ids(token.epoch, token.issued_at, token.lifetime, token.scopes, token.audiences)
    if secret_id:
        return _WITH_SECRET_ID % (len(client_id), client_id, between, len(secret_id), secret_id)
    return _WITHOUT_SECRET_ID % (len(client_id), client_id, between)


@lru_cache(maxsize=1024)  # Most tokens of a second have it in common. Audiences may take kilobytes.
def _between_ids(epoch: int, issued_at: datetime, lifetime: timedelta, scopes: Scopes, audiences: Audiences) -> bytes:
    """The fields of a token's record from the second to the last but one."""
    record = pb.TokenRecord(
        epoch=epoch,
        issued_at_seconds=seconds_since_epoch(issued_at),
        lifetime_seconds=seconds_in(lifetime),
        scope=" ".join(scopes),
        audiences=audiences,
    )
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
        moment_of(record.issued_at_seconds),
        duration_of(record.lifetime_seconds),
        _scopes(record.scope),
        tuple(record.audiences) if record.audiences else (),
        record.secret_id,
    )


@lru_cache(maxsize=1024)
def _scopes(scope: str) -> Scopes:
    return tuple(scope.split(" ")) if scope else ()

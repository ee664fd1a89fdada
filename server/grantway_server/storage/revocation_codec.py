"""Revocation events to stored entries and back. See protos/grantway_server/storage/v1/records.proto."""

from collections.abc import Sequence

from google.protobuf.message import DecodeError

from grantway_server.domain.revocation_events import (
    ChangedClient,
    Position,
    RevocationEvent,
    RevocationPortion,
    RevokedToken,
    RevokedTokens,
)
from grantway_server.storage.client_codec import selection
from grantway_server.storage.moments import microseconds_or_none
from grantway_server.storage.v1 import records_pb2 as pb

Entry = tuple[bytes, Sequence[bytes]]
"""Of a stream: its id, and the names and values of its fields, `nonce` and `event`, in this order."""


def encode_event(event: RevocationEvent) -> bytes:
    """The record of *event*."""
    match event:
        case RevokedToken():
            record = pb.RevocationEventRecord(token_id=event.token_id)
        case RevokedTokens():
            record = pb.RevocationEventRecord(
                tokens=pb.RevokedTokensRecord(
                    client_id=event.client_id,
                    secret_id=event.selection.secret_id,
                    issued_from_microseconds=microseconds_or_none(event.selection.issued_from),
                    issued_before_microseconds=microseconds_or_none(event.selection.issued_before),
                )
            )
        case ChangedClient():
            record = pb.RevocationEventRecord(changed_client_id=event.client_id)
    return record.SerializeToString()


def decode_position(entry: Entry) -> Position:
    """The place of *entry*."""
    entry_id, fields = entry
    milliseconds, _, number = entry_id.partition(b"-")
    return Position(int(milliseconds), int(number), fields[1].decode("ascii"))


def decode_portion(entries: Sequence[Entry], *, after: Position, more: bool) -> RevocationPortion:
    """What *entries* tell, which come behind *after*; what this version cannot read is a gap."""
    events, gap = [], False
    for entry in entries:
        if data := entry[1][3]:
            event = _event(data)
            gap = gap or event is None
            if event is not None:
                events.append((decode_position(entry), event))
    return RevocationPortion(decode_position(entries[-1]) if entries else after, tuple(events), gap=gap, more=more)


def _event(data: bytes) -> RevocationEvent | None:
    """The event that *data* is the record of; None for one that only a newer core knows."""
    try:
        record = pb.RevocationEventRecord.FromString(data)
    except DecodeError:
        return None
    match record.WhichOneof("event"):
        case "token_id":
            return RevokedToken(record.token_id)
        case "tokens":
            return RevokedTokens(record.tokens.client_id, selection(record.tokens))
        case "changed_client_id":
            return ChangedClient(record.changed_client_id)
        case _:
            return None

"""Outcomes of calls that may be repeated, to stored records and back."""

from grantway_server.domain.idempotency import Outcome
from grantway_server.storage.v1 import records_pb2 as pb


def encode_outcome(outcome: Outcome) -> bytes:
    """The record of *outcome*."""
    return pb.OutcomeRecord(
        fingerprint=outcome.fingerprint, client_id=outcome.client_id, salt=outcome.salt
    ).SerializeToString()


def decode_outcome(data: bytes) -> Outcome:
    """The outcome that *data* is the record of."""
    record = pb.OutcomeRecord.FromString(data)
    return Outcome(fingerprint=record.fingerprint, client_id=record.client_id, salt=record.salt)

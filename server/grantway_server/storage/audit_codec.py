"""Audit records to stored records and back. See protos/grantway_server/storage/v1/records.proto."""

from grantway_server.domain.audit import AuditRecord, Failure, FieldChange, Kind
from grantway_server.storage.moments import microseconds, moment
from grantway_server.storage.v1 import records_pb2 as pb


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

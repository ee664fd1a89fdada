"""Messages about the audit trail to domain values and back. Knows no rule but what stands for what."""

from collections.abc import Mapping

from grantway.v1 import audit_service_pb2 as pb
from grantway_server.domain.audit import AuditRecord, Failure, Kind
from grantway_server.domain.audit_service import AuditQuery
from grantway_server.domain.refusals import invalid_request
from grantway_server.rpc.times import optional_moment

KINDS: Mapping[Kind, "pb.AuditKind"] = {
    kind: pb.AuditKind.Value(f"AUDIT_KIND_{kind.name}")  # type: ignore[misc] # Their stub says int.
    for kind in Kind
}
FAILURES: Mapping[Failure, "pb.AuthenticationFailure"] = {
    failure: pb.AuthenticationFailure.Value(f"AUTHENTICATION_FAILURE_{failure.name}")  # type: ignore[misc] # As above.
    for failure in Failure
}
_KIND_OF: Mapping[int, Kind] = {message: kind for kind, message in KINDS.items()}


def audit_query(message: pb.ReadAuditRequest) -> AuditQuery:
    """Which records are asked for.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    kinds = set(message.kinds)
    if pb.AUDIT_KIND_UNSPECIFIED in kinds:
        kinds = set()
    if not kinds <= set(_KIND_OF):
        raise invalid_request("kinds holds a value that this service does not know.")
    return AuditQuery(
        client_id=message.client_id,
        actor=message.actor,
        kinds=frozenset(_KIND_OF[kind] for kind in kinds),
        since=optional_moment(message, "since"),
        until=optional_moment(message, "until"),
        limit=message.limit,
    )


def audit_record(record: AuditRecord) -> pb.AuditRecord:
    """One record of the trail."""
    message = pb.AuditRecord(
        record_id=record.record_id,
        kind=KINDS[record.kind],
        client_id=record.client_id,
        actor=record.actor,
        source=record.source,
        request_id=record.request_id,
        changes=[
            pb.AuditChange(field=change.name, before=change.before, after=change.after) for change in record.changes
        ],
        secret_id=record.secret_id,
    )
    message.time.FromDatetime(record.at)
    if record.failure is not None:
        message.failure = FAILURES[record.failure]
    return message

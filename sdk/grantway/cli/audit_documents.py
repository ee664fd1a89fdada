"""Records of the audit trail, as JSON documents and as lines for people."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from grantway.cli.audit_differences import differences, value_of
from grantway.cli.documents import Document
from grantway.cli.output import printable
from grantway.cli.vocabulary import audit_kind_name, failure_name
from grantway.v1.audit_service_pb2 import AUDIT_KIND_LEAK_REPORTED, AUDIT_KIND_TOKENS_REVOKED, AuditChange, AuditRecord


def audit_document(record: AuditRecord) -> Document:
    """A record. Its time is one of RFC 3339 with all its digits, as `--since` and `--until` take it."""
    document: dict[str, Any] = {
        "time": _moment(record.time).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "kind": audit_kind_name(record.kind),
        "client_id": record.client_id,
        "actor": record.actor,
        "source": record.source,
        "request_id": record.request_id,
        "record_id": record.record_id,
    }
    if record.secret_id:
        document["secret_id"] = record.secret_id
    if record.kind == AUDIT_KIND_LEAK_REPORTED:
        document["leaked"] = "client_secret" if record.changes else "access_token"
    if record.failure:
        document["failure"] = failure_name(record.failure)
    if record.changes:
        document["changes"] = [_change(change) for change in record.changes]
    return document


def audit_line(record: AuditRecord) -> str:
    """A record on one line: when, what, of which client, by whom, from where, in which request, and what of it."""
    about = [failure_name(record.failure)] if record.failure else []
    about += [words for change in record.changes for words in differences(change)]
    if record.kind == AUDIT_KIND_LEAK_REPORTED and not record.changes:
        # Of a token there is nothing to change in the client.
        about.append(f"- a token that secret {record.secret_id} obtained")
    elif record.secret_id and not any(f" {record.secret_id}" in words for words in about):
        about.insert(0, f"secret {record.secret_id}")
    if record.kind == AUDIT_KIND_TOKENS_REVOKED and not any(
        words.startswith(("- tokens", "- all tokens")) for words in about
    ):
        about.append("- all tokens")
    parts = (
        f"{_moment(record.time):%Y-%m-%d %H:%M:%S} UTC",
        f"{audit_kind_name(record.kind):<21}",
        # Whoever fails to authenticate chooses what stands here.
        f"{printable(record.client_id) or '-':<25}",
        f"by {record.actor} from {record.source}" + (f" in {record.request_id}" if record.request_id else ""),
        "; ".join(about),
    )
    return printable("  ".join(parts).rstrip())


def _moment(time: Timestamp) -> datetime:
    return time.ToDatetime(UTC)


def _change(change: AuditChange) -> dict[str, Any]:
    return {"field": change.field, "before": value_of(change.before), "after": value_of(change.after)}

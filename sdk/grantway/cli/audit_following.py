"""Following the audit trail: for as long as somebody listens, whichever core answers."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from grantway.cli.core import Core
from grantway.errors import Refused, Unreachable
from grantway.v1 import audit_service_pb2 as pb
from grantway.v1.error_reason_pb2 import ERROR_REASON_STORAGE_UNAVAILABLE

_PAUSE_SECONDS = 1
_LOOK_BACK = timedelta(minutes=1)
"""How far behind its place in the trail the time of a record may be: clocks differ."""

_REMEMBERED = 100_000
"""Records that are known again."""


def followed(core: Core, request: pb.ReadAuditRequest) -> Iterator[pb.AuditRecord]:
    """The records that *request* asks for and those to come, each once and none left out, across restarts of the core.

    Raises:
        Refused: The core says no.
        Unreachable: No core has answered yet.
    """
    seen: dict[str, None] = {}
    first = latest = datetime.now(UTC)
    answered = False
    while True:
        try:
            for answer in core.stream(core.audit.ReadAudit, request, seconds=None):
                answered = True
                for record in answer.records:
                    if record.record_id not in seen:
                        _remember(seen, record.record_id)
                        first = min(first, record.time.ToDatetime(UTC))
                        latest = max(latest, record.time.ToDatetime(UTC))
                        yield record
        except Unreachable:
            if not answered:
                raise
        except Refused as refused:
            if not answered or refused.reason != ERROR_REASON_STORAGE_UNAVAILABLE:
                raise
        time.sleep(_PAUSE_SECONDS)
        # From here on it is another core's affair, or a new one's.
        request = pb.ReadAuditRequest(since=max(first, latest - _LOOK_BACK), follow=True)


def _remember(seen: dict[str, None], record_id: str) -> None:
    seen[record_id] = None
    if len(seen) > _REMEMBERED:
        del seen[next(iter(seen))]

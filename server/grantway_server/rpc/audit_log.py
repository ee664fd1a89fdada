"""Audit records as lines of the log: a line for each change, and some of what any caller can cause."""

import time

import structlog

from grantway_server.domain.audit import AuditRecord, Kind
from grantway_server.domain.token_revocation import ForeignRevocation

_log = structlog.get_logger()

_LINES_PER_SECOND = 10
"""Any caller can fail as often as it likes: a line for each could fill a disk. The audit trail has all failures."""


class AuditLog:
    """Tells the log of what the audit trail gets."""

    def __init__(self) -> None:
        self._second = 0
        self._told = 0
        self._untold = 0

    def announce(self, record: AuditRecord) -> None:
        """One more record."""
        if record.kind is not Kind.AUTHENTICATION_FAILED:
            _log.info(
                "audit",
                kind=str(record.kind),
                client_id=record.client_id,
                actor=record.actor,
                source=record.source,
                request_id=record.request_id,
                secret_id=record.secret_id or None,
                changes={change.name: [change.before, change.after] for change in record.changes},
            )
        elif self._may_tell():
            _log.info(
                "audit",
                kind=str(record.kind),
                client_id=record.client_id,
                source=record.source,
                request_id=record.request_id,
                failure=str(record.failure),
                untold=self._untold,
            )
            self._untold = 0

    def announce_foreign(self, revocation: ForeignRevocation) -> None:
        """A client that has tokens of others may have stolen them. As with failures: any client can do it often."""
        if self._may_tell():
            _log.warning(
                "a client asked to revoke a token of another one",
                client_id=revocation.client_id,
                source=revocation.source,
                owner_id=revocation.owner_id,
                token_id=revocation.token_id,
                untold=self._untold,
            )
            self._untold = 0

    def _may_tell(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._told = second, 0
        self._told += 1
        if self._told > _LINES_PER_SECOND:
            self._untold += 1
            return False
        return True

"""Lines of the log about what callers do: one for each change, and some of what any of them can cause."""

from collections.abc import Callable

import structlog

from grantway_server.domain.audit import AuditRecord, Kind
from grantway_server.domain.token_revocation import ForeignRevocation
from grantway_server.rpc.line_budget import LineBudget

_log = structlog.get_logger()

_LINES_PER_SECOND = 10
"""Of each kind that any caller can cause. The audit trail has all failures."""


class AuditLog:
    """Tells the log of what the audit trail gets, and of foreign revocations, which nothing else tells of.

    Args:
        clock: Seconds since some moment, never going back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        # One each: a flood of failures must not hide what may be a theft.
        self._failures = LineBudget(_LINES_PER_SECOND, clock)
        self._foreign = LineBudget(_LINES_PER_SECOND, clock)

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
        elif (untold := self._failures.spend()) is not None:
            _log.info(
                "audit",
                kind=str(record.kind),
                client_id=record.client_id,
                source=record.source,
                request_id=record.request_id,
                failure=str(record.failure),
                untold=untold,
            )

    def announce_foreign(self, revocation: ForeignRevocation) -> None:
        """A client that has tokens of others may have stolen them."""
        if (untold := self._foreign.spend()) is not None:
            _log.warning(
                "a client asked to revoke a token of another one",
                client_id=revocation.client_id,
                source=revocation.source,
                owner_id=revocation.owner_id,
                token_id=revocation.token_id,
                untold=untold,
            )

"""Reading the audit trail."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from grantway_server.domain.audit import AuditRecord, Kind
from grantway_server.domain.ports import AuditTrail, Clock
from grantway_server.domain.refusals import invalid_request

_POLL_INTERVAL = timedelta(milliseconds=250)
MAX_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which records are asked for. What is empty or None does not narrow them."""

    client_id: str = ""
    actor: str = ""
    kinds: frozenset[Kind] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 0
    """At most so many of those that there are, the newest; 0 means all."""

    def holds(self, record: AuditRecord) -> bool:
        """Whether *record* is one of them."""
        return (
            (not self.client_id or record.client_id == self.client_id)
            and (not self.actor or record.actor == self.actor)
            and (not self.kinds or record.kind in self.kinds)
            and (self.since is None or record.at >= self.since)
            and (self.until is None or record.at < self.until)
        )


class AuditService:
    """Every method may raise `StorageUnavailable`."""

    def __init__(self, audit_trail: AuditTrail, clock: Clock) -> None:
        self._audit_trail = audit_trail
        self._clock = clock

    async def read(self, query: AuditQuery, *, follow: bool) -> AsyncIterator[Sequence[AuditRecord]]:
        """The records of *query*, the oldest first, in portions; with *follow* also those to come, until its `until`.

        While it follows, a portion comes every quarter of a second, and most are empty: callers may stop at each.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if not 0 <= query.limit <= MAX_LIMIT:
            raise invalid_request(f"limit must be 0 to {MAX_LIMIT}.")
        place = b""
        newest: deque[AuditRecord] = deque(maxlen=query.limit or None)
        while True:
            page = await self._audit_trail.portion(since=query.since, after=place)
            at_the_end, place = page.next_page == place, page.next_page
            found = [record for record in page.items if query.holds(record)]
            if query.limit and not at_the_end:
                newest.extend(found)
            elif found:
                yield found
            if at_the_end:
                break
        if newest:
            yield list(newest)
        while follow:
            # Asked before the pause: what was written down at the last moment is there after it.
            is_over = query.until is not None and query.until <= self._clock()
            await asyncio.sleep(_POLL_INTERVAL.total_seconds())
            page = await self._audit_trail.portion(since=query.since, after=place)
            at_the_end, place = page.next_page == place, page.next_page
            yield [record for record in page.items if query.holds(record)]
            follow = not (is_over and at_the_end)

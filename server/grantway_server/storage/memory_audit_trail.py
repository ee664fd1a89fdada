"""The in-memory twin of the audit trail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.ports import Page
from grantway_server.storage.memory_client_store import MemoryClientStore

_PORTION = 200


class MemoryAuditTrail:
    """`AuditTrail` in lists; see there for the promises."""

    def __init__(self, clients: MemoryClientStore) -> None:
        self._changes = clients.records
        self._failures = clients.failures

    async def add(self, records: Sequence[AuditRecord]) -> None:
        """See `AuditTrail.add`."""
        self._failures += records

    async def portion(self, *, since: datetime | None, after: bytes) -> Page[AuditRecord]:
        """See `AuditTrail.portion`."""
        starts = [int(start) for start in after.split()] or [0, 0]
        named = [
            (record.at, letter, number, replace(record, record_id=f"{letter}{number}"))
            for letter, records, start in zip("cf", (self._changes, self._failures), starts, strict=True)
            for number, record in enumerate(records[start:], start + 1)
        ]
        portion = sorted(named, key=lambda entry: entry[:3])[:_PORTION]
        for _, letter, number, _ in portion:
            starts["cf".index(letter)] = number
        records = [record for at, _, _, record in portion if since is None or at >= since]
        return Page(records, f"{starts[0]} {starts[1]}".encode())

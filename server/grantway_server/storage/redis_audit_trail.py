"""The audit trail in Redis or Valkey: two streams, read as one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import Page
from grantway_server.storage.audit_codec import decode_audit_record, encode_audit_record
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import RedisConnections, Script
from grantway_server.storage.scripts import ADD_FAILURES

_ADD_FAILURES = Script(ADD_FAILURES)
_PORTION = 200
_SKEW = timedelta(hours=1)
"""By how much the store's clock, which the places in a stream come from, may differ from a core's."""

_Place = tuple[int, int]
_START: _Place = (0, 0)


class RedisAuditTrail:
    """`AuditTrail` on Redis, for one environment; see there for the promises."""

    def __init__(self, redis: RedisConnections, *, environment: Environment, max_records: int) -> None:
        self._redis = redis
        self._keys = EnvironmentKeys(environment)
        self._max_records = max_records

    async def add(self, records: Sequence[AuditRecord]) -> None:
        """See `AuditTrail.add`."""
        await self._redis.run(
            _ADD_FAILURES,
            [self._keys.failures],
            [self._max_records, *map(encode_audit_record, records)],
            repeatable=False,
        )

    async def portion(self, *, since: datetime | None, after: bytes) -> Page[AuditRecord]:
        """See `AuditTrail.portion`."""
        places = _places(after, since)
        entries: list[tuple[_Place, str, bytes]] = []
        complete: list[_Place] = []
        for key, letter, place in zip((self._keys.audit, self._keys.failures), "cf", places, strict=True):
            read = await self._redis.execute(
                "XRANGE", key, f"({place[0]}-{place[1]}", "+", "COUNT", _PORTION, repeatable=True
            )
            found = [(_place(entry_id), letter, fields[1]) for entry_id, fields in read]
            if len(found) == _PORTION:
                complete.append(found[-1][0])
            entries += found
        # What comes behind the end of a portion that is full may have to stand behind what was not read yet.
        end = min(complete, default=None)
        entries = sorted(entry for entry in entries if end is None or entry[0] <= end)
        for place, letter, _ in entries:
            places["cf".index(letter)] = place
        records = (decode_audit_record(data, f"{letter}{place[0]}-{place[1]}") for place, letter, data in entries)
        return Page(
            [record for record in records if record is not None and (since is None or record.at >= since)],
            " ".join(f"{place[0]}-{place[1]}" for place in places).encode(),
        )


def _places(after: bytes, since: datetime | None) -> list[_Place]:
    if after:
        return [_place(place) for place in after.split(b" ")]
    # Not "since - _SKEW", for which there may be no date.
    start = _START if since is None else (max(0, int((since.timestamp() - _SKEW.total_seconds()) * 1000)), 0)
    return [start, start]


def _place(entry_id: bytes) -> _Place:
    milliseconds, _, number = entry_id.partition(b"-")
    return int(milliseconds), int(number)

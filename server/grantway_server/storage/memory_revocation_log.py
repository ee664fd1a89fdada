"""The in-memory twin of the stream of revocations."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from grantway_server.domain.revocation_events import Position, RevocationEvent, RevocationPortion
from grantway_server.storage.nonces import new_nonce

_PORTION = 1000
_WAIT_SECONDS = 0.4


class MemoryRevocationLog:
    """`RevocationLog` in a list; see there for the promises."""

    def __init__(self) -> None:
        self._entries: list[tuple[Position, RevocationEvent | None]] = []
        self._written = asyncio.Event()

    @property
    def last(self) -> Position | None:
        """The last position; None when there never was one."""
        return self._entries[-1][0] if self._entries else None

    def add(self, events: Iterable[RevocationEvent | None]) -> None:
        """Writes *events* down; None only marks a place."""
        for event in events:
            self._entries.append((Position(0, len(self._entries) + 1, new_nonce()), event))
        self._written.set()

    async def read(self, after: Position | None) -> RevocationPortion:
        """See `RevocationLog.read`."""
        if not self._entries:
            self.add([None])
        if after is None or [after] != [position for position, _ in self._entries[after.number - 1 : after.number]]:
            return RevocationPortion(self._entries[-1][0], (), gap=after is not None)
        portion = self._entries[after.number : after.number + _PORTION]
        return RevocationPortion(
            portion[-1][0] if portion else after,
            tuple((position, event) for position, event in portion if event is not None),
            more=len(portion) == _PORTION,
        )

    async def wait(self, after: Position) -> None:
        """See `RevocationLog.wait`."""
        if self.last != after:
            return
        self._written.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._written.wait()

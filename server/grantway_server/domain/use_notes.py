"""Notes of the use of secrets that obtains no tokens: what clients check and revoke tokens with is in use, too.

Each core keeps one note of a secret and writes it about once a second, however many thousand uses there are. The first
one after a quiet second is written at once: no secret may be called unused that was answered to. Those that follow are
written at the end of the second, as one: the last of them. A core that ends loses that one.
"""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from itertools import islice

from grantway_server.domain.ports import StorageUnavailable, TokenStore
from grantway_server.domain.secret_use import NewUse

_INTERVAL = timedelta(seconds=1)
_MAX_NOTES = 10_000
"""Of as many secrets. What is used beyond that is written at once."""
_MAX_WRITTEN = 500
"""At once: the store does nothing else meanwhile."""


class UseNotes:
    """Writes down that secrets are used. Never fails: what could not be written is tried again every second.

    Args:
        token_store: Where it is written.
        interval: How often that of one secret is; its first use after as long without any is written at once.
    """

    def __init__(self, token_store: TokenStore, *, interval: timedelta = _INTERVAL) -> None:
        self._token_store = token_store
        self._interval = interval
        # Of each secret that was used in this interval its last use, or None when that is written.
        self._notes: dict[tuple[str, str], NewUse | None] = {}
        self._writer: asyncio.Task[None] | None = None

    async def take(self, uses: Collection[NewUse]) -> None:
        """Takes note of *uses*; those of secrets that were not used just before are written when it returns."""
        first = []
        for use in uses:
            key = use.client_id, use.secret_id
            if key in self._notes:
                self._notes[key] = use
                continue
            first.append(use)
            if len(self._notes) < _MAX_NOTES:
                self._notes[key] = None
        if first:
            self._start_writer()
            await self._write(first)

    async def _write(self, uses: Collection[NewUse]) -> None:
        left = iter(uses)
        portion: list[NewUse] = []
        try:
            while portion := list(islice(left, _MAX_WRITTEN)):
                await self._token_store.add_uses(portion)
        except StorageUnavailable:
            self._keep([*portion, *left])
        except asyncio.CancelledError:
            self._keep([*portion, *left])
            raise

    def _keep(self, uses: Collection[NewUse]) -> None:
        """Leaves *uses* to the writer, but for those that there is a newer note of."""
        for use in uses:
            key = use.client_id, use.secret_id
            if self._notes.get(key) is None and (key in self._notes or len(self._notes) < _MAX_NOTES):
                self._notes[key] = use
        self._start_writer()

    def _start_writer(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_again_and_again())

    async def _write_again_and_again(self) -> None:
        """Until an interval goes by in which no secret is used."""
        while self._notes:
            await asyncio.sleep(self._interval.total_seconds())
            late = [use for use in self._notes.values() if use is not None]
            self._notes = {(use.client_id, use.secret_id): None for use in late}
            await self._write(late)

"""Notes of the use of secrets: what is used all the time is not written about all the time.

- *A verdict may rest on it*, for its client has several secrets (somebody rotates them): then the step that stores a
  token writes its use, too. Of uses that obtain no token the first one after a quiet second is written before it is
  answered to, and the last one of each second at its end.
- *No verdict can*: then it is gathered here, and written within a second; later where more than a thousand clients
  were used in one, for the store has better to do. A core that is killed loses what it gathered; one that ends writes
  it (docs/adr/0029).
"""

import asyncio
from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import islice

from grantway_server.domain.gathered_uses import GatheredUses
from grantway_server.domain.ports import StorageUnavailable, TokenStore
from grantway_server.domain.secret_use import NewUse

_INTERVAL = timedelta(seconds=1)
_MAX_NOTES = 10_000
"""How many secrets that verdicts rest on may have a note. Uses of others are written at once, each of them."""
_MAX_WRITTEN = 250
"""How many uses one script writes: the store does nothing else meanwhile."""
_MAX_GATHERED_WRITTEN = 1000
"""How many clients' gathered uses are written in one interval: that takes half a per cent of the store's time."""
_CLOSING_ATTEMPTS = 5
_CLOSING_PAUSE_SECONDS = 0.1


class UseNotes:
    """Writes down that secrets are used. Never fails: what could not be written is tried again every second.

    A use is written again where the store did it and did not say so: then a count is too high by that.

    Args:
        token_store: Where it is written.
        interval: How often that of one secret is.
    """

    def __init__(self, token_store: TokenStore, *, interval: timedelta = _INTERVAL) -> None:
        self._token_store = token_store
        self._interval_seconds = interval.total_seconds()
        # Of each secret that a verdict may rest on and that was used in this interval its uses since the first one, or
        # None when all is written.
        self._notes: dict[tuple[str, str], NewUse | None] = {}
        self._gathered = GatheredUses()
        # Held by who writes what was gathered: who is about to look must not look meanwhile.
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None
        self._is_doubtful = False
        """Whether the last write was not acknowledged."""
        self._closed = False

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be gathered."""
        return self._closed or self._gathered.is_full

    def gather(self, uses: Iterable[NewUse]) -> None:
        """Takes note of *uses* that no verdict rests on. They are nobody else's from now on."""
        for use in uses:
            self._gathered.add(use)
        if self._gathered:
            self._start_writer()

    async def take(self, uses: Collection[NewUse]) -> None:
        """Takes note of *uses* that obtained no token; those that must not wait are written when it returns."""
        first = []
        for use in uses:
            if not use.decides and not self.is_full:
                self._gathered.add(use)
                continue
            key = use.client_id, use.secret_id
            if key in self._notes:
                self._note(use)
                continue
            first.append(use)
            if len(self._notes) < _MAX_NOTES:
                self._notes[key] = None
        self._start_writer()
        await self._write(first)

    async def write_of(self, client_ids: Collection[str]) -> None:
        """Writes what is noted of some clients, if the store lets it: somebody is about to look."""
        if self._notes or self._gathered or self._writing.locked():
            async with self._writing:
                await self._write(self._late_of(client_ids))

    async def close(self) -> bool:
        """Writes all that is noted; whether it could. For when no secret is used any more."""
        self._closed = True
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait([self._writer])
        attempts = 0
        while late := self._late():
            if not await self._write(late):
                attempts += 1
                if attempts == _CLOSING_ATTEMPTS:
                    return False
                await asyncio.sleep(_CLOSING_PAUSE_SECONDS)
        return True

    def _late_of(self, client_ids: Collection[str]) -> list[NewUse]:
        """What is not written of some clients."""
        wanted = set(client_ids)
        late = [use for use in self._notes.values() if use is not None and use.client_id in wanted]
        for use in late:
            self._notes[use.client_id, use.secret_id] = None
        return late + self._gathered.take_of(client_ids)

    def _late(self) -> list[NewUse]:
        """What is to be written at the end of an interval."""
        late = [use for use in self._notes.values() if use is not None]
        self._notes = {(use.client_id, use.secret_id): None for use in late}
        return late + self._gathered.take(_MAX_GATHERED_WRITTEN)

    async def _write(self, uses: Collection[NewUse]) -> bool:
        """Writes *uses*; False when the store does not, and what it did not write is kept."""
        left = iter(uses)
        portion: list[NewUse] = []
        try:
            if self._is_doubtful:
                # The last write may have been done, or still be: no further one before the store answers to anything.
                await self._token_store.add_uses([])
                self._is_doubtful = False
            while portion := list(islice(left, _MAX_WRITTEN)):
                await self._token_store.add_uses(portion)
        except StorageUnavailable:
            self._is_doubtful = True
            self._keep([*portion, *left])
            return False
        except asyncio.CancelledError:
            self._keep([*portion, *left])
            raise
        return True

    def _keep(self, uses: Collection[NewUse]) -> None:
        """Leaves *uses* to the writer."""
        for use in uses:
            if not use.decides:
                self._gathered.add(use)
            elif (use.client_id, use.secret_id) in self._notes or len(self._notes) < _MAX_NOTES:
                self._note(use)
        self._start_writer()

    def _note(self, use: NewUse) -> None:
        """Notes a use that a verdict may rest on, with what is noted of the same secret."""
        key = use.client_id, use.secret_id
        if (noted := self._notes.get(key)) is None:
            self._notes[key] = use
        else:
            noted.take_in(use)

    def _start_writer(self) -> None:
        if not self._closed and (self._writer is None or self._writer.done()):
            self._writer = asyncio.create_task(self._write_again_and_again())

    async def _write_again_and_again(self) -> None:
        """Until an interval goes by in which no secret is used."""
        while self._notes or self._gathered:
            await asyncio.sleep(self._interval_seconds)
            async with self._writing:
                await self._write(self._late())

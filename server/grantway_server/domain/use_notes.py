"""Notes of the use of secrets: what is used all the time is not written about all the time.

- *A verdict may rest on it*, for its client has several secrets (somebody rotates them): then it is written before
  anybody is answered; that of a token in the step that stores the token.
- *No verdict can*: then it is gathered here, and written within a second; later where more than 250 clients were used
  in one, for the store has better to do. A core that is killed loses what it gathered; one that ends writes
  it (docs/adr/0029).
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex

from grantway_server.domain.clients import Client
from grantway_server.domain.gathered_uses import GatheredUses
from grantway_server.domain.ports import StorageUnavailable, TokenStore
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.tokens import Token

_INTERVAL = timedelta(seconds=1)
_MAX_WRITTEN = 250
"""Of how many clients one script writes the uses: the store does nothing else meanwhile."""
_MORE_WHEN_WAITING = 25_000
"""One such script in an interval, and one more for every so many clients that wait."""
_NAME_BYTES = 8
_CLOSING_ATTEMPTS = 5
_CLOSING_PAUSE_SECONDS = 0.1


class UseNotes:
    """Writes down that secrets are used. Never fails: what could not be written is tried again every second.

    What is gathered is counted once, whatever the store says: a write that was done and not acknowledged is repeated as
    it was, under its number, which the store knows.

    Args:
        token_store: Where it is written.
        interval: How often what was gathered is.
    """

    def __init__(self, token_store: TokenStore, *, interval: timedelta = _INTERVAL) -> None:
        self._token_store = token_store
        self._interval_seconds = interval.total_seconds()
        self._gathered = GatheredUses()
        self._name = token_hex(_NAME_BYTES)
        """Tells this writer from others. Nobody's guess, and nothing that anybody decides by."""
        self._number = 0
        self._unacknowledged: Sequence[NewUse] = ()
        """What was written last, while it is not known whether it was."""
        self._writing = asyncio.Lock()
        """Held by who writes what was gathered: who is about to look must not look meanwhile."""
        self._asked: set[asyncio.Task[bool]] = set()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    def must_be_written(self, clients: Iterable[Client]) -> AbstractSet[str]:
        """Of which *clients* a use is written before anybody is answered: a verdict may rest on it, or all is full."""
        everybody = self._closed or self._gathered.is_full
        return {client.client_id for client in clients if everybody or client.has_several_secrets}

    def gather(self, uses: Iterable[NewUse]) -> None:
        """Takes note of *uses*. They are nobody else's from now on."""
        for use in uses:
            self._gathered.add(use)
        self._write_soon()

    def gather_tokens(self, tokens: Iterable[tuple[Token, str]], *, at: datetime) -> None:
        """Takes note that secrets obtained *tokens*, each for somebody at a source."""
        self._gathered.add_tokens(tokens, at)
        self._write_soon()

    async def take(self, uses: Iterable[tuple[Client, NewUse]]) -> None:
        """Takes note of uses that obtained no token, each with its client: they are written now or gathered."""
        uses = list(uses)
        at_once = self.must_be_written(client for client, _ in uses)
        self.gather(use for _, use in uses if use.client_id not in at_once)
        if at_once:
            await self.write([use for _, use in uses if use.client_id in at_once])

    async def write(self, uses: Collection[NewUse]) -> None:
        """Writes *uses* that obtained no token; gathers them where the store does not answer."""
        try:
            # Not under a number: there is nothing to count, and what is written twice is written.
            await self._token_store.add_uses(uses)
        except StorageUnavailable:
            self.gather(uses)
        except asyncio.CancelledError:
            self.gather(uses)
            raise

    async def write_of(self, client_ids: Sequence[str]) -> bool:
        """Writes what is noted of some clients, for somebody is about to look; False when the store does not let it."""
        if self._gathered or self._unacknowledged or self._writing.locked():
            # Whoever asks may go away; what was taken out to be written is written.
            writing = asyncio.create_task(self._write_of(client_ids))
            self._asked.add(writing)
            writing.add_done_callback(self._asked.discard)
            return await asyncio.shield(writing)
        return True

    async def close(self) -> bool:
        """Writes all that is noted; whether it could. For when no secret is used any more."""
        self._closed = True
        if self._writer is not None:
            async with self._writing:
                self._writer.cancel()
            await asyncio.wait([self._writer])
        attempts = 0
        while self._gathered or self._unacknowledged:
            if not await self._write_next():
                attempts += 1
                if attempts == _CLOSING_ATTEMPTS:
                    return False
                await asyncio.sleep(_CLOSING_PAUSE_SECONDS)
        return True

    def _write_soon(self) -> None:
        if self._gathered and not self._closed and (self._writer is None or self._writer.done()):
            self._writer = asyncio.create_task(self._write_again_and_again())

    async def _write_of(self, client_ids: Sequence[str]) -> bool:
        for start in range(0, len(client_ids), _MAX_WRITTEN):
            portion = client_ids[start : start + _MAX_WRITTEN]
            if not await self._write(partial(self._gathered.take_of, portion)):
                return False
        return True

    async def _write_next(self) -> bool:
        """Writes those that have waited the longest."""
        return await self._write(partial(self._gathered.take, _MAX_WRITTEN))

    async def _write(self, take: Callable[[], Sequence[NewUse]]) -> bool:
        """Writes what *take* returns when its turn has come; False when the store does not answer.

        What was taken is written then before what is taken the next time.
        """
        async with self._writing:
            if not await self._write_unacknowledged():
                return False
            self._number += 1
            self._unacknowledged = take()
            return await self._write_unacknowledged()

    async def _write_unacknowledged(self) -> bool:
        if self._unacknowledged:
            try:
                await self._token_store.add_uses(self._unacknowledged, writer=self._name, number=self._number)
            except StorageUnavailable:
                return False
            self._unacknowledged = ()
        return True

    async def _write_again_and_again(self) -> None:
        """Until an interval goes by in which no secret is used."""
        while self._gathered or self._unacknowledged:
            await asyncio.sleep(self._interval_seconds)
            for _ in range(1 + len(self._gathered) // _MORE_WHEN_WAITING):
                if not await self._write_next() or not self._gathered:
                    break

"""Telling many subscribers of revocations from one reader.

The reader starts with the first subscriber and ends with the last. What it reads is kept for a moment, once for all of
them; each goes through it at its own pace, and whoever falls behind what is kept is let go.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from math import inf
from time import monotonic

from grantway_server.domain.ports import RevocationLog, StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.revocation_events import Position, RevocationEvent, RevocationPortion

MAX_SUBSCRIBERS = 1024
"""An eighth of the calls that a core takes at once."""

_MAX_KEPT = 20_000
"""Portions and events that a subscriber may be behind."""
_MAX_EVENTS = 1000
"""In portions that are joined to one: with the longest ids a message of 200 kB."""
_RETRY_SECONDS = 0.1
_RETRY_AFTER = timedelta(seconds=5)


class RevocationWatch:
    """The subscribers of one core, and their reader."""

    def __init__(self, log: RevocationLog) -> None:
        self._log = log
        self._subscribers = 0
        self._reader: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        """Set when the reader knows where it is, or has ended."""
        self._turn = asyncio.Event()
        """Set, and replaced by another one, whenever the reader has read or failed to."""
        self._kept: deque[RevocationPortion] = deque()
        self._kept_weight = 0
        self._next = 0
        """The number of the portion that the reader reads next."""

    async def subscribe(self, after: Position | None) -> AsyncGenerator[RevocationPortion | None, None]:
        """What comes behind *after*; with None, from now on. Ends when the subscriber is too far behind.

        The first portion comes at once, then one within half a second of the other while the store answers. Each holds
        all that happened since the one before (or *after*), until the store was asked (`read_at`), a few milliseconds
        ago; with a gap it says that this is not known, and with more that the next one, at once, tells the rest. None
        comes now and then when there is nothing: a moment to stop, if need be.

        Close it when you are done.

        Raises:
            Refusal: RATE_LIMITED (too many subscribers).
            StorageUnavailable: The store does not answer, and nothing was told yet.
        """
        if self._subscribers >= MAX_SUBSCRIBERS:
            raise Refusal(
                Reason.RATE_LIMITED,
                "This core has too many subscribers: subscribe once in a process, or to another core.",
                retry_after=_RETRY_AFTER,
            )
        self._subscribers += 1
        try:
            reader = self._started()
            await self._begun.wait()
            _raise_failure(reader)
            # The reader is at no later place than where this one begins: whatever comes behind that, it will tell.
            following = self._next
            portion = await self._portion(after)
            yield portion
            while portion.more:
                portion = await self._portion(portion.position)
                yield portion
            at, read_at = portion.position, portion.read_at
            while following >= self._next - len(self._kept):
                turn = self._turn
                if following == self._next:
                    yield None
                    await turn.wait()
                    _raise_failure(reader)
                    continue
                count, news = _joined(islice(self._kept, following - self._next + len(self._kept), None), at)
                following += count
                if news is not None:
                    # The reader may have asked before this one did, and been answered after it.
                    at, read_at = news.position, max(read_at, news.read_at)
                    yield replace(news, read_at=read_at)
        finally:
            self._leave()

    def _started(self) -> asyncio.Task[None]:
        if self._reader is None or self._reader.done():
            self._begun = asyncio.Event()
            self._reader = asyncio.create_task(self._read(self._begun))
            # Its failure is its subscribers' affair, also when they are all gone.
            self._reader.add_done_callback(lambda reader: reader.cancelled() or reader.exception())
        return self._reader

    def _leave(self) -> None:
        self._subscribers -= 1
        if not self._subscribers and self._reader is not None:
            self._reader.cancel()
            self._reader = None
            self._kept.clear()
            self._kept_weight = 0

    async def _read(self, begun: asyncio.Event) -> None:
        try:
            position = (await self._log.read(None)).position
            begun.set()
            while True:
                try:
                    await self._log.wait(position)
                    portion = await self._portion(position)
                except StorageUnavailable:
                    # Nobody is told anything: silence says that nobody vouches any more.
                    self._end_turn()
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                position = portion.position
                self._keep(portion)
                self._end_turn()
        finally:
            begun.set()
            self._end_turn()

    async def _portion(self, after: Position | None) -> RevocationPortion:
        # Taken before: what happens while the log is asked may not be in the answer.
        read_at = monotonic()
        return replace(await self._log.read(after), read_at=read_at)

    def _keep(self, portion: RevocationPortion) -> None:
        self._next += 1
        self._kept.append(portion)
        self._kept_weight += _weight(portion)
        while self._kept_weight > _MAX_KEPT:
            self._kept_weight -= _weight(self._kept.popleft())

    def _end_turn(self) -> None:
        self._turn.set()
        self._turn = asyncio.Event()


def _raise_failure(reader: asyncio.Task[None]) -> None:
    if reader.done():
        reader.result()


def _weight(portion: RevocationPortion) -> int:
    return 1 + len(portion.events)


def _joined(portions: Iterable[RevocationPortion], at: Position) -> tuple[int, RevocationPortion | None]:
    """How many of *portions* fit into one, and that one, for a subscriber who is *at* a place.

    None of it when all of them end before that place: what they say, the subscriber knows, and of a later moment.
    """
    count, gap, more, is_news, read_at = 0, False, False, False, -inf
    events: list[tuple[Position, RevocationEvent]] = []
    for portion in portions:
        if count and len(events) + len(portion.events) > _MAX_EVENTS:
            more = True
            break
        count, more, read_at = count + 1, portion.more, portion.read_at
        if portion.gap:
            # Whoever forgets everything need not be told what.
            gap, is_news, events, at = True, True, [*portion.events], portion.position
        elif portion.position >= at:
            events += [event for event in portion.events if event[0] > at]
            is_news, at = True, portion.position
    return count, RevocationPortion(at, tuple(events), gap=gap, more=more, read_at=read_at) if is_news else None

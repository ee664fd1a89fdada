"""One read for all who ask the same at the same time.

Rules:
1. Whoever asks joins a read that has not begun. One that has begun may have seen what is no longer true: it is joined
   only by those whom that suits; the others share the next read, which begins when it has ended.
2. So of one key one read is under way and one is to come, however many ask.
3. A caller that goes away takes nobody with it. A read that nobody waits for any more is cancelled.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Moment = TypeVar("Moment")
Answer = TypeVar("Answer")


class _Read(Generic[Moment, Answer]):
    """A read and how many wait for it."""

    __slots__ = ("moment", "task", "waiting")

    def __init__(self) -> None:
        self.task: asyncio.Task[Answer]
        self.moment: Moment | None = None
        """When it began; None before."""
        self.waiting = 0


class SharedReads(Generic[Key, Moment, Answer]):
    """Shares reads.

    Args:
        moment: Tells the present moment, however it is counted: what a read that begins now is known by.
        suits: Whether a read that began at a moment suits somebody who asks now.
    """

    def __init__(self, *, moment: Callable[[], Moment], suits: Callable[[Moment], bool]) -> None:
        self._moment = moment
        self._suits = suits
        self._latest: dict[Key, _Read[Moment, Answer]] = {}

    async def answer(self, key: Key, start: Callable[[Moment], Coroutine[Any, Any, Answer]]) -> Answer:
        """The answer to *key*, from a read that *start* makes, given the moment of its beginning, or from another's."""
        read = self._latest.get(key)
        if read is None or not (read.moment is None or self._suits(read.moment)):
            read = self._next(key, start, after=read)
        read.waiting += 1
        try:
            # Nobody's own cancellation is the cancellation of all.
            return await asyncio.shield(read.task)
        finally:
            read.waiting -= 1
            if not read.waiting and not read.task.done():
                self._forget(key, read)
                read.task.cancel()

    def _next(
        self, key: Key, start: Callable[[Moment], Coroutine[Any, Any, Answer]], *, after: _Read[Moment, Answer] | None
    ) -> _Read[Moment, Answer]:
        read: _Read[Moment, Answer] = _Read()
        # The task starts in the loop's next round, so all who ask in this one share it.
        read.task = asyncio.get_running_loop().create_task(self._carry_out(key, read, start, after))
        self._latest[key] = read
        return read

    async def _carry_out(
        self,
        key: Key,
        read: _Read[Moment, Answer],
        start: Callable[[Moment], Coroutine[Any, Any, Answer]],
        after: _Read[Moment, Answer] | None,
    ) -> Answer:
        try:
            if after is not None:
                await asyncio.wait([after.task])
            read.moment = self._moment()
            return await start(read.moment)
        finally:
            self._forget(key, read)

    def _forget(self, key: Key, read: _Read[Moment, Answer]) -> None:
        if self._latest.get(key) is read:
            del self._latest[key]

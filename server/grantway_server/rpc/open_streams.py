"""Calls that stay open: they must end before the server does, and only where that loses nothing."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, TypeVar, cast

Message = TypeVar("Message")


class OpenStreams:
    """All open calls of one server, each between two messages or at work on one."""

    def __init__(self) -> None:
        self._ending = False
        self._between_messages: set[asyncio.Task[Any]] = set()

    async def messages(self, requests: AsyncIterable[Message]) -> AsyncIterator[Message]:
        """The messages of one call, for its handler; no more of them once `end` was called."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())  # Every handler runs in one.
        waiting = aiter(requests)
        while not self._ending:
            self._between_messages.add(task)
            try:
                message = await anext(waiting)
            except StopAsyncIteration:
                return
            except asyncio.CancelledError:
                if self._ending and task.uncancel() == 0:
                    return
                raise
            finally:
                self._between_messages.discard(task)
            yield message

    def end(self) -> None:
        """Ends each call: at once if it waits for a message, else after the answer to the one it works on.

        A message that arrives at this moment is not carried out and not answered, so its sender sends it elsewhere.
        """
        self._ending = True
        for task in self._between_messages:
            task.cancel()

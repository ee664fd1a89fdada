"""Calls that stay open: they must end before the server does, there must not be too many, and nothing may get lost."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, TypeVar, cast

Message = TypeVar("Message")

_MAX_WAITING = 1024
"""How many calls may be between two messages. For gRPC they are under way, and there is room for 8192 calls of all
kinds, and for 2048 on one connection: whoever does not end theirs must shut out neither the others nor themselves. A
call that waits takes 26 kB."""


class OpenStreams:
    """All open calls of one server, each between two messages or at work on one."""

    def __init__(self) -> None:
        self._ending = False
        # Those between two messages. The first has waited longest.
        self._waiting: dict[asyncio.Task[Any], None] = {}

    async def messages(self, requests: AsyncIterable[Message]) -> AsyncIterator[Message]:
        """The messages of one call, for its handler; no more of them once the call is to end."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())  # Every handler runs in one.
        arriving = aiter(requests)
        while not self._ending:
            if len(self._waiting) >= _MAX_WAITING:
                self._end_first()
            self._waiting[task] = None
            try:
                message = await anext(arriving)
            except StopAsyncIteration:
                return
            except asyncio.CancelledError:
                # Not waiting any more, it was we who cancelled it; unless its caller went away at the same moment.
                if task not in self._waiting and task.uncancel() == 0:
                    return
                raise
            finally:
                self._waiting.pop(task, None)
            yield message

    @property
    def ending(self) -> bool:
        """Whether the server is about to stop: who answers without being asked must end by itself."""
        return self._ending

    def end(self) -> None:
        """Ends each call: at once if it waits for a message, else after the answer to the one it works on.

        A message that arrives at this moment is not carried out and not answered, so its sender sends it elsewhere.
        """
        self._ending = True
        while self._waiting:
            self._end_first()

    def _end_first(self) -> None:
        task = next(iter(self._waiting))
        del self._waiting[task]
        task.cancel()

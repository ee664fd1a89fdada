"""How a synchronous object uses its asynchronous one, which lives on the thread in the background."""

import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from grantway.errors import Unreachable
from grantway.sync.loop_thread import LoopThread, shared_loop_thread

Result = TypeVar("Result")


class InBackground:
    """Runs the coroutines of one object.

    Args:
        close: Closes the object.
    """

    def __init__(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._close = close
        self._lock = threading.Lock()
        self._thread: LoopThread | None = None
        self._closed = False

    def run(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What the coroutine that *work* makes returns."""
        return self._running().run(work)

    def close(self) -> None:
        """Closes the object, if it was ever used."""
        with self._lock:
            closed, self._closed = self._closed, True
            thread = self._thread
        if thread is not None and not closed:
            thread.never_mind(self._close_at_exit)
            thread.run(self._close)

    def _running(self) -> LoopThread:
        # A fork may copy the lock while it is held, but then the thread is there, or will never be.
        if self._thread is None or self._closed:
            with self._lock:
                if self._closed:
                    raise Unreachable("this was closed")
                if self._thread is None:
                    self._thread = shared_loop_thread()
                    self._thread.close_at_exit(self._close_at_exit)
        return self._thread

    def _close_at_exit(self) -> Awaitable[None]:
        return self._close()

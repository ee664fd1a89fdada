"""The thread in the background whose event loop all synchronous objects of a process share.

One, because gRPC has one queue for all loops of a process: each further loop wakes up for the others' events.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")

_CLOSE_SECONDS = 2.0
"""How long closing may keep a program from ending."""

_FORKED = (
    "grantway.sync was used before the process forked, and gRPC does not survive that: make what you need before or "
    "after the fork, but use it only after it"
)


class LoopThread:
    """A running event loop on a daemon thread.

    Attributes:
        process_id: Of the process that it runs in; a child that was forked has no such thread.
    """

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._closers: list[Callable[[], Awaitable[None]]] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="grantway", daemon=True)
        self._thread.start()
        atexit.register(self._close)

    def run(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What the coroutine that *work* makes returns, run on the loop.

        Raises:
            RuntimeError: This is a child of the process that the thread runs in.
        """
        if os.getpid() != self.process_id:
            raise RuntimeError(_FORKED)
        future = asyncio.run_coroutine_threadsafe(work(), self._loop)
        try:
            return future.result()
        except BaseException:
            # Like Ctrl-C: nobody waits any more.
            future.cancel()
            raise

    def close_at_exit(self, close: Callable[[], Awaitable[None]]) -> None:
        """Has *close* called before the program ends."""
        self._closers.append(close)

    def never_mind(self, close: Callable[[], Awaitable[None]]) -> None:
        """Takes `close_at_exit` back."""
        with suppress(ValueError):
            self._closers.remove(close)

    def _close(self) -> None:
        if os.getpid() != self.process_id:
            return
        future = asyncio.run_coroutine_threadsafe(self._close_all(), self._loop)
        with suppress(TimeoutError, CancelledError):
            future.result(_CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    async def _close_all(self) -> None:
        await asyncio.gather(*(close() for close in self._closers), return_exceptions=True)
        # Calls that were given up have yet to end; a loop that stops before says so on standard error.
        if rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(rest, timeout=_CLOSE_SECONDS / 2)


_lock = threading.Lock()
_shared: LoopThread | None = None


def shared_loop_thread() -> LoopThread:
    """The thread of this process; it is started by the first call.

    Raises:
        RuntimeError: There was one before the process forked.
    """
    global _shared  # noqa: PLW0603 - there is one for each process.
    with _lock:
        if _shared is None:
            _shared = LoopThread()
        elif _shared.process_id != os.getpid():
            raise RuntimeError(_FORKED)  # It would crash: gRPC is in it as it was in the parent, without its threads.
        return _shared


def _renew_lock() -> None:
    """A fork copies the lock as it is, and with it whoever held it, but not the thread that would let it go."""
    global _lock  # noqa: PLW0603 - as above.
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)

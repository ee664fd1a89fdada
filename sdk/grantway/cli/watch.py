"""One wait for all that can happen to `grantway dev`: somebody asks it to stop, or one of its processes ends.

Signal handlers only take notes. What they note is acted on in `Watch.pause`, where nothing is half done; so nothing is
ever left behind, and there is nothing to poll: an idle `grantway dev` uses no CPU.
"""

import os
import select
import signal
import time
from types import FrameType, TracebackType
from typing import Self

from grantway.cli.children import Child

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked to stop: Ctrl-C, SIGTERM, or the terminal is gone."""


class ChildEnded(Exception):
    """A process that should run has ended.

    Attributes:
        child: Which one.
    """

    def __init__(self, child: Child) -> None:
        super().__init__(child.name)
        self.child = child


class Watch:
    """Takes the process's signals for as long as the context lasts. Lives in the main thread."""

    def __init__(self) -> None:
        self._stop_requested = False
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._waker, False)
        # Python writes a byte here for every signal: `select` wakes up even when the signal comes just before it.
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (*_STOPS, signal.SIGCHLD):
            # Whoever ignores SIGHUP (nohup) wants to outlive the terminal.
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # The handlers stay: the process is about to end, and a second Ctrl-C must not show a traceback.
        signal.set_wakeup_fd(-1)
        os.close(self._wake)
        os.close(self._waker)

    def add(self, child: Child) -> None:
        """Watches *child* too."""
        self._children.append(child)

    def pause(self, seconds: float | None = None) -> None:
        """Waits for *seconds*, or until something happens.

        Raises:
            Stopped: Somebody asked to stop.
            ChildEnded: A process has ended.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            self._raise_what_happened()
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            select.select([self._wake], [], [], left)
            self._drain()

    def _raise_what_happened(self) -> None:
        # A stop goes first: when a signal goes to the whole process group, the children end because of it as well.
        if self._stop_requested:
            raise Stopped
        for child in self._children:
            if child.process.poll() is not None:
                raise ChildEnded(child)

    def _drain(self) -> None:
        try:
            while os.read(self._wake, 512):
                pass
        except BlockingIOError:
            pass

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number in _STOPS:
            self._stop_requested = True

"""How many lines of one kind the log gets: any caller can cause as many as it likes, and could fill a disk."""

from collections.abc import Callable

_WINDOW_SECONDS = 1.0


class LineBudget:
    """So many lines in a second, which begins with the first of them. Each kind of line has one of its own.

    Args:
        per_second: How many.
        clock: Seconds since some moment, never going back.
    """

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        self._left = 0
        self._window_ends = float("-inf")
        self._untold = 0

    def spend(self) -> int | None:
        """One more thing to tell: how many were left out since the last line; None leaves this one out too."""
        now = self._clock()
        if now >= self._window_ends:
            self._window_ends, self._left = now + _WINDOW_SECONDS, self._per_second
        if not self._left:
            self._untold += 1
            return None
        self._left -= 1
        untold, self._untold = self._untold, 0
        return untold

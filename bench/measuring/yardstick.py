"""Fixed work that is done over and over on the core of a system while it is measured: how slow that core is just then.

Whoever shares the processor's caches and memory with this machine slows a core down, by up to several times, for
milliseconds or for minutes, and the CPU time of a token with it. The same neighbours slow the yardstick down.
"""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import exp, fsum, log

_OBJECTS = 60_000
"""With their dict nine megabytes: more than a core's own caches hold, less than those that it shares with others."""
_LOOK_UPS = 2_500
"""Of one reading. It takes less than a millisecond."""
_PERIOD_SECONDS = 0.06
"""Between two readings. How slow the core is changes within tenths of a second; see bench/README.md."""
_SEED = 6749
_NANOSECONDS = 1e9


class Readings:
    """What the yardstick said during one measurement."""

    def __init__(self) -> None:
        self._nanoseconds: list[float] = []

    def add(self, nanoseconds: float) -> None:
        """One more: what a look-up took."""
        self._nanoseconds.append(nanoseconds)

    def __len__(self) -> int:
        return len(self._nanoseconds)

    @property
    def mean_ns(self) -> float:
        """What a look-up took, the geometric mean."""
        return exp(fsum(map(log, self._nanoseconds)) / len(self))

    @property
    def cpu_seconds(self) -> float:
        """What all of them together took of the core."""
        return fsum(self._nanoseconds) * _LOOK_UPS / _NANOSECONDS


class Yardstick:
    """The work: look-ups of strings in a dict, in an order that no cache can guess.

    It is what a server does that holds clients and tokens: it follows pointers. It shares no code with any of the
    systems beyond the interpreter's loop, so that it is as fast beside one as beside the other.

    Args:
        core: Where it is done.
    """

    def __init__(self, core: int) -> None:
        self._core = core
        words = [str(number) * 3 for number in range(_OBJECTS)]
        self._numbers = {word: number for number, word in enumerate(words)}
        random.Random(_SEED).shuffle(words)  # noqa: S311 - nothing secret.
        self._words = words
        self._next = 0

    @contextmanager
    def beside(self) -> Iterator[Readings]:
        """Reads it every few hundredths of a second until the block ends, and once at least."""
        readings, done = Readings(), threading.Event()
        # A daemon, for a signal may come at any line, and a bench that is stopped must not wait for it.
        thread = threading.Thread(target=self._read, args=(readings, done), name="yardstick", daemon=True)
        try:
            thread.start()
            yield readings
        finally:
            done.set()
        thread.join()

    def _read(self, readings: Readings, done: threading.Event) -> None:
        os.sched_setaffinity(0, {self._core})  # This thread only.
        while not done.wait(_PERIOD_SECONDS):
            readings.add(self._walk())
        if not len(readings):
            readings.add(self._walk())

    def _walk(self) -> float:
        """Nanoseconds of CPU time for each look-up, waiting for the core not counted."""
        numbers = self._numbers
        words = self._words[self._next : self._next + _LOOK_UPS]
        self._next = (self._next + _LOOK_UPS) % _OBJECTS
        before = time.thread_time_ns()
        for word in words:
            _ = numbers[word]
        return (time.thread_time_ns() - before) / _LOOK_UPS

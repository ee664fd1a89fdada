"""How far a long command has come, for whoever watches."""

import sys
import time
from contextlib import suppress

from grantway.cli.output import write

_SECONDS = 0.2
"""How often it is said."""


class Progress:
    """One line on standard error that is written over again and again, where that is a terminal.

    Args:
        what: What is counted, in the plural.
        shown: Whether anybody may see it at all.
    """

    def __init__(self, what: str, *, shown: bool) -> None:
        self._what = what
        self._shown = shown and sys.stderr.isatty()
        self._next = 0.0

    def say(self, count: int) -> None:
        """So many are done."""
        if self._shown and time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS
            self._write(f"\r{count:,} {self._what}")

    def clear(self) -> None:
        """Takes the line away, before anything else is printed."""
        if self._shown:
            self._write("\r\x1b[K")
            self._next = 0.0

    def _write(self, text: str) -> None:
        with suppress(OSError):  # It is not worth a failure.
            write(sys.stderr, text)

"""Randomness that a test knows beforehand."""

from itertools import count


class CountingRandom:
    """`RandomBytes`: 1, 2, 3... as bytes, whatever length is asked for."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self, length: int) -> bytes:
        """The next number."""
        return next(self._numbers).to_bytes(length, "big")

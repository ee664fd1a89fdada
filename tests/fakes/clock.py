"""A clock that moves when it is told to."""

from datetime import datetime, timedelta

from tests.server.samples import NOON


class FakeClock:
    """`Clock` is its `now`."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present moment."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Makes it later by that much."""
        self._now += by

"""Moments and durations in whole seconds: as tokens are stored, and as they are told.

Tokens differ in who has them. For how long they are good, and mostly also when they were issued, many have in common.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def seconds_since_epoch(moment: datetime) -> int:
    """Whole seconds from 1970-01-01T00:00:00Z to *moment*.

    Not remembered: to look a moment up that is not there takes three times as long as to work it out.
    """
    return (moment - EPOCH) // _SECOND


@lru_cache(maxsize=4096)
def moment_of(seconds: int) -> datetime:
    """The moment so many seconds after 1970-01-01T00:00:00Z."""
    return EPOCH + seconds * _SECOND


@lru_cache(maxsize=4096)
def seconds_in(duration: timedelta) -> int:
    """Whole seconds in *duration*."""
    return duration // _SECOND


@lru_cache(maxsize=4096)
def duration_of(seconds: int) -> timedelta:
    """The duration of so many seconds."""
    return seconds * _SECOND

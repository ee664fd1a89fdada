"""Slows down what may be tried only so often (RFC 6749 section 2.3.1), without ever locking anybody out.

Rules:
1. Attempts are counted per subject (a client id) and source, never per subject alone: nobody can spend somebody else's
   allowance.
2. The count only says how long to wait. Whether it matters is the caller's to say: a right secret that is told at once
   always works; one that only a slow hash tells is not looked at before.
3. Counts live in this process: a flood costs the store nothing. Several cores allow so many times more.
4. Memory is bounded: the counts that were not touched for longest are forgotten first.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

_MAX_ENTRIES = 20_000
_MAX_SUBJECT_LENGTH = 128
"""Characters that tell one from another; what is presented as a client id may be megabytes of anything."""
_SHORTEST_WAIT = timedelta(seconds=1)


class Throttle:
    """A token bucket for each pair of subject and source.

    Args:
        burst: How many attempts in a row are allowed.
        refill: How long until one more is.
    """

    def __init__(self, *, burst: int, refill: timedelta) -> None:
        self._capacity = refill * burst
        self._refill = refill
        # Until when each pair's bucket is in debt: a moment that each attempt moves on by one refill.
        self._spent_until: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def spend(self, subject: str, source: str, *, now: datetime) -> timedelta | None:
        """Counts an attempt; how long to wait when there were too many of them, which then cost nothing, else None."""
        wait = self.wait(subject, source, now=now)
        key = _key(subject, source)
        spent_until = max(self._spent_until.pop(key, now), now)
        self._spent_until[key] = spent_until if wait else spent_until + self._refill
        if len(self._spent_until) > _MAX_ENTRIES:
            self._spent_until.popitem(last=False)
        return wait

    def wait(self, subject: str, source: str, *, now: datetime) -> timedelta | None:
        """How long to wait before an attempt is allowed; None when one is now. Counts nothing."""
        excess = max(self._spent_until.get(_key(subject, source), now), now) + self._refill - now - self._capacity
        return max(excess, _SHORTEST_WAIT) if excess > timedelta(0) else None


def _key(subject: str, source: str) -> tuple[str, str]:
    return subject[:_MAX_SUBJECT_LENGTH], source

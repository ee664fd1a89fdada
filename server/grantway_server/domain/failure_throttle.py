"""Slows down guessing (RFC 6749 section 2.3.1) without ever locking anybody out.

Rules:
1. Failed authentications are counted per client id and source, never per client alone: nobody can spend somebody
   else's allowance.
2. The count only changes what a *failed* attempt is answered. The right secret always works.
3. Counts live in this process: a flood of failures costs the store nothing. Several cores allow so many times more.
4. Memory is bounded: the counts that were not touched for longest are forgotten first.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from grantway_server.domain.refusals import Reason, Refusal

_MAX_ENTRIES = 20_000
_MAX_ID_LENGTH = 128
"""Characters of a client id that tell one from another; what is presented as one may be megabytes of anything."""


class FailureThrottle:
    """A token bucket for each pair of client id and source.

    Args:
        burst: How many failures in a row are answered as such.
        refill: How long until one more is allowed.
    """

    def __init__(self, *, burst: int, refill: timedelta) -> None:
        self._capacity = refill * burst
        self._refill = refill
        # Until when each pair's bucket is in debt: a moment that each failure moves on by one refill.
        self._spent_until: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def failed(self, client_id: str, source: str, *, now: datetime) -> Refusal | None:
        """Counts a failed authentication; a refusal when there were too many of them, else None."""
        key = (client_id[:_MAX_ID_LENGTH], source)
        spent_until = max(self._spent_until.pop(key, now), now) + self._refill
        excess = spent_until - now - self._capacity
        if excess > timedelta(0):
            self._spent_until[key] = spent_until - self._refill
            return Refusal(
                Reason.RATE_LIMITED,
                "Too many failed authentications of this client from this source: wait, and check the client secret.",
                retry_after=max(excess, timedelta(seconds=1)),
            )
        self._spent_until[key] = spent_until
        if len(self._spent_until) > _MAX_ENTRIES:
            self._spent_until.popitem(last=False)
        return None

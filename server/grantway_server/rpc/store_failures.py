"""What the log says of a store that fails: a little, however many calls fail with it."""

import time

import structlog

from grantway.process.logs import chain_of
from grantway_server.domain.ports import StorageUnavailable

_log = structlog.get_logger()

_QUIET_SECONDS = 1.0
"""Between two lines. A line for each call could fill a disk before the store is back."""


class StoreFailures:
    """Counts the calls that fail because of the store, and tells the log of them."""

    def __init__(self) -> None:
        self._untold = 0
        self._quiet_until = 0.0

    def add(self, error: StorageUnavailable, *, method: str) -> None:
        """One more, a call of *method*. A line says how many there were since the one before."""
        self._untold += 1
        now = time.monotonic()
        if now < self._quiet_until:
            return
        self._quiet_until = now + _QUIET_SECONDS
        # Kinds of errors alone: the frames of an outage tell nobody anything.
        cause = [type(link).__qualname__ for link in chain_of(error)]
        _log.warning("store unavailable", method=method, calls=self._untold, cause=cause)
        self._untold = 0

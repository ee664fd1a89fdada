"""What the log says of a store that fails: a little, however many calls fail with it."""

from collections.abc import Callable

import structlog

from grantway.process.logs import chain_of
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.rpc.line_budget import LineBudget

_log = structlog.get_logger()

_LINES_PER_SECOND = 1


class StoreFailures:
    """Counts the calls that fail because of the store, and tells the log of them.

    Args:
        clock: Seconds since some moment, never going back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._budget = LineBudget(_LINES_PER_SECOND, clock)

    def add(self, error: StorageUnavailable, *, method: str) -> None:
        """One more, a call of *method*. A line says how many there were since the one before, itself included."""
        untold = self._budget.spend()
        if untold is None:
            return
        # Kinds of errors alone: the frames of an outage tell nobody anything.
        cause = [type(link).__qualname__ for link in chain_of(error)]
        _log.warning("store unavailable", method=method, calls=untold + 1, cause=cause)

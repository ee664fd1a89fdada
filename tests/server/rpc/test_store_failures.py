"""What the log says of a store that fails: a little, however many calls fail with it."""

import structlog

from grantway_server.domain.ports import StorageUnavailable
from grantway_server.rpc.store_failures import StoreFailures


def test_a_line_a_second_counts_the_calls_since_the_one_before() -> None:
    """The first call that fails has its line; those of the second that it begins have one together, with the next."""
    moments = iter([5.0] * 20 + [6.0])
    failures = StoreFailures(lambda: next(moments))
    with structlog.testing.capture_logs() as logs:
        for _ in range(21):
            failures.add(StorageUnavailable("the store did not answer"), method="/a.B/C")

    assert [
        {
            "log_level": "warning",
            "event": "store unavailable",
            "method": "/a.B/C",
            "calls": calls,
            "cause": ["StorageUnavailable"],
        }
        for calls in (1, 20)
    ] == logs

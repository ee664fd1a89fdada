"""`grpc.health.v1`: a core serves while its store answers."""

from datetime import timedelta
from typing import Any

import structlog
from grpc_health.v1 import health_pb2

from grantway_server.rpc.health import StoreHealth

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class _Store:
    """A store that answers or does not, as it is told."""

    why_not = ""

    async def problem(self) -> str:
        """Why it does not answer."""
        return self.why_not


async def _statuses(health: StoreHealth) -> list[int]:
    check: Any = health.servicer.Check  # Its context is not used.
    requests = [health_pb2.HealthCheckRequest(service=name) for name in ("", "grantway.v1.TokenService")]
    return [(await check(request, None)).status for request in requests]


async def test_health_follows_the_store() -> None:
    """The whole server and each service go down and come back with the store."""
    store = _Store()
    health = StoreHealth(["grantway.v1.TokenService"], store_problem=store.problem, interval=timedelta(seconds=1))

    seen = []
    for why_not in ("", "it is gone", "it is gone", ""):
        store.why_not = why_not
        await health.refresh()
        seen.append(await _statuses(health))

    assert seen == [[_SERVING] * 2, [_NOT_SERVING] * 2, [_NOT_SERVING] * 2, [_SERVING] * 2]


async def test_the_log_says_why_once_for_each_reason() -> None:
    """While the reason is the same nothing is written: a line for each look could fill a disk."""
    store = _Store()
    health = StoreHealth([], store_problem=store.problem, interval=timedelta(seconds=1))

    with structlog.testing.capture_logs() as logs:
        for why_not in ("", "it is gone", "it is gone", "it is loading", "", ""):
            store.why_not = why_not
            await health.refresh()

    assert [
        {"event": "not ready, trying again", "problem": "it is gone", "log_level": "warning"},
        {"event": "not ready, trying again", "problem": "it is loading", "log_level": "warning"},
        {"event": "ready again: the store answers", "log_level": "info"},
    ] == logs


async def test_a_core_that_leaves_stays_away() -> None:
    """A store that answers does not bring a stopping core back."""
    health = StoreHealth(["grantway.v1.TokenService"], store_problem=_Store().problem, interval=timedelta(seconds=1))
    await health.refresh()

    await health.leave()
    await health.refresh()

    assert await _statuses(health) == [_NOT_SERVING] * 2

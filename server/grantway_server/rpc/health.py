"""Health (`grpc.health.v1`): the core serves while its store answers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health_aio

_log = structlog.get_logger()


class StoreHealth:
    """Keeps the health of *services* (and of the whole server, "") what the store's is.

    Args:
        services: Full names of the gRPC services.
        store_problem: Why the store cannot be used right now, empty when it can; has a deadline of its own.
        interval: How long between two looks: how late health may be.
    """

    def __init__(
        self, services: Sequence[str], *, store_problem: Callable[[], Awaitable[str]], interval: timedelta
    ) -> None:
        self.servicer = health_aio.HealthServicer()
        self._names = ("", *services)
        self._store_problem = store_problem
        self._interval_seconds = interval.total_seconds()
        self._problem: str | None = None

    async def refresh(self) -> None:
        """Looks once."""
        problem = await self._look()
        if problem == self._problem:
            return
        if problem:
            _log.warning("not ready, trying again", problem=problem)
        elif self._problem:
            _log.info("ready again: the store answers")
        self._problem = problem
        status = health_pb2.HealthCheckResponse.NOT_SERVING if problem else health_pb2.HealthCheckResponse.SERVING
        for name in self._names:
            await self.servicer.set(name, status)

    async def _look(self) -> str:
        try:
            return await self._store_problem()
        except Exception as error:  # noqa: BLE001 - were it to end the watch, health would say for ever what it said last.
            _log.error("looking after the store failed", exc_info=error)
            return "looking after the store failed"

    async def watch(self) -> None:
        """Looks again and again until it is cancelled."""
        while True:
            await asyncio.sleep(self._interval_seconds)
            await self.refresh()

    async def leave(self) -> None:
        """Not serving from now on, whatever the store does: callers that watch health go elsewhere."""
        await self.servicer.enter_graceful_shutdown()

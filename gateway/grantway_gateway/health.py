"""Whether the gateway lives, and whether it should get requests."""

import asyncio

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from starlette.types import Receive, Scope, Send

from grantway_gateway.methods import check_method
from grantway_gateway.oauth_errors import temporarily_unavailable
from grantway_gateway.responses import json_response

_CHECK_SECONDS = 0.5
"""How long the core may take to say how it is."""


class Liveness:
    """`/livez`: the event loop turns. Asks nobody: a gateway is not to be restarted because the core is down."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature.
        """Answers one request."""
        check_method(scope, "GET", "HEAD")
        await json_response(200, {"status": "alive"}).send(send)


class Readiness:
    """`/readyz`: ready while the core serves (`grpc.health.v1`) and this process is not about to stop.

    Args:
        channel: The channel to the core.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._core = health_pb2_grpc.HealthStub(channel)
        self._draining = False
        self._look: asyncio.Task[bool] | None = None

    def drain(self) -> None:
        """Not ready from now on: the process is about to stop."""
        self._draining = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature.
        """Answers one request."""
        check_method(scope, "GET", "HEAD")
        if self._draining:
            raise temporarily_unavailable("The gateway is stopping: use another one.")
        if not await self._core_serves():
            raise temporarily_unavailable("The core is not ready: try again after the time in Retry-After.")
        await json_response(200, {"status": "ready"}).send(send)

    async def _core_serves(self) -> bool:
        # Whoever asks while another's question is under way shares its answer: `/readyz` is open to everybody, and
        # must be no way to load the core.
        if self._look is None:
            self._look = asyncio.get_running_loop().create_task(self._ask_core())
            self._look.add_done_callback(self._forget)
        return await asyncio.shield(self._look)

    async def _ask_core(self) -> bool:
        try:
            answer: health_pb2.HealthCheckResponse = await self._core.Check(  # type: ignore[attr-defined] # Not in its stubs.
                health_pb2.HealthCheckRequest(), timeout=_CHECK_SECONDS
            )
        except grpc.aio.AioRpcError:
            return False
        return answer.status == health_pb2.HealthCheckResponse.SERVING

    def _forget(self, _: "asyncio.Task[bool]") -> None:
        self._look = None

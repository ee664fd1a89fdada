"""`/livez` and `/readyz`."""

import asyncio
import time

import grpc
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

from grantway_gateway.guard import RequestGuard
from grantway_gateway.health import Readiness
from tests.fakes.core import FakeCore, running_fake_core
from tests.gateway.harness import NO_STORE, application, headers_of


async def test_a_gateway_over_a_core_that_serves_is_ready(endpoint: httpx.AsyncClient) -> None:
    """Both whole answers."""
    ready, alive = await endpoint.get("/readyz"), await endpoint.get("/livez")

    assert (200, NO_STORE, {"status": "ready"}) == (ready.status_code, headers_of(ready), ready.json())
    assert (200, NO_STORE, {"status": "alive"}) == (alive.status_code, headers_of(alive), alive.json())


async def test_a_gateway_over_a_core_that_does_not_serve_is_alive_but_not_ready(
    endpoint: httpx.AsyncClient, core: FakeCore
) -> None:
    """Restarting it would not bring the core's store back; it is ready again when the core is."""
    await core.be_serving(serving=False)
    not_ready, alive = await endpoint.get("/readyz"), await endpoint.get("/livez")
    await core.be_serving(serving=True)

    assert (503, NO_STORE | {"retry-after": "1"}) == (not_ready.status_code, headers_of(not_ready))
    assert not_ready.json() == {
        "error": "temporarily_unavailable",
        "error_description": "The core is not ready: try again after the time in Retry-After.",
    }
    assert 200 == alive.status_code
    async with asyncio.timeout(5):
        while (await endpoint.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - the channel says to nobody when it is back.
            await asyncio.sleep(0.02)


async def test_a_gateway_without_a_core_is_not_ready_within_a_second() -> None:
    """An orchestrator's probe would time out soon after."""
    async with running_fake_core() as core:
        address = core.address
    async with application(address) as client:
        started = time.monotonic()

        assert 503 == (await client.get("/readyz")).status_code

    assert time.monotonic() - started < 1


class _SlowHealth(health_pb2_grpc.HealthServicer):
    """Takes its time, and counts."""

    calls = 0

    async def Check(self, request: health_pb2.HealthCheckRequest, context: object) -> health_pb2.HealthCheckResponse:  # noqa: ARG002, N802 - gRPC's signature.
        self.calls += 1
        await asyncio.sleep(0.1)
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


async def test_whoever_asks_at_the_same_moment_shares_one_question() -> None:
    """A thousand probes are no load for the core."""
    health = _SlowHealth()
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        app = RequestGuard(Readiness(channel))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
            answers = await asyncio.gather(*(client.get("/readyz") for _ in range(50)))
    await server.stop(None)

    assert ({200}, 1) == ({answer.status_code for answer in answers}, health.calls)


async def test_a_gateway_that_stops_is_not_ready(core: FakeCore) -> None:
    """At once, whatever the core says."""
    async with grpc.aio.insecure_channel(core.address) as channel:
        readiness = Readiness(channel)
        readiness.drain()
        transport = httpx.ASGITransport(RequestGuard(readiness))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            response = await client.get("/readyz")

    assert (503, "The gateway is stopping: use another one.") == (
        response.status_code,
        response.json()["error_description"],
    )

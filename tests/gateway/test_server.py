"""How a gateway stops: nobody's request is lost, and nobody holds it up."""

import asyncio
import time

import httpx
import pytest

from grantway_gateway import server
from tests.fakes.core import FakeCore
from tests.gateway.harness import CREDENTIALS, GRANT, serving_gateway


async def test_a_draining_gateway_takes_requests_and_sends_clients_away(core: FakeCore) -> None:
    """Until load balancers have seen that it is not ready; then it is gone."""
    async with (
        serving_gateway(core.address, drain_seconds=0.3) as gateway,
        httpx.AsyncClient(base_url=gateway.url) as client,
    ):
        before = await client.post("/oauth/token", data=GRANT | CREDENTIALS)
        gateway.server.drain()
        after = await client.post("/oauth/token", data=GRANT | CREDENTIALS)
        ready = await client.get("/readyz")

        await asyncio.wait_for(gateway.serving, 2)
        with pytest.raises(httpx.ConnectError):
            await client.get("/livez")

    assert (200, None) == (before.status_code, before.headers.get("connection"))
    assert (200, "close") == (after.status_code, after.headers.get("connection"))
    assert 503 == ready.status_code


async def test_requests_under_way_are_answered(core: FakeCore) -> None:
    """Although no new ones are taken."""
    core.tokens.open.clear()
    async with serving_gateway(core.address) as gateway, httpx.AsyncClient(base_url=gateway.url) as client:
        under_way = asyncio.create_task(client.post("/oauth/token", data=GRANT | CREDENTIALS))
        await asyncio.sleep(0.1)
        gateway.server.stop()
        await asyncio.sleep(0.3)
        core.tokens.open.set()

        assert 200 == (await under_way).status_code


@pytest.mark.parametrize("sent", [1, 20, -1], ids=["a-byte", "a-piece-of-its-head", "all-but-a-byte"])
async def test_a_request_whose_first_byte_is_here_is_answered(core: FakeCore, sent: int) -> None:
    """Although idle connections are closed meanwhile, and this one right after it."""
    request = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serving_gateway(core.address, receive_seconds=2) as gateway, gateway.connection() as (reader, writer):
        writer.write(request[:sent])
        await asyncio.sleep(0.1)
        gateway.server.stop()
        await asyncio.sleep(0.6)
        writer.write(request[sent:])
        received = await reader.read()
        await gateway.serving

    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nconnection: close\r\n" in received


@pytest.mark.parametrize("after", [0.0, 0.1])
async def test_a_connection_that_was_just_made_gets_its_answer(core: FakeCore, after: float) -> None:
    """Its request is on its way when the gateway stops."""
    async with serving_gateway(core.address) as gateway, gateway.connection() as (reader, writer):
        gateway.server.stop()
        await asyncio.sleep(after)
        writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        received = await reader.read()

    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nconnection: close\r\n" in received


async def test_a_half_sent_request_holds_nobody_up(core: FakeCore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered when its time is up, and the gateway ends."""
    monkeypatch.setattr(server, "_GRACE_SECONDS", 1)
    async with serving_gateway(core.address, receive_seconds=60) as gateway, gateway.connection() as (reader, writer):
        writer.write(
            b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        await asyncio.sleep(0.1)
        started = time.monotonic()
        gateway.server.stop()
        received = await reader.read()
        await gateway.serving

    assert received.startswith(b"HTTP/1.1 503 ")
    assert received.endswith(b'"The gateway is stopping: use another one."}')
    assert time.monotonic() - started < 2


async def test_a_second_signal_ends_the_drain(core: FakeCore) -> None:
    """Whoever asks twice does not want to wait."""
    async with serving_gateway(core.address, drain_seconds=60) as gateway:
        gateway.server.drain()
        gateway.server.drain()

        await asyncio.wait_for(gateway.serving, 2)

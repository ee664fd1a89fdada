"""The gateway over some core, without a server or with one in this process, and what its answers have in common."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from grantway import TokenClient
from grantway_gateway.app import create_app
from grantway_gateway.config import Settings
from grantway_gateway.health import Readiness
from grantway_gateway.serve import listen, open_gateway
from grantway_gateway.server import GatewayServer

GRANT = {"grant_type": "client_credentials"}
CREDENTIALS = {"client_id": "svc", "client_secret": "gws"}

NO_STORE = {"content-type": "application/json", "cache-control": "no-store", "pragma": "no-cache"}
CHALLENGE = {"www-authenticate": 'Basic realm="grantway", charset="UTF-8", error="invalid_client"'}


def headers_of(response: httpx.Response) -> dict[str, str]:
    """All headers of *response* but those that say how long it is, and what the time is."""
    return {name: value for name, value in response.headers.items() if name not in {"content-length", "date"}}


@asynccontextmanager
async def application(
    core: str,
    *,
    max_concurrency: int = 10,
    issuer: str | None = None,
    patience: timedelta = timedelta(milliseconds=750),
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over the core at *core*, with no server between them."""
    async with TokenClient(core, timeout=patience) as tokens:
        app = create_app(tokens, Readiness(tokens.channel), max_concurrency=max_concurrency, issuer=issuer)
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client


async def until_core_answers(gateway: httpx.AsyncClient) -> None:
    """Waits until *gateway* has reached its core: its own deadlines, which are short, count from then on."""
    async with asyncio.timeout(10):
        while not (await gateway.get("/readyz")).is_success:  # noqa: ASYNC110 - it tells nobody when it is.
            await asyncio.sleep(0.01)


class Gateway:
    """A gateway that serves in this process.

    Attributes:
        url: Where it is.
        address: The same.
        server: What serves.
        serving: Done when it has stopped.
    """

    def __init__(self, host: str, port: int, server: GatewayServer, serving: "asyncio.Task[None]") -> None:
        self.url = f"http://{host}:{port}"
        self.server = server
        self.serving = serving
        self.address = (host, port)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A bare connection to it."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def talk(self, request: bytes) -> bytes:
        """Everything that it answers to *request* until it closes the connection."""
        async with self.connection() as (reader, writer):
            writer.write(request)
            async with asyncio.timeout(10):
                return await reader.read()


@asynccontextmanager
async def serving_gateway(core: str, **overrides: object) -> AsyncIterator[Gateway]:
    """A gateway over the core at *core*. It is short-tempered unless *overrides* of its settings say otherwise."""
    settings = Settings.model_validate(
        {
            "http_port": 0,
            "grpc": core,
            "receive_seconds": 0.5,
            "keep_alive_seconds": 1,
            "drain_seconds": 0,
            **overrides,
        }
    )
    listener = listen(settings)
    host, port, *_ = listener.getsockname()
    async with open_gateway(settings) as server:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it.
            await asyncio.sleep(0)
        try:
            yield Gateway(host, port, server, serving)
        finally:
            server.stop()
            await serving

"""The composition root: puts the gateway together, and takes it apart in the reverse order."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from grantway import TokenClient
from grantway.process.garbage import set_garbage_collection
from grantway.process.listening import listening_socket
from grantway.process.logs import log_loop_error
from grantway_gateway.app import create_app
from grantway_gateway.config import Settings
from grantway_gateway.connection_limits import ConnectionLimits
from grantway_gateway.health import Readiness
from grantway_gateway.server import GatewayServer, server_config

_log = structlog.get_logger()

_BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Connections queue up from here on.

    Raises:
        BadSettings: The address cannot be listened on.
    """
    return listening_socket("GRANTWAY_HTTP", settings.http_host, settings.http_port, backlog=_BACKLOG)


@asynccontextmanager
async def open_gateway(settings: Settings) -> AsyncIterator[GatewayServer]:
    """A gateway, ready to serve; on leaving, its calls to the core are given up."""
    async with TokenClient(settings.core, tls=settings.tls) as tokens:
        readiness = Readiness(tokens.channel)
        app = create_app(tokens, readiness, max_concurrency=settings.max_concurrency, issuer=settings.issuer)
        yield GatewayServer(
            server_config(
                app, keep_alive_seconds=settings.keep_alive_seconds, trusted_proxies=settings.trusted_proxies
            ),
            ConnectionLimits(receive_seconds=settings.receive_seconds, max_connections=settings.max_connections),
            drain_seconds=settings.drain_seconds,
            on_drain=readiness.drain,
        )


async def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        BadSettings: The address cannot be listened on.
    """
    listener = listen(settings)
    asyncio.get_running_loop().set_exception_handler(log_loop_error)
    # uvicorn warns of every malformed request: that is the caller's affair, and a way to fill a disk.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    async with open_gateway(settings) as server:
        set_garbage_collection()
        await server.serve(sockets=[listener])
    _log.info("gateway stopped")

"""uvicorn's server with our protocol, and with a way to stop that loses no request."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from grantway_gateway.connection_limits import BoundedState, ConnectionLimits
from grantway_gateway.last_call import take_no_more
from grantway_gateway.protocol import BoundedProtocol

_log = structlog.get_logger()

_GRACE_SECONDS = 3
"""How long requests under way may take once no new ones are taken; then they are answered 503."""

_LAST_CALL_SECONDS = 0.2
"""Between taking no new connections and closing idle ones: what clients have sent by then comes in, and is answered."""


def server_config(app: ASGIApp, *, keep_alive_seconds: int, trusted_proxies: tuple[str, ...]) -> uvicorn.Config:
    """How uvicorn is to serve *app*. Nothing is left to the environment, which uvicorn reads where it is not told."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        workers=1,
        log_config=None,
        access_log=False,
        server_header=False,
        # uvicorn believes X-Forwarded-For of all of loopback unless told otherwise (RFC 9700 section 4.13).
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_keep_alive=keep_alive_seconds,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class GatewayServer(uvicorn.Server):
    """Serves until SIGTERM or SIGINT.

    SIGTERM: *on_drain* is called and each connection ends with its next answer, but new ones are still taken for
    *drain_seconds*, while load balancers find out; then none are, requests that were sent by then come in, and have
    `_GRACE_SECONDS` to end. SIGINT, or a second SIGTERM, skips the first part.
    """

    server_state: BoundedState

    def __init__(
        self,
        config: uvicorn.Config,
        limits: ConnectionLimits,
        *,
        drain_seconds: float,
        on_drain: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.server_state = BoundedState(limits)
        self._drain_seconds = drain_seconds
        self._on_drain = on_drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to serve, and says so: from now on a signal stops it in order."""
        await super().startup(sockets=sockets)
        for listener in sockets or ():
            host, port, *_ = listener.getsockname()
            _log.info("gateway started", host=host, port=port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops, once the kernel lets nobody new in and what it has of others is here."""
        for listener in sockets or ():
            take_no_more(listener)
        await asyncio.sleep(_LAST_CALL_SECONDS)
        await super().shutdown(sockets=sockets)

    def drain(self) -> None:
        """Begins to stop."""
        if self.server_state.draining:
            self.stop()
            return
        self.server_state.draining = True
        self._on_drain()
        asyncio.get_running_loop().call_later(self._drain_seconds, self.stop)

    def stop(self) -> None:
        """Stops: within moments no new requests are taken."""
        self.server_state.draining = True
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """In the place of uvicorn's, which ends the process by the signal that it was stopped with."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.drain)
        loop.add_signal_handler(signal.SIGINT, self.stop)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGINT)

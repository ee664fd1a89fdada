"""Why the store cannot be used, in words for a log: which store, and what to look at. Never a password."""

import socket
import ssl
from urllib.parse import unquote, urlsplit

from redis.exceptions import AuthenticationError, BusyLoadingError, NoPermissionError, ResponseError

from grantway.process.logs import chain_of
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.storage.redis_connection import RedisConnections

_DEFAULT_PORT = 6379

_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (BusyLoadingError, "is still reading its data"),
    (NoPermissionError, "does not let this user do what is needed"),
    (ResponseError, "refused: look at the number of the database"),
    (FileNotFoundError, "cannot be reached: there is no such socket"),
    (PermissionError, "cannot be reached: the socket is not open to this user"),
    (socket.gaierror, "cannot be reached: there is no such host"),
    (ConnectionRefusedError, "cannot be reached: nothing listens there"),
    (ssl.SSLCertVerificationError, "cannot be trusted: its certificate does not hold"),
    (ssl.SSLError, "cannot be reached: it does not speak TLS as we do"),
    (TimeoutError, "did not answer in time"),
)
"""The first that fits one of the exceptions of a failure, which says more than those around it."""


class StoreProbe:
    """Looks whether the store at *url* answers on its *connections*."""

    def __init__(self, connections: RedisConnections, url: str) -> None:
        self._connections = connections
        parts = urlsplit(url)
        place = unquote(parts.path) if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or _DEFAULT_PORT}"
        self._name = f"the store at {place} (GRANTWAY_REDIS_URL)"
        self._has_password = parts.password is not None

    async def problem(self) -> str:
        """Why the store cannot be used; empty when it can."""
        try:
            await self._connections.execute("PING", repeatable=True)
        except StorageUnavailable as failure:
            return f"{self._name} {self._cause(list(chain_of(failure)))}"
        return ""

    def _cause(self, errors: list[BaseException]) -> str:
        if any(isinstance(error, AuthenticationError) for error in errors):
            return "refused the user or the password" if self._has_password else "wants a password"
        for kind, text in _CAUSES:
            if any(isinstance(error, kind) for error in errors):
                return text
        return "closed the connection"

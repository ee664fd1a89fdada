"""Metrics for Prometheus: how many secrets expire soon. `GET /metrics` on a port of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from grantway.process.settings import BadSettings
from grantway_server.domain.ports import ClientStore, StorageUnavailable

_INTERVAL = timedelta(seconds=15)


class SecretMetrics:
    """Counts the secrets that expire within *warning* every now and then."""

    def __init__(self, client_store: ClientStore, *, warning: timedelta) -> None:
        self._client_store = client_store
        self._warning = warning
        self._registry = CollectorRegistry()
        self._expiring = Gauge(
            "grantway_secrets_expiring",
            "Client secrets that expire within GRANTWAY_SECRET_WARNING_SECONDS, expired ones included.",
            registry=self._registry,
        )

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[int]:
        """Serves them inside the body, which gets the port that they are at.

        Raises:
            BadSettings: The address cannot be listened on.
        """
        try:
            server, thread = start_http_server(port, host, registry=self._registry)
        except OSError as error:
            raise BadSettings([f"GRANTWAY_METRICS_PORT: cannot listen on {host}:{port} ({error.strerror})"]) from None
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    async def watch(self) -> None:
        """Counts, until it is cancelled. While the store does not answer the last figure stands."""
        while True:
            with suppress(StorageUnavailable):
                await self.count()
            await asyncio.sleep(_INTERVAL.total_seconds())

    async def count(self) -> None:
        """Counts once."""
        self._expiring.set(await self._client_store.count_expiring(before=datetime.now(UTC) + self._warning))

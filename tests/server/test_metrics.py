"""Metrics for Prometheus, as it reads them."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from grantway.process.settings import BadSettings
from grantway_server.domain.client_secrets import Secret
from grantway_server.metrics import SecretMetrics
from grantway_server.storage.memory_client_store import MemoryClientStore
from tests.server.samples import a_client
from tests.server.storage.writes import put

_WARNING = timedelta(days=30)


def _secret(secret_id: str, expires_in: timedelta | None) -> Secret:
    now = datetime.now(UTC)
    return Secret(
        secret_id=secret_id,
        digest=bytes(32),
        created_at=now,
        expires_at=None if expires_in is None else now + expires_in,
    )


async def test_secrets_that_expire_soon_are_counted() -> None:
    """Those within the warning time and those that have expired; no other one."""
    store = MemoryClientStore()
    ends = {"aaaaaaaa": timedelta(days=29), "bbbbbbbb": timedelta(days=31), "cccccccc": timedelta(days=-1)}
    secrets = tuple(_secret(secret_id, end) for secret_id, end in {**ends, "dddddddd": None}.items())
    await put(store, a_client("one", secrets=secrets))
    metrics = SecretMetrics(store, warning=_WARNING)

    await metrics.count()
    with metrics.served("127.0.0.1", 0) as port:
        async with httpx.AsyncClient() as client:
            page = (await client.get(f"http://127.0.0.1:{port}/metrics")).text

    assert "grantway_secrets_expiring 2.0" in page.splitlines()


def test_a_port_that_is_taken_is_a_wrong_setting() -> None:
    """It is said in the words of the setting."""
    with (
        SecretMetrics(MemoryClientStore(), warning=_WARNING).served("127.0.0.1", 0) as port,
        pytest.raises(BadSettings, match="GRANTWAY_METRICS_PORT"),
        SecretMetrics(MemoryClientStore(), warning=_WARNING).served("127.0.0.1", port),
    ):
        pass

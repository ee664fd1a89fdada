"""What the core's tests share: a real Valkey, and values to begin with."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from grantway_server.storage.redis_connection import RedisConnections
from tests.server.patience import PATIENT_SECONDS
from tests.valkey_server import embedded_valkey


@pytest.fixture(scope="session", name="valkey_url")
def _valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_valkey(Path(tmp_path_factory.mktemp("valkey")), persist=False) as url:
        yield url


@pytest.fixture(name="valkey")
async def _valkey(valkey_url: str) -> AsyncIterator[Redis]:
    """An administrator's client of an empty Valkey."""
    async with Redis.from_url(valkey_url) as redis:
        await redis.flushall()
        yield redis


@pytest.fixture(name="connections")
async def _connections(valkey: Redis, valkey_url: str) -> AsyncIterator[RedisConnections]:  # noqa: ARG001 - it is emptied.
    """The core's connections to an empty Valkey, with patience.

    How long a store may take is tested elsewhere: a machine at work on other things is no failure of most tests.
    """
    connections = RedisConnections(valkey_url, command_seconds=PATIENT_SECONDS)
    yield connections
    await connections.close()

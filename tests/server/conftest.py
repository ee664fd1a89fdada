"""What the core's tests share: a real Valkey, and values to begin with."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from grantway.cli.embedded_valkey import embedded_valkey
from grantway_server.storage.redis_connection import open_redis


@pytest.fixture(scope="session", name="valkey_url")
def _valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_valkey(Path(tmp_path_factory.mktemp("valkey")), persist=False) as url:
        yield url


@pytest.fixture(name="valkey")
async def _valkey(valkey_url: str) -> AsyncIterator[Redis]:
    """A client of an empty Valkey, opened as the core opens it."""
    redis = open_redis(valkey_url)
    await redis.flushall()
    yield redis
    await redis.aclose()

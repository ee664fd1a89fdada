"""The storage suite runs every test on every backend."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import AuditTrail, ClientStore, RevocationLog, TokenStore
from grantway_server.storage import redis_connection
from grantway_server.storage.memory import MemoryAuditTrail, MemoryClientStore, MemoryTokenStore
from grantway_server.storage.redis_audit_trail import RedisAuditTrail
from grantway_server.storage.redis_client_store import RedisClientStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from grantway_server.storage.redis_token_store import RedisTokenStore
from tests import redis_server


@dataclass(frozen=True)
class Stores:
    """The stores of one backend, empty."""

    tokens: TokenStore
    clients: ClientStore
    audit_trail: AuditTrail
    revocations: RevocationLog


@pytest.fixture(scope="session", name="debian_redis_url")
def _debian_redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if redis_server.BINARY is None:
        pytest.skip("Debian's redis-server is not installed")
    with redis_server.redis_server(Path(tmp_path_factory.mktemp("redis"))) as url:
        yield url


@pytest.fixture(
    name="stores",
    params=["memory", pytest.param("valkey_url", id="Valkey"), pytest.param("debian_redis_url", id="Debian's Redis")],
)
async def _stores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stores]:
    # How long a store may take is not what the suite is about: a machine at work on other things is no failure of it.
    monkeypatch.setattr(redis_connection, "_COMMAND_SECONDS", 4)
    if request.param == "memory":
        clients = MemoryClientStore()
        yield Stores(
            tokens=MemoryTokenStore(lambda: datetime.now(UTC), clients),
            clients=clients,
            audit_trail=MemoryAuditTrail(clients),
            revocations=clients.revocations,
        )
        return
    url = request.getfixturevalue(request.param)
    async with Redis.from_url(url) as admin:
        await admin.flushall()
    redis = RedisConnections(url)
    yield Stores(
        tokens=RedisTokenStore(redis, environment=Environment.LIVE),
        clients=RedisClientStore(redis, environment=Environment.LIVE),
        audit_trail=RedisAuditTrail(redis, environment=Environment.LIVE),
        revocations=RedisRevocationLog(redis, environment=Environment.LIVE),
    )
    await redis.close()

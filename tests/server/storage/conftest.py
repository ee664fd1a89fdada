"""The storage suite runs every test on every backend."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import AuditTrail, ClientStore, RevocationLog, TokenStore
from grantway_server.storage.memory_audit_trail import MemoryAuditTrail
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from tests import redis_server
from tests.fakes.redis_stores import redis_audit_trail, redis_client_and_token_store
from tests.server.patience import PATIENT_SECONDS


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
async def _stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    if request.param == "memory":
        in_memory = MemoryClientStore()
        yield Stores(
            tokens=MemoryTokenStore(lambda: datetime.now(UTC), in_memory),
            clients=in_memory,
            audit_trail=MemoryAuditTrail(in_memory),
            revocations=in_memory.revocations,
        )
        return
    url = request.getfixturevalue(request.param)
    async with Redis.from_url(url) as admin:
        await admin.flushall()
    # How long a store may take is not what the suite is about: a machine at work on other things is no failure of it.
    redis = RedisConnections(url, command_seconds=PATIENT_SECONDS)
    clients, tokens = redis_client_and_token_store(redis)
    yield Stores(
        tokens=tokens,
        clients=clients,
        audit_trail=redis_audit_trail(redis),
        revocations=RedisRevocationLog(redis, environment=Environment.LIVE),
    )
    await redis.close()

"""The stores on Redis, with what they keep at most where that is not what a test is about."""

from grantway_server.domain.environment import Environment
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.redis_audit_trail import RedisAuditTrail
from grantway_server.storage.redis_client_store import RedisClientStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_stores import redis_stores
from grantway_server.storage.redis_token_store import RedisTokenStore

_MANY = 100_000


def redis_token_store(
    redis: RedisConnections,
    environment: Environment = Environment.LIVE,
    *,
    max_records: int = _MANY,
    max_events: int = _MANY,
) -> RedisTokenStore:
    """The tokens, where no client is remembered."""
    return RedisTokenStore(
        redis, environment=environment, memory=ClientMemory(), max_records=max_records, max_events=max_events
    )


def redis_client_store(
    redis: RedisConnections,
    environment: Environment = Environment.LIVE,
    *,
    max_records: int = _MANY,
    max_events: int = _MANY,
) -> RedisClientStore:
    """The clients, remembered for nobody else."""
    return RedisClientStore(
        redis, environment=environment, memory=ClientMemory(), max_records=max_records, max_events=max_events
    )


def redis_client_and_token_store(
    redis: RedisConnections, environment: Environment = Environment.LIVE
) -> tuple[RedisClientStore, RedisTokenStore]:
    """The clients and the tokens of one core."""
    return redis_stores(redis, environment=environment, max_records=_MANY, max_events=_MANY)


def redis_audit_trail(
    redis: RedisConnections, environment: Environment = Environment.LIVE, *, max_records: int = _MANY
) -> RedisAuditTrail:
    """The audit trail."""
    return RedisAuditTrail(redis, environment=environment, max_records=max_records)

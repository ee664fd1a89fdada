"""The stores of clients and of tokens of one core, which remember clients together.

Apart they would work, and read every client anew for every batch of checks.
"""

from grantway_server.domain.environment import Environment
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.redis_client_store import RedisClientStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_token_store import RedisTokenStore


def redis_stores(
    redis: RedisConnections, *, environment: Environment, max_records: int, max_events: int
) -> tuple[RedisClientStore, RedisTokenStore]:
    """The stores on Redis of one core, for one environment.

    Args:
        redis: The connections.
        environment: Whose clients they keep.
        max_records: About how many records each audit trail keeps.
        max_events: About how many revocations are kept.
    """
    memory = ClientMemory()
    return (
        RedisClientStore(redis, environment=environment, memory=memory, max_records=max_records, max_events=max_events),
        RedisTokenStore(redis, environment=environment, memory=memory, max_records=max_records, max_events=max_events),
    )

"""The connection to Redis or Valkey: its settings, and the one place where its errors become the domain's.

redis-py's defaults would hold a request for a minute and send a write twice. Here every command has a short deadline
and is sent once; whoever wants to try again is the caller, who knows whether that is safe.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ReadOnlyError, RedisError

from grantway_server.domain.ports import StorageUnavailable

_COMMAND_TIMEOUT_SECONDS = 0.3
"""For connecting and for one answer. Two round trips fit into the gateway's deadline with room to answer."""

_MAX_CONNECTIONS = 16

_VALKEY_SCHEME = re.compile(r"^valkey(s?)://")


def open_redis(url: str) -> Redis:
    """A client of the store at *url* (`redis://`, `rediss://`, `unix://`, `valkey://`, `valkeys://`); connects lazily.

    Raises:
        ValueError: *url* is none.
    """
    pool = BlockingConnectionPool.from_url(
        _VALKEY_SCHEME.sub(r"redis\1://", url),
        max_connections=_MAX_CONNECTIONS,
        timeout=_COMMAND_TIMEOUT_SECONDS,
        socket_timeout=_COMMAND_TIMEOUT_SECONDS,
        socket_connect_timeout=_COMMAND_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        # RESP2: RESP3 costs the same, and its push messages are not wanted here.
        protocol=2,
    )
    return Redis.from_pool(pool)


@asynccontextmanager
async def storage_errors(redis: Redis) -> AsyncIterator[None]:
    """Turns every failure of the store in its body into `StorageUnavailable`."""
    try:
        yield
    except ReadOnlyError as error:
        # These connections lead to what is a replica since a failover: find the primary anew.
        await redis.connection_pool.disconnect(inuse_connections=False)
        raise StorageUnavailable("the store is read-only") from error
    except (RedisError, OSError, TimeoutError) as error:
        raise StorageUnavailable("the store did not answer") from error


async def ping(redis: Redis) -> bool:
    """Whether the store answers."""
    try:
        async with storage_errors(redis):
            await redis.ping()
    except StorageUnavailable:
        return False
    return True

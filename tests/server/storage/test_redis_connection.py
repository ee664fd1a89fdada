"""Which URLs name a store."""

import pytest
from redis.asyncio import SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection, Connection

from grantway_server.storage.redis_connection import open_redis


@pytest.mark.parametrize(
    ("url", "connection_class"),
    [
        pytest.param("redis://127.0.0.1:6379/1", Connection, id="redis"),
        pytest.param("valkey://127.0.0.1:6379/1", Connection, id="valkey"),
        pytest.param("rediss://127.0.0.1:6379/1", SSLConnection, id="rediss is TLS"),
        pytest.param("valkeys://127.0.0.1:6379/1", SSLConnection, id="valkeys is TLS"),
        pytest.param("unix:///run/valkey.sock?db=1", UnixDomainSocketConnection, id="unix"),
    ],
)
async def test_a_url_names_its_kind_of_connection(url: str, connection_class: type[AbstractConnection]) -> None:
    """Every documented scheme is understood, with its database number."""
    redis = open_redis(url)

    assert connection_class is redis.connection_pool.connection_class
    assert redis.connection_pool.connection_kwargs["db"] == 1

    await redis.aclose()


async def test_another_scheme_is_refused() -> None:
    """What is no store's URL raises ValueError at once."""
    with pytest.raises(ValueError, match="scheme"):
        open_redis("http://127.0.0.1:6379")

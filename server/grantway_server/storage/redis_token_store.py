"""Tokens in Redis or Valkey."""

from collections.abc import Sequence
from typing import cast

from redis.asyncio import Redis

from grantway_server.domain.tokens import Token
from grantway_server.storage.codec import decode_token, encode_token, lifetime_seconds
from grantway_server.storage.keys import ADD_TOKENS, token_key
from grantway_server.storage.redis_connection import storage_errors


class RedisTokenStore:
    """`TokenStore` on Redis; see there for the promises."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._add_tokens = redis.register_script(ADD_TOKENS)

    async def add(self, tokens: Sequence[tuple[bytes, Token]]) -> None:
        """See `TokenStore.add`."""
        keys = [token_key(digest) for digest, _ in tokens]
        arguments: list[bytes | int] = []
        for _, token in tokens:
            arguments += (encode_token(token), lifetime_seconds(token))
        async with storage_errors(self._redis):
            await self._add_tokens(keys=keys, args=arguments)

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[Token | None]:
        """See `TokenStore.get_many`."""
        if not digests:
            return []
        async with storage_errors(self._redis):
            values = await self._redis.mget([token_key(digest) for digest in digests])
        return [None if value is None else decode_token(value) for value in cast("list[bytes | None]", values)]

    async def remove(self, digest: bytes) -> None:
        """See `TokenStore.remove`."""
        async with storage_errors(self._redis):
            await self._redis.delete(token_key(digest))

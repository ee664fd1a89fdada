"""Tokens in Redis or Valkey."""

from collections.abc import Sequence

from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import Position, TokenSnapshot
from grantway_server.domain.tokens import Token
from grantway_server.storage.codec import decode_token, encode_token, lifetime_seconds
from grantway_server.storage.keys import ADD_TOKENS, ClientKeys, token_key
from grantway_server.storage.redis_connection import RedisConnections, Script, Word

_ADD_TOKENS = Script(ADD_TOKENS)


class RedisTokenStore:
    """`TokenStore` on Redis; see there for the promises."""

    def __init__(self, redis: RedisConnections, *, environment: Environment) -> None:
        self._redis = redis
        self._position_key = ClientKeys(environment).position

    async def add(self, tokens: Sequence[tuple[bytes, Token]], *, position: Position | None = None) -> bool:
        """See `TokenStore.add`."""
        keys: list[Word] = [self._position_key, *[token_key(digest) for digest, _ in tokens]]
        arguments: list[Word] = [b"" if position is None else position]
        for _, token in tokens:
            arguments += (encode_token(token), lifetime_seconds(token))
        # Twice the same tokens are the same tokens.
        return bool(await self._redis.run(_ADD_TOKENS, keys, arguments, repeatable=True))

    async def get_many(self, digests: Sequence[bytes]) -> TokenSnapshot:
        """See `TokenStore.get_many`."""
        position, *values = await self._redis.execute(
            "MGET", self._position_key, *map(token_key, digests), repeatable=True
        )
        return TokenSnapshot(position or b"", [None if value is None else decode_token(value) for value in values])

    async def remove(self, digest: bytes) -> None:
        """See `TokenStore.remove`."""
        await self._redis.execute("DEL", token_key(digest), repeatable=True)

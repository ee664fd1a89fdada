"""Tokens in Redis or Valkey."""

from collections.abc import Collection, Mapping, Sequence

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.clients import Version
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import StoredToken
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.tokens import Token
from grantway_server.storage.audit_codec import encode_audit_record
from grantway_server.storage.keys import (
    ADD_TOKENS,
    DEFAULT_MAX_RECORDS,
    DELETE_BY_DIGEST,
    GET_TOKENS,
    ClientKeys,
    token_key,
)
from grantway_server.storage.moments import microseconds
from grantway_server.storage.redis_connection import RedisConnections, Script, Word
from grantway_server.storage.token_codec import decode_token, encode_token, lifetime_seconds

_ADD_TOKENS = Script(ADD_TOKENS)
_GET_TOKENS = Script(GET_TOKENS)
_DELETE_BY_DIGEST = Script(DELETE_BY_DIGEST)


class RedisTokenStore:
    """`TokenStore` on Redis; see there for the promises."""

    def __init__(
        self, redis: RedisConnections, *, environment: Environment, max_records: int = DEFAULT_MAX_RECORDS
    ) -> None:
        self._redis = redis
        self._max_records = max_records
        self._client_keys = ClientKeys(environment)

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        keys: list[Word] = [
            *map(self._client_keys.client, versions),
            *[self._client_keys.use(use.client_id) for use in uses],
            *[token_key(digest) for digest, _ in tokens],
        ]
        arguments: list[Word] = [len(versions), len(uses), *versions.values()]
        for use in uses:
            arguments += (use.secret_id, use.count, microseconds(use.at), use.source)
        for _, token in tokens:
            arguments += (encode_token(token), lifetime_seconds(token))
        # Twice the same tokens are the same tokens; that their use may be counted twice does no harm.
        return bool(await self._redis.run(_ADD_TOKENS, keys, arguments, repeatable=True))

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[StoredToken | None]:
        """See `TokenStore.get_many`."""
        found = await self._redis.run(
            _GET_TOKENS, [token_key(digest) for digest in digests], [self._client_keys.client_prefix], repeatable=True
        )
        values = iter(found)
        return [
            None if value is None else StoredToken(decode_token(value), version)
            for value, version in zip(values, values, strict=True)
        ]

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """See `TokenStore.remove`."""
        if record is None:
            return bool(await self._redis.execute("DEL", token_key(digest), repeatable=True))
        keys: list[Word] = [token_key(digest), self._client_keys.failures]
        arguments: list[Word] = [self._max_records, encode_audit_record(record)]
        return bool(await self._redis.run(_DELETE_BY_DIGEST, keys, arguments, repeatable=True))

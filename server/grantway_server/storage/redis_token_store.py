"""Tokens in Redis or Valkey."""

from collections.abc import Collection, Mapping, Sequence

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.clients import Version
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import StoredToken, StoredTokens, Tombstone
from grantway_server.domain.revocation_events import RevokedToken
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.tokens import Token, token_id
from grantway_server.storage.audit_codec import encode_audit_record
from grantway_server.storage.keys import EnvironmentKeys, token_key
from grantway_server.storage.moments import microseconds
from grantway_server.storage.redis_connection import RedisConnections, Script, Word
from grantway_server.storage.revocation_codec import encode_event, new_nonce
from grantway_server.storage.scripts import ADD_TOKENS, ADD_USES, END_TOKEN, GET_TOKENS
from grantway_server.storage.token_codec import decode_token, encode_token, kept_seconds

_ADD_TOKENS = Script(ADD_TOKENS)
_ADD_USES = Script(ADD_USES)
_GET_TOKENS = Script(GET_TOKENS)
_END_TOKEN = Script(END_TOKEN)


class RedisTokenStore:
    """`TokenStore` on Redis; see there for the promises."""

    def __init__(
        self,
        redis: RedisConnections,
        *,
        environment: Environment,
        max_records: int,
        max_events: int,
    ) -> None:
        self._redis = redis
        self._max_records = max_records
        self._max_events = max_events
        self._keys = EnvironmentKeys(environment)

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        keys: list[Word] = [
            *[self._keys.client_prefix + client_id for client_id in versions],
            *[self._keys.use(use.client_id) for use in uses],
            *[token_key(digest) for digest, _ in tokens],
        ]
        arguments: list[Word] = [len(versions), len(uses), *versions.values()]
        for use in uses:
            arguments += (use.secret_id, use.count, microseconds(use.at), use.source)
        for _, token in tokens:
            arguments += (encode_token(token), kept_seconds(token))
        # Twice the same tokens are the same tokens; that their use may be counted twice does no harm.
        return bool(await self._redis.run(_ADD_TOKENS, keys, arguments, repeatable=True))

    async def get_many(self, digests: Sequence[bytes], *, client_ids: Collection[str] = ()) -> StoredTokens:
        """See `TokenStore.get_many`."""
        found = await self._redis.run(
            _GET_TOKENS,
            [token_key(digest) for digest in digests],
            [self._keys.client_prefix, self._keys.revocations, *client_ids],
            repeatable=True,
        )
        ends = 2 * len(digests)
        values = iter(found[:ends])
        return StoredTokens(
            [
                StoredToken(decode_token(value), version) if value else _nothing_left(value)
                for value, version in zip(values, values, strict=True)
            ],
            dict(zip(client_ids, found[ends:-1], strict=True)),
            found[-1] or b"",
        )

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """See `TokenStore.add_uses`."""
        keys: list[Word] = [self._keys.writes]
        arguments: list[Word] = [writer, number]
        for use in uses:
            keys += (self._keys.secret(use.secret_id), self._keys.use(use.client_id))
            first_at, last_at = microseconds(use.first_at or use.at), microseconds(use.at)
            arguments += (use.client_id, use.secret_id, use.count, first_at, last_at, use.source)
        await self._redis.run(_ADD_USES, keys, arguments, repeatable=True)

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """See `TokenStore.remove`."""
        keys: list[Word] = [token_key(digest), self._keys.revocations]
        arguments: list[Word] = [self._max_events, new_nonce(), encode_event(RevokedToken(token_id(digest)))]
        if record is not None:
            keys.append(self._keys.failures)
            arguments += (self._max_records, encode_audit_record(record))
        return bool(await self._redis.run(_END_TOKEN, keys, arguments, repeatable=True))


def _nothing_left(value: bytes | None) -> Tombstone | None:
    return None if value is None else Tombstone.REVOKED

"""Tokens in Redis or Valkey."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.clients import Version
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import EncodedPosition, StoredTokens, Tombstone
from grantway_server.domain.revocation_events import RevokedToken
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.domain.tokens import Token, token_id
from grantway_server.storage.audit_codec import encode_audit_record
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.keys import EnvironmentKeys, token_key
from grantway_server.storage.moments import microseconds
from grantway_server.storage.nonces import new_nonce
from grantway_server.storage.redis_connection import RedisConnections, Script, Word
from grantway_server.storage.revocation_codec import encode_event
from grantway_server.storage.scripts import ADD_TOKENS, ADD_USES, END_TOKEN, GET_TOKENS
from grantway_server.storage.seen_versions import LastWrite, SeenVersions, Sight
from grantway_server.storage.token_codec import decode_token, encode_token, kept_seconds

_ADD_TOKENS = Script(ADD_TOKENS)
_ADD_USES = Script(ADD_USES)
_GET_TOKENS = Script(GET_TOKENS)
_END_TOKEN = Script(END_TOKEN)

_OTHER_LAST_WRITE = 1
_ANY: LastWrite = b""


@dataclass(slots=True)
class _Found:
    """What `GET_TOKENS` answers, with the tokens."""

    last_write: LastWrite
    position: EncodedPosition
    tokens: Sequence[Token | Tombstone | None]
    of_callers: Mapping[str, Version]
    of_owners: Mapping[str, Version]
    """Empty when they were not asked for."""


class RedisTokenStore:
    """`TokenStore` on Redis, for one environment; see there for the promises.

    Args:
        redis: The connections.
        environment: Whose clients' tokens it keeps.
        memory: What the client store of the same core remembers clients in.
        max_records: About how many records the audit trail of failures keeps.
        max_events: About how many revocations are kept.
    """

    def __init__(
        self,
        redis: RedisConnections,
        *,
        environment: Environment,
        memory: ClientMemory,
        max_records: int,
        max_events: int,
    ) -> None:
        self._redis = redis
        self._memory = memory
        self._max_records = max_records
        self._max_events = max_events
        self._keys = EnvironmentKeys(environment)
        self._seen = SeenVersions()
        self._all_were_seen = False
        """Whether all owners of the last batch were: so those of the next one may be."""

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        expected = self._seen.latest.last_write
        answer = await self._add(tokens, self._seen.unseen(versions), uses, expected)
        if answer == _OTHER_LAST_WRITE:
            # Where one of the clients is the one that was written, the next batch need not be told the same once more.
            self._seen.forget(expected)
            answer = await self._add(tokens, versions, uses, _ANY)
        if isinstance(answer, int):
            return False  # One of the clients is at another version.
        self._seen.see(answer, versions)
        return True

    async def get_many(
        self, digests: Sequence[bytes], *, client_ids: Collection[str] = (), with_owners: bool = True
    ) -> StoredTokens:
        """See `TokenStore.get_many`."""
        # Who is asked about is always told: an id that nobody has must not be seen by how long it takes.
        if not digests:
            return self._stored(await self._get(digests, client_ids), {}, {})
        if not with_owners:
            return self._stored(await self._get_apart(digests, client_ids), {}, {})
        seen = self._seen.latest
        if seen.last_write and self._all_were_seen:
            found = await self._get_apart(digests, client_ids)
            as_seen = self._owned_as_seen(found, seen) if found.last_write == seen.last_write else None
            if as_seen is not None:
                return as_seen
        found = await self._get(digests, client_ids)
        self._all_were_seen = self._seen.see(found.last_write, found.of_owners)
        return self._stored(found, found.of_owners, self._memory.owners_at(found.of_owners))

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

    async def _add(
        self,
        tokens: Sequence[tuple[bytes, Token]],
        versions: Mapping[str, Version],
        uses: Collection[NewUse],
        expected: LastWrite,
    ) -> int | LastWrite:
        keys: list[Word] = [
            self._keys.audit,
            *[self._keys.client_prefix + client_id for client_id in versions],
            *[self._keys.use(use.client_id) for use in uses],
            *[token_key(digest) for digest, _ in tokens],
        ]
        arguments: list[Word] = [expected, len(versions), len(uses), *versions.values()]
        for use in uses:
            arguments += (use.secret_id, use.count, microseconds(use.at), use.source)
        for _, token in tokens:
            arguments += (encode_token(token), kept_seconds(token))
        # Twice the same tokens are the same, or what became of them; that their use may be counted twice does no harm.
        answer: int | LastWrite = await self._redis.run(_ADD_TOKENS, keys, arguments, repeatable=True)
        return answer

    async def _get(self, digests: Sequence[bytes], callers: Collection[str]) -> _Found:
        last_write, position, values, of_callers, of_owners = await self._redis.run(
            _GET_TOKENS,
            [token_key(digest) for digest in digests],
            [self._keys.revocations, self._keys.audit, self._keys.client_prefix, *callers],
            repeatable=True,
        )
        tokens = _tokens(values)
        return _Found(
            last_write,
            position,
            tokens,
            dict(zip(callers, of_callers, strict=True)),
            {
                token.client_id: version
                for token, version in zip(tokens, of_owners, strict=True)
                if isinstance(token, Token)
            },
        )

    async def _get_apart(self, digests: Sequence[bytes], callers: Collection[str]) -> _Found:
        """As `_get`, of one digest at least and without the versions of owners.

        The script is not given the tokens: to read them there takes the store about twice as long. They are read after
        it, not in one step with it: what the script tells is of one moment, and a token that ended just after it
        may be told as ended. That no end is missed that is before `position`, and no token good that was not good at
        that moment, is because tokens only end (docs/adr/0037).
        """
        (last_write, position, _, of_callers, _), values = await self._redis.run_then(
            _GET_TOKENS,
            [],
            [self._keys.revocations, self._keys.audit, self._keys.client_prefix, *callers],
            ["MGET", *[token_key(digest) for digest in digests]],
        )
        return _Found(last_write, position, _tokens(values), dict(zip(callers, of_callers, strict=True)), {})

    def _owned_as_seen(self, found: _Found, seen: Sight) -> StoredTokens | None:
        """What was *found*, with the owners as they were *seen*; None when one of them was not."""
        owners = {token.client_id for token in found.tokens if isinstance(token, Token)}
        if owners <= seen.owners.keys():
            # So it is for nearly all: of each client one place in memory is looked up, and no version compared.
            return self._stored(found, {}, seen.owners)
        if owners <= seen.versions.keys():
            versions = {one: seen.versions[one] for one in owners}
            remembered = self._memory.owners_at(versions)
            seen.owners.update(remembered)
            return self._stored(found, versions, remembered)
        return None

    def _stored(
        self, found: _Found, of_owners: Mapping[str, Version], owners: Mapping[str, TokenOwner | None]
    ) -> StoredTokens:
        """What was *found*, with the *owners* that are remembered: all of them, or some of those at these versions."""
        # Not by taking one set of keys from the other: that walks through all *owners*, who may be a hundred thousand.
        to_read = [client_id for client_id in of_owners if client_id not in owners]
        return StoredTokens(found.tokens, owners, to_read, self._memory.those_at(found.of_callers), found.position)


def _tokens(values: Sequence[bytes | None]) -> list[Token | Tombstone | None]:
    return [decode_token(value) if value else _nothing_left(value) for value in values]


def _nothing_left(value: bytes | None) -> Tombstone | None:
    return None if value is None else Tombstone.REVOKED

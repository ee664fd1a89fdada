"""Clients in Redis or Valkey."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from secrets import token_bytes

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.idempotency import OUTCOME_KEPT, Outcome
from grantway_server.domain.ports import ClientFilter, Page, SecretIdTaken, UsedEpoch
from grantway_server.domain.revocation_events import events_of_change
from grantway_server.domain.secret_use import ClientUse
from grantway_server.domain.whole_seconds import seconds_in
from grantway_server.storage.audit_codec import encode_audit_record
from grantway_server.storage.client_codec import decode_client, encode_client
from grantway_server.storage.client_finder import ClientFinder
from grantway_server.storage.client_indexes import expiry_place, index_changes
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.keys import VERSION_BYTES, EnvironmentKeys
from grantway_server.storage.nonces import new_nonce
from grantway_server.storage.outcome_codec import decode_outcome, encode_outcome
from grantway_server.storage.redis_connection import RedisConnections, Script, Word
from grantway_server.storage.revocation_codec import encode_event
from grantway_server.storage.scripts import GET_USES, WRITE_CLIENT
from grantway_server.storage.use_fields import client_use

_WRITE_CLIENT = Script(WRITE_CLIENT)
_GET_USES = Script(GET_USES)

_OUTCOME_SECONDS = seconds_in(OUTCOME_KEPT)
_TAKEN = -1
_NO_OUTCOME = bytes(32)
"""The name of an outcome that is not kept: the script wants a key for it all the same."""


class RedisClientStore:
    """`ClientStore` on Redis, for one environment; see there for the promises.

    Args:
        redis: The connections.
        environment: Whose clients it keeps.
        memory: Where what it reads is remembered.
        max_records: About how many records the audit trail of changes keeps.
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
        self._keys = EnvironmentKeys(environment)
        self._max_records = max_records
        self._max_events = max_events
        self._memory = memory
        self._finder = ClientFinder(redis, self._keys, self._read)

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        clients = await self._read(client_ids)
        self._memory.keep(clients, asked_for=client_ids)
        return clients

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.remembered`."""
        return self._memory.those_of(client_ids)

    async def put(
        self,
        client: Client,
        *,
        before: Client | None,
        record: AuditRecord,
        outcome: tuple[bytes, Outcome] | None = None,
    ) -> Client | None:
        """See `ClientStore.put`."""
        stored = replace(client, version=token_bytes(VERSION_BYTES))
        written = await self._write(client.version, before, stored, record, outcome)
        return stored if written else None

    async def delete(self, client: Client, *, record: AuditRecord) -> bool:
        """See `ClientStore.delete`."""
        return await self._write(client.version, client, None, record, None)

    async def outcome(self, name: bytes) -> Outcome | None:
        """See `ClientStore.outcome`."""
        value = await self._redis.execute("GET", self._keys.outcome(name), repeatable=True)
        return None if value is None else decode_outcome(value)

    async def page(self, wanted: ClientFilter, *, after: bytes, limit: int) -> Page[Client]:
        """See `ClientStore.page`."""
        return await self._finder.page(wanted, after=after, limit=limit)

    async def expiring(self, *, before: datetime, after: bytes, limit: int) -> Page[tuple[Client, Secret]]:
        """See `ClientStore.expiring`."""
        return await self._finder.expiring(before=before, after=after, limit=limit)

    async def count_expiring(self, *, before: datetime) -> int:
        """See `ClientStore.count_expiring`."""
        end = b"(" + expiry_place(before)
        return int(await self._redis.execute("ZLEXCOUNT", self._keys.expiring, "-", end, repeatable=True))

    async def uses(self, client_ids: Collection[str]) -> Mapping[str, ClientUse]:
        """See `ClientStore.uses`."""
        keys = [self._keys.use(client_id) for client_id in client_ids]
        found = await self._redis.run(_GET_USES, keys, [], repeatable=True)
        return {client_id: client_use(fields) for client_id, fields in zip(client_ids, found, strict=True) if fields}

    async def client_of_secret(self, secret_id: str) -> str | None:
        """See `ClientStore.client_of_secret`."""
        value: bytes | None = await self._redis.execute("GET", self._keys.secret(secret_id), repeatable=True)
        return None if value is None else value.decode("ascii")

    async def _read(self, client_ids: Collection[str]) -> dict[str, Client]:
        if not client_ids:
            return {}
        values = await self._redis.execute("MGET", *map(self._keys.client, client_ids), repeatable=True)
        return {
            client_id: self._decoded(client_id, value)
            for client_id, value in zip(client_ids, values, strict=True)
            if value is not None
        }

    def _decoded(self, client_id: str, value: bytes) -> Client:
        """The client; the one that is remembered, if it is still at its version, for decoding costs more."""
        remembered = self._memory.get(client_id)
        if remembered is not None and value.startswith(remembered.version):
            return remembered
        return decode_client(value)

    async def _write(
        self,
        version: bytes,
        before: Client | None,
        after: Client | None,
        record: AuditRecord,
        outcome: tuple[bytes, Outcome] | None,
    ) -> bool:
        name, kept = (_NO_OUTCOME, b"") if outcome is None else (outcome[0], encode_outcome(outcome[1]))
        keys: list[Word] = [
            self._keys.client(record.client_id),
            self._keys.audit,
            self._keys.use(record.client_id),
            self._keys.outcome(name),
        ]
        value = b"" if after is None else encode_client(after)
        arguments: list[Word] = [
            version, value, encode_audit_record(record), new_nonce(), self._max_records, kept, _OUTCOME_SECONDS,
            self._max_events,
        ]  # fmt: skip # One line for the script's fixed arguments.
        if before is None and after is not None:
            keys.append(self._keys.epoch(record.client_id))
            arguments += ("begin", after.epoch)
        if before is not None and after is None:
            keys.append(self._keys.epoch(record.client_id))
            arguments += ("bury", f"{before.epoch} {seconds_in(before.tokens_are_known_for)}")
        for key, change in index_changes(before, after, self._keys):
            keys.append(key)
            arguments += change
        for event in events_of_change(before, after):
            keys.append(self._keys.revocations)
            arguments += ("tell", new_nonce().encode("ascii") + encode_event(event))
        # Not repeatable: the second time it would find its own version and say that somebody else was faster.
        answer = await self._redis.run(_WRITE_CLIENT, keys, arguments, repeatable=False)
        if answer == _TAKEN:
            raise SecretIdTaken
        if isinstance(answer, bytes):
            raise UsedEpoch(int(answer))
        return bool(answer)

"""Clients in Redis or Valkey."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from secrets import token_bytes

from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import ClientSnapshot
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.codec import decode_client, encode_client, encode_version
from grantway_server.storage.keys import WRITE_CLIENT, ClientKeys
from grantway_server.storage.redis_connection import RedisConnections, Script

_WRITE_CLIENT = Script(WRITE_CLIENT)

_POSITION_BYTES = 16


class RedisClientStore:
    """`ClientStore` on Redis, for one environment; see there for the promises."""

    def __init__(self, redis: RedisConnections, *, environment: Environment) -> None:
        self._redis = redis
        self._keys = ClientKeys(environment)
        self._memory = ClientMemory()

    async def get_many(self, client_ids: Collection[str]) -> ClientSnapshot:
        """See `ClientReader.get_many`."""
        snapshot = await self._read(client_ids)
        self._memory.keep(snapshot)
        return snapshot

    def remembered(self, client_ids: Collection[str]) -> ClientSnapshot | None:
        """See `ClientReader.remembered`."""
        return self._memory.snapshot(client_ids)

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        stored = replace(client, version=client.version + 1)
        return stored if await self._write(client, encode_client(stored)) else None

    async def delete(self, client: Client) -> bool:
        """See `ClientStore.delete`."""
        return await self._write(client, b"")

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """See `ClientStore.page`."""
        start = f"({after}" if after else "-"
        page: list[Client] = []
        # A client that is deleted between the two reads leaves a hole; the next ids fill it.
        while len(page) < limit:
            members: list[bytes] = await self._redis.execute(
                "ZRANGE", self._keys.index, start, "+", "BYLEX", "LIMIT", 0, limit - len(page), repeatable=True
            )
            if not members:
                break
            client_ids = [member.decode("ascii") for member in members]
            page += (await self._read(client_ids)).clients.values()
            start = f"({client_ids[-1]}"
        return page

    async def _read(self, client_ids: Collection[str]) -> ClientSnapshot:
        position, *values = await self._redis.execute(
            "MGET", self._keys.position, *map(self._keys.client, client_ids), repeatable=True
        )
        clients = {
            client_id: decode_client(value)
            for client_id, value in zip(client_ids, values, strict=True)
            if value is not None
        }
        return ClientSnapshot(position or b"", clients)

    async def _write(self, client: Client, value: bytes) -> bool:
        # Not repeatable: the second time it would find its own version and say that somebody else was faster.
        written = await self._redis.run(
            _WRITE_CLIENT,
            [self._keys.client(client.client_id), self._keys.index, self._keys.position],
            [encode_version(client.version), client.client_id, value, token_bytes(_POSITION_BYTES)],
            repeatable=False,
        )
        return bool(written)

"""Clients in Redis or Valkey."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from secrets import token_bytes

from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.codec import decode_client, encode_client
from grantway_server.storage.keys import VERSION_BYTES, WRITE_CLIENT, ClientKeys
from grantway_server.storage.redis_connection import RedisConnections, Script

_WRITE_CLIENT = Script(WRITE_CLIENT)


class RedisClientStore:
    """`ClientStore` on Redis, for one environment; see there for the promises."""

    def __init__(self, redis: RedisConnections, *, environment: Environment) -> None:
        self._redis = redis
        self._keys = ClientKeys(environment)
        self._memory = ClientMemory()

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        clients = await self._read(client_ids)
        self._memory.keep(clients.values())
        return clients

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.remembered`."""
        return self._memory.those_of(client_ids)

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        stored = replace(client, version=token_bytes(VERSION_BYTES))
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
            page += (await self._read(client_ids)).values()
            start = f"({client_ids[-1]}"
        return page

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

    async def _write(self, client: Client, value: bytes) -> bool:
        # Not repeatable: the second time it would find its own version and say that somebody else was faster.
        written = await self._redis.run(
            _WRITE_CLIENT,
            [self._keys.client(client.client_id), self._keys.index],
            [client.version, client.client_id, value],
            repeatable=False,
        )
        return bool(written)

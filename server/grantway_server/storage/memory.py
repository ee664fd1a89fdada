"""The in-memory twin of the Redis stores: the same promises, kept by one process for as long as it lives."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import Clock
from grantway_server.domain.tokens import Token


class MemoryTokenStore:
    """`TokenStore` in a dictionary; see there for the promises."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[bytes, Token] = {}

    async def add(self, tokens: Sequence[tuple[bytes, Token]]) -> None:
        """See `TokenStore.add`."""
        self._tokens.update(tokens)

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[Token | None]:
        """See `TokenStore.get_many`."""
        now = self._clock()
        for digest in digests:
            if (token := self._tokens.get(digest)) and token.expires_at <= now:
                del self._tokens[digest]
        return [self._tokens.get(digest) for digest in digests]

    async def remove(self, digest: bytes) -> None:
        """See `TokenStore.remove`."""
        self._tokens.pop(digest, None)


class MemoryClientStore:
    """`ClientStore` in a dictionary; see there for the promises."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        return {client_id: self._clients[client_id] for client_id in client_ids if client_id in self._clients}

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        if self._version(client) != client.version:
            return None
        stored = replace(client, version=client.version + 1)
        self._clients[client.client_id] = stored
        return stored

    async def delete(self, client: Client) -> bool:
        """See `ClientStore.delete`."""
        if self._version(client) != client.version:
            return False
        self._clients.pop(client.client_id, None)
        return True

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """See `ClientStore.page`."""
        client_ids = sorted(client_id for client_id in self._clients if client_id > after)
        return [self._clients[client_id] for client_id in client_ids[:limit]]

    def _version(self, client: Client) -> int:
        stored = self._clients.get(client.client_id)
        return stored.version if stored else 0

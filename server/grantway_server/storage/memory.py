"""The in-memory twin of the Redis stores: the same promises, kept by one process for as long as it lives."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from secrets import token_bytes

from grantway_server.domain.clients import Client, Version
from grantway_server.domain.ports import Clock, StoredToken
from grantway_server.domain.tokens import Token
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.keys import VERSION_BYTES


class MemoryTokenStore:
    """`TokenStore` in a dictionary; see there for the promises.

    Args:
        clock: The time.
        clients: The clients whose versions it tells; None for some of its own.
    """

    def __init__(self, clock: Clock, clients: "MemoryClientStore | None" = None) -> None:
        self._clock = clock
        self.clients = clients or MemoryClientStore()
        self._tokens: dict[bytes, Token] = {}

    async def add(self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version]) -> bool:
        """See `TokenStore.add`."""
        if any(self.clients.version(client_id) != version for client_id, version in versions.items()):
            return False
        self._tokens.update(tokens)
        return True

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[StoredToken | None]:
        """See `TokenStore.get_many`."""
        now = self._clock()
        for digest in digests:
            if (token := self._tokens.get(digest)) and token.expires_at <= now:
                del self._tokens[digest]
        tokens = [self._tokens.get(digest) for digest in digests]
        return [StoredToken(token, self.clients.version(token.client_id)) if token else None for token in tokens]

    async def remove(self, digest: bytes) -> None:
        """See `TokenStore.remove`."""
        self._tokens.pop(digest, None)


class MemoryClientStore:
    """`ClientStore` in a dictionary; see there for the promises."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._memory = ClientMemory()

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        known = {client_id: self._clients[client_id] for client_id in client_ids if client_id in self._clients}
        self._memory.keep(known.values())
        return known

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.remembered`."""
        return self._memory.those_of(client_ids)

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        if self.version(client.client_id) != client.version:
            return None
        stored = replace(client, version=token_bytes(VERSION_BYTES))
        self._clients[client.client_id] = stored
        return stored

    async def delete(self, client: Client) -> bool:
        """See `ClientStore.delete`."""
        if self.version(client.client_id) != client.version:
            return False
        self._clients.pop(client.client_id, None)
        return True

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """See `ClientStore.page`."""
        client_ids = sorted(client_id for client_id in self._clients if client_id > after)
        return [self._clients[client_id] for client_id in client_ids[:limit]]

    def version(self, client_id: str) -> Version:
        """At which version the client is; empty when it does not exist."""
        stored = self._clients.get(client_id)
        return stored.version if stored else b""

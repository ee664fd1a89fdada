"""The in-memory twin of the Redis stores: the same promises, kept by one process for as long as it lives."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from secrets import token_bytes

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import ClientSnapshot, Clock, Position, TokenSnapshot
from grantway_server.domain.tokens import Token
from grantway_server.storage.client_memory import ClientMemory


class MemoryTokenStore:
    """`TokenStore` in a dictionary; see there for the promises.

    Args:
        clock: The time.
        clients: The clients whose position it tells; None for some of its own.
    """

    def __init__(self, clock: Clock, clients: "MemoryClientStore | None" = None) -> None:
        self._clock = clock
        self.clients = clients or MemoryClientStore()
        self._tokens: dict[bytes, Token] = {}

    async def add(self, tokens: Sequence[tuple[bytes, Token]], *, position: Position | None = None) -> bool:
        """See `TokenStore.add`."""
        if position not in (None, self.clients.position):
            return False
        self._tokens.update(tokens)
        return True

    async def get_many(self, digests: Sequence[bytes]) -> TokenSnapshot:
        """See `TokenStore.get_many`."""
        now = self._clock()
        for digest in digests:
            if (token := self._tokens.get(digest)) and token.expires_at <= now:
                del self._tokens[digest]
        return TokenSnapshot(self.clients.position, [self._tokens.get(digest) for digest in digests])

    async def remove(self, digest: bytes) -> None:
        """See `TokenStore.remove`."""
        self._tokens.pop(digest, None)


class MemoryClientStore:
    """`ClientStore` in a dictionary; see there for the promises."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._memory = ClientMemory()
        self.position: Position = b""

    async def get_many(self, client_ids: Collection[str]) -> ClientSnapshot:
        """See `ClientReader.get_many`."""
        known = {client_id: self._clients[client_id] for client_id in client_ids if client_id in self._clients}
        snapshot = ClientSnapshot(self.position, known)
        self._memory.keep(snapshot)
        return snapshot

    def remembered(self, client_ids: Collection[str]) -> ClientSnapshot | None:
        """See `ClientReader.remembered`."""
        return self._memory.snapshot(client_ids)

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        if self._version(client) != client.version:
            return None
        stored = replace(client, version=client.version + 1)
        self.position = token_bytes(16)
        self._clients[client.client_id] = stored
        return stored

    async def delete(self, client: Client) -> bool:
        """See `ClientStore.delete`."""
        if self._version(client) != client.version:
            return False
        self._clients.pop(client.client_id, None)
        self.position = token_bytes(16)
        return True

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """See `ClientStore.page`."""
        client_ids = sorted(client_id for client_id in self._clients if client_id > after)
        return [self._clients[client_id] for client_id in client_ids[:limit]]

    def _version(self, client: Client) -> int:
        stored = self._clients.get(client.client_id)
        return stored.version if stored else 0

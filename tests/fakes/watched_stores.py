"""Stores that show what happens: some count the round trips, some let others in between, one has a gate."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client, Version
from grantway_server.domain.idempotency import Outcome
from grantway_server.domain.ports import ClientFilter, ClientStore, Clock, Page, StoredTokens, TokenStore
from grantway_server.domain.secret_use import ClientUse, NewUse
from grantway_server.domain.tokens import Token
from grantway_server.storage.memory_token_store import MemoryTokenStore


class CountingTokenStore:
    """A `TokenStore` that writes down each round trip: the method and how many things it was asked for."""

    def __init__(self, store: TokenStore, round_trips: list[tuple[str, int]]) -> None:
        self._store = store
        self._round_trips = round_trips

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        self._round_trips.append(("add", len(tokens)))
        return await self._store.add(tokens, versions=versions, uses=uses)

    async def get_many(
        self, digests: Sequence[bytes], *, client_ids: Collection[str] = (), with_owners: bool = True
    ) -> StoredTokens:
        """See `TokenStore.get_many`."""
        self._round_trips.append(("get tokens", len(digests)))
        return await self._store.get_many(digests, client_ids=client_ids, with_owners=with_owners)

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """See `TokenStore.add_uses`."""
        self._round_trips.append(("add uses", len(uses)))
        await self._store.add_uses(uses, writer=writer, number=number)

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """See `TokenStore.remove`."""
        self._round_trips.append(("remove", 1))
        return await self._store.remove(digest, record=record)


class CountingClientReader:
    """A `ClientReader` that writes down each round trip."""

    def __init__(self, store: ClientStore, round_trips: list[tuple[str, int]]) -> None:
        self._store = store
        self._round_trips = round_trips

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        self._round_trips.append(("get clients", len(client_ids)))
        return await self._store.get_many(client_ids)

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.remembered`."""
        return self._store.remembered(client_ids)


class CrowdedClientStore:
    """A `ClientStore` on which somebody else does something before each of the next writes and reads of clients."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store
        self.before_writes: list[Callable[[], Awaitable[object]]] = []
        """One is taken from the front for each write."""
        self.before_reads: list[Callable[[], Awaitable[object]]] = []
        """The same of reads."""
        self.writes = 0
        self.asked: list[str] = []
        """The ids that were looked up."""

    async def _let_others_in(self) -> None:
        self.writes += 1
        if self.before_writes:
            await self.before_writes.pop(0)()

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        self.asked.extend(client_ids)
        if self.before_reads:
            await self.before_reads.pop(0)()
        return await self._store.get_many(client_ids)

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.remembered`."""
        return self._store.remembered(client_ids)

    async def put(
        self,
        client: Client,
        *,
        before: Client | None,
        record: AuditRecord,
        outcome: tuple[bytes, Outcome] | None = None,
    ) -> Client | None:
        """See `ClientStore.put`."""
        await self._let_others_in()
        return await self._store.put(client, before=before, record=record, outcome=outcome)

    async def delete(self, client: Client, *, record: AuditRecord) -> bool:
        """See `ClientStore.delete`."""
        await self._let_others_in()
        return await self._store.delete(client, record=record)

    async def outcome(self, name: bytes) -> Outcome | None:
        """See `ClientStore.outcome`."""
        return await self._store.outcome(name)

    async def page(self, wanted: ClientFilter, *, after: bytes, limit: int) -> Page[Client]:
        """See `ClientStore.page`."""
        return await self._store.page(wanted, after=after, limit=limit)

    async def expiring(self, *, before: datetime, after: bytes, limit: int) -> Page[tuple[Client, Secret]]:
        """See `ClientStore.expiring`."""
        return await self._store.expiring(before=before, after=after, limit=limit)

    async def count_expiring(self, *, before: datetime) -> int:
        """See `ClientStore.count_expiring`."""
        return await self._store.count_expiring(before=before)

    async def uses(self, client_ids: Collection[str]) -> Mapping[str, ClientUse]:
        """See `ClientStore.uses`."""
        return await self._store.uses(client_ids)

    async def client_of_secret(self, secret_id: str) -> str | None:
        """See `ClientStore.client_of_secret`."""
        return await self._store.client_of_secret(secret_id)


class CrowdedTokenStore:
    """A `TokenStore` on which somebody else does something before each write of tokens of some clients."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store
        self.before_adds: dict[str, Callable[[], Awaitable[object]]] = {}
        """What, by the id of the client."""

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        for client_id in versions:
            if client_id in self.before_adds:
                await self.before_adds[client_id]()
        return await self._store.add(tokens, versions=versions, uses=uses)

    async def get_many(
        self, digests: Sequence[bytes], *, client_ids: Collection[str] = (), with_owners: bool = True
    ) -> StoredTokens:
        """See `TokenStore.get_many`."""
        return await self._store.get_many(digests, client_ids=client_ids, with_owners=with_owners)

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """See `TokenStore.add_uses`."""
        await self._store.add_uses(uses, writer=writer, number=number)

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """See `TokenStore.remove`."""
        return await self._store.remove(digest, record=record)


class GatedTokenStore(MemoryTokenStore):
    """A store that answers while `open` is set, and raises `error`, if there is one, when it does."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.open = asyncio.Event()
        self.open.set()
        self.entered = asyncio.Event()
        """Somebody waits."""
        self.cancelled = asyncio.Event()
        """Somebody who waited gave up."""
        self.error: Exception | None = None
        self.asked = 0
        """How often."""

    async def _pass(self) -> None:
        self.asked += 1
        self.entered.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        if self.error is not None:
            raise self.error

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        await self._pass()
        return await super().add(tokens, versions=versions, uses=uses)

    async def get_many(
        self, digests: Sequence[bytes], *, client_ids: Collection[str] = (), with_owners: bool = True
    ) -> StoredTokens:
        """See `TokenStore.get_many`."""
        await self._pass()
        return await super().get_many(digests, client_ids=client_ids, with_owners=with_owners)

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """See `TokenStore.add_uses`."""
        await self._pass()
        await super().add_uses(uses, writer=writer, number=number)

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """See `TokenStore.remove`."""
        await self._pass()
        return await super().remove(digest, record=record)

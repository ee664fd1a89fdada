"""The in-memory twin of the store of tokens."""

from collections.abc import Collection, Mapping, Sequence

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.clients import Client, Version, as_owner
from grantway_server.domain.ports import Clock, StoredTokens, Tombstone
from grantway_server.domain.revocation_events import RevokedToken
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.tokens import KEPT_AFTER_EXPIRY, Token, token_id
from grantway_server.storage.memory_client_store import MemoryClientStore


class MemoryTokenStore:
    """`TokenStore` in a dictionary; see there for the promises.

    Args:
        clock: The time.
        clients: The clients that it tells of and whose use it writes down; None for some of its own.
    """

    def __init__(self, clock: Clock, clients: MemoryClientStore | None = None) -> None:
        self._clock = clock
        self.clients = clients or MemoryClientStore(clock)
        self._tokens: dict[bytes, Token] = {}
        self._revoked: set[bytes] = set()
        self._writes: dict[str, int] = {}

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        if any(self.clients.version(client_id) != version for client_id, version in versions.items()):
            return False
        for use in uses:
            self.clients.write_down(use)
        self._tokens.update(tokens)
        return True

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """See `TokenStore.add_uses`."""
        if writer and self._writes.get(writer, 0) >= number:
            return
        self._writes[writer] = number
        for use in uses:
            if self.clients.has_secret(use.client_id, use.secret_id):
                self.clients.write_down(use)

    async def get_many(
        self, digests: Sequence[bytes], *, client_ids: Collection[str] = (), with_owners: bool = True
    ) -> StoredTokens:
        """See `TokenStore.get_many`."""
        now = self._clock()
        found: list[Token | Tombstone | None] = []
        for digest in digests:
            token = self._tokens.get(digest)
            if token is None or token.expires_at + KEPT_AFTER_EXPIRY <= now:
                self._tokens.pop(digest, None)
                self._revoked.discard(digest)
                found.append(None)
            elif digest in self._revoked:
                found.append(Tombstone.REVOKED)
            else:
                found.append(token)
        owner_ids = {token.client_id for token in found if isinstance(token, Token)} if with_owners else set[str]()
        owners = {client_id: as_owner(client) for client_id, client in self._those(owner_ids).items()}
        last = self.clients.revocations.last
        position = last.encode() if last else b""
        return StoredTokens(found, owners, owner_ids - owners.keys(), self._those(client_ids), position)

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """See `TokenStore.remove`."""
        if digest not in self._tokens or digest in self._revoked:
            return False
        self._revoked.add(digest)
        self.clients.revocations.add([RevokedToken(token_id(digest))])
        if record is not None:
            self.clients.failures.append(record)
        return True

    def _those(self, client_ids: Collection[str]) -> Mapping[str, Client | None]:
        return self.clients.those_at({client_id: self.clients.version(client_id) for client_id in client_ids})

"""How clients were used: what the store knows, with what this core had not told it yet."""

from collections.abc import Collection, Mapping

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import ClientStore, StorageUnavailable
from grantway_server.domain.secret_use import NEVER_USED, ClientUse
from grantway_server.domain.use_notes import UseNotes


class ClientUses:
    """Reads how clients were used. What other cores have noted and not written may be missing; see `use_notes`.

    Every method may raise `StorageUnavailable`.
    """

    def __init__(self, client_store: ClientStore, use_notes: UseNotes) -> None:
        self._client_store = client_store
        self._use_notes = use_notes

    async def of(self, client: Client) -> ClientUse:
        """How *client* was used."""
        return (await self.of_all([client.client_id])).get(client.client_id, NEVER_USED)

    async def of_all(self, client_ids: Collection[str]) -> Mapping[str, ClientUse]:
        """How each of some clients was used; those that never were are missing."""
        if not client_ids:
            return {}
        if not await self._use_notes.write_of(list(client_ids)):
            # A verdict on what the store says without it could be that a secret is safe to retire which is in use.
            raise StorageUnavailable("what is noted of clients cannot be written")
        return await self._client_store.uses(client_ids)

"""Somebody who administers clients, in short, for tests that are about other things than who calls."""

from collections.abc import Set as AbstractSet

from grantway_server.domain.audit import Caller
from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.client_service import ClientService
from grantway_server.domain.clients import Client
from grantway_server.domain.incidents import IncidentService
from grantway_server.domain.ports import ClientFilter, Page

ALICE = Caller("alice", "192.0.2.7", "0123456789abcdef")

_ALL = ClientFilter()


class Administrator:
    """Calls the services as *by*, and answers the client alone where the service says more."""

    def __init__(self, service: ClientService, incidents: IncidentService, by: Caller = ALICE) -> None:
        self._service = service
        self._incidents = incidents
        self._by = by

    async def create(self, given: ClientFields) -> tuple[Client, str]:
        """A new client, and the text of its secret."""
        client, text, _ = await self._service.create(given, by=self._by)
        return client, text

    async def get(self, client_id: str) -> Client:
        """The client."""
        return await self._service.get(client_id)

    async def page(self, wanted: ClientFilter = _ALL, *, after: bytes = b"", size: int) -> Page[Client]:
        """A page of clients."""
        return await self._service.page(wanted, after=after, size=size)

    async def update(self, client_id: str, given: ClientFields, *, mask: AbstractSet[str]) -> Client:
        """The client after the change."""
        return await self._service.update(client_id, given, mask=frozenset(mask), by=self._by)

    async def disable(self, client_id: str) -> Client:
        """The client, disabled."""
        client, _ = await self._incidents.disable(client_id, by=self._by)
        return client

    async def enable(self, client_id: str) -> Client:
        """The client, enabled."""
        return await self._incidents.enable(client_id, by=self._by)

    async def delete(self, client_id: str) -> None:
        """The client is gone."""
        await self._incidents.delete(client_id, by=self._by)

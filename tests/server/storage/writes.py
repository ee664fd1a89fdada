"""Writes to a client store that no administrator makes, with some audit record."""

import asyncio
from collections.abc import Iterable

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import ClientStore
from tests.server.samples import a_record


async def put(store: ClientStore, client: Client, *, before: Client | None = None) -> Client | None:
    """What `ClientStore.put` answers.

    Args:
        store: The store.
        client: The client.
        before: What it was made from; need not be given when nothing changes by which clients are found.
    """
    made_from = before or (client if client.version else None)
    return await store.put(client, before=made_from, record=a_record(client.client_id))


async def stored(store: ClientStore, client: Client, *, before: Client | None = None) -> Client:
    """The client as stored by a write that must succeed."""
    written = await put(store, client, before=before)
    assert written is not None
    return written


async def delete(store: ClientStore, client: Client) -> bool:
    """What `ClientStore.delete` answers."""
    return await store.delete(client, record=a_record(client.client_id))


async def put_all(store: ClientStore, clients: Iterable[Client]) -> None:
    """Writes new clients, a few at a time: a command that waits for its turn for too long fails."""
    waiting = iter(clients)

    async def write() -> None:
        for client in waiting:
            await stored(store, client)

    await asyncio.gather(*(write() for _ in range(8)))

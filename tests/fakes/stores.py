"""The two stores of a core in memory: they must belong together, as they do in one Redis."""

from grantway_server.domain.ports import ClientStore, Clock, TokenStore
from grantway_server.storage.memory import MemoryClientStore, MemoryTokenStore


def pair_of_stores(
    client_store: ClientStore | None, token_store: TokenStore | None, *, clock: Clock
) -> tuple[ClientStore, TokenStore]:
    """*client_store* and *token_store*, and stores in memory for what is missing."""
    clients = client_store if isinstance(client_store, MemoryClientStore) else MemoryClientStore()
    if isinstance(token_store, MemoryTokenStore):
        clients = token_store.clients
    return client_store or clients, token_store or MemoryTokenStore(clock, clients)

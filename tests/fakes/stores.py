"""The stores of a core in memory: they must belong together, as they do in one Redis."""

from grantway_server.domain.ports import AuditTrail, ClientStore, Clock, RevocationLog, TokenStore
from grantway_server.storage.memory_audit_trail import MemoryAuditTrail
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from grantway_server.use_cases import Stores


def stores_of(
    client_store: ClientStore | None = None,
    token_store: TokenStore | None = None,
    audit_trail: AuditTrail | None = None,
    revocations: RevocationLog | None = None,
    *,
    clock: Clock,
) -> Stores:
    """*client_store*, *token_store*, *audit_trail* and *revocations*, and stores in memory for what is missing."""
    clients = client_store if isinstance(client_store, MemoryClientStore) else MemoryClientStore(clock)
    if isinstance(token_store, MemoryTokenStore):
        clients = token_store.clients
    return Stores(
        clients=client_store or clients,
        tokens=token_store or MemoryTokenStore(clock, clients),
        audit_trail=audit_trail or MemoryAuditTrail(clients),
        revocations=revocations or clients.revocations,
    )

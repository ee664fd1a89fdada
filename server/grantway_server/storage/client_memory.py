"""Clients that were read, for as long as nobody changes any.

All that is remembered is of one position of the store. Whoever uses it has the store say that it is still there; when
it is not, everything is forgotten. So nothing has to be invalidated, and nothing can be stale (docs/adr/0014).
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from grantway_server.domain.ports import ClientSnapshot

if TYPE_CHECKING:
    from grantway_server.domain.clients import Client

_MAX_CLIENTS = 100_000
"""About a kilobyte each."""


class ClientMemory:
    """The clients that one core read at the position that it saw last."""

    def __init__(self) -> None:
        self._position = 0
        self._clients: dict[str, Client] = {}

    def keep(self, snapshot: ClientSnapshot) -> None:
        """Remembers *snapshot*, and forgets what was read at another position."""
        if snapshot.position != self._position:
            self._position = snapshot.position
            self._clients.clear()
        self._clients.update(snapshot.clients)
        while len(self._clients) > _MAX_CLIENTS:
            del self._clients[next(iter(self._clients))]

    def snapshot(self, client_ids: Collection[str]) -> ClientSnapshot | None:
        """The clients; None when one of them is not remembered. That a client does not exist never is."""
        try:
            return ClientSnapshot(self._position, {client_id: self._clients[client_id] for client_id in client_ids})
        except KeyError:
            return None

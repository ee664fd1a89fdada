"""Clients that were read, for as long as nobody changes any.

All that is remembered is of one position of the store. Whoever uses it has the store say that it is still there; when
it is not, everything is forgotten. So nothing has to be invalidated, and nothing can be stale (docs/adr/0014).
"""

from collections import OrderedDict
from collections.abc import Collection

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import ClientSnapshot

_MAX_WEIGHT = 100_000_000
"""Of all clients together: 100,000 of a common size."""


class ClientMemory:
    """The clients that one core read at the position that it saw last."""

    def __init__(self) -> None:
        self._position = b""
        self._clients: OrderedDict[str, Client] = OrderedDict()
        self._weight = 0

    def keep(self, snapshot: ClientSnapshot) -> None:
        """Remembers *snapshot*, and forgets what was read at another position."""
        if snapshot.position != self._position:
            self._position = snapshot.position
            self._clients.clear()
            self._weight = 0
        for client_id, client in snapshot.clients.items():
            if client_id not in self._clients:
                self._clients[client_id] = client
                self._weight += _weight(client)
        while self._weight > _MAX_WEIGHT:
            self._weight -= _weight(self._clients.popitem(last=False)[1])

    def snapshot(self, client_ids: Collection[str]) -> ClientSnapshot | None:
        """The clients; None when one of them is not remembered. That a client does not exist never is."""
        if not self._position:
            return None  # Nobody can say whether a store without a position is still the same.
        try:
            return ClientSnapshot(self._position, {client_id: self._clients[client_id] for client_id in client_ids})
        except KeyError:
            return None


def _weight(client: Client) -> int:
    """About how many bytes *client* takes: a kilobyte, and its lists."""
    words = (*client.allowed_scopes, *(client.default_scopes or ()), *client.audiences)
    return 900 + sum(map(len, words)) + 50 * len(words)

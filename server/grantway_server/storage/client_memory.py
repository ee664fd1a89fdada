"""Clients that were read, for as long as nobody changes them.

Whoever uses what is remembered has the store say whether it still holds. So nothing has to be invalidated, and nothing
can be stale (docs/adr/0014, 0030, 0032).
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

from grantway_server.domain.clients import Client, Version

_MAX_WEIGHT = 100_000_000
"""Of all clients together: 100,000 of a common size."""


class ClientMemory:
    """The clients that one core read last."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, Client] = OrderedDict()
        self._weight = 0
        # Those of which was found that they are at some versions.
        self._confirmed: dict[str, Client] = {}
        self._confirmed_at: Mapping[str, Version] = {}

    def keep(self, clients: Iterable[Client]) -> None:
        """Remembers *clients*, and forgets those that were read first when they are too many."""
        for client in clients:
            if self._clients.get(client.client_id) is client:
                # To weigh it again would take time that an unknown client does not take.
                self._clients.move_to_end(client.client_id)
                continue
            self.forget(client.client_id)
            self._clients[client.client_id] = client
            self._weight += _weight(client)
        while self._weight > _MAX_WEIGHT:
            self.forget(next(iter(self._clients)))

    def forget(self, client_id: str) -> None:
        """Remembers no client of this id."""
        if (client := self._clients.pop(client_id, None)) is not None:
            self._weight -= _weight(client)
            self._confirmed = {}  # A new one: whoever has the old one keeps it as it is.

    def get(self, client_id: str) -> Client | None:
        """The client; None when it is not remembered."""
        return self._clients.get(client_id)

    def those_of(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """Those of the clients that are remembered. That a client does not exist never is."""
        get = self._clients.get
        return {client_id: client for client_id in client_ids if (client := get(client_id)) is not None}

    def those_at(self, versions: Mapping[str, Version]) -> Mapping[str, Client]:
        """Those of the clients in *versions* that are remembered as they are at these."""
        return {one: client for one, client in self.those_of(versions).items() if client.version == versions[one]}

    def confirm(self, versions: Mapping[str, Version], clients: Mapping[str, Client]) -> None:
        """Keeps in mind that *clients* are at *versions*: what these say of a client must never change."""
        if versions is not self._confirmed_at:
            self._confirmed_at, self._confirmed = versions, {}
        self._confirmed.update(clients)

    def confirmed(self, versions: Mapping[str, Version]) -> Mapping[str, Client]:
        """Those that were confirmed at these very *versions*; none, after any client was forgotten.

        Whoever has it may keep it: it gets more clients, but none leaves it.
        """
        return self._confirmed if versions is self._confirmed_at else {}


def _weight(client: Client) -> int:
    """About how many bytes *client* takes: a kilobyte, its lists, and what was said of it or done to it."""
    words = [*client.allowed_scopes, *(client.default_scopes or ()), *client.audiences, *client.own_audiences]
    for label in client.labels:
        words += label
    records = len(client.secrets) + len(client.revocations)
    return 600 + len(client.description) + sum(map(len, words)) + 50 * len(words) + 300 * records

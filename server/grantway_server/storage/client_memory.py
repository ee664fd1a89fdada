"""Clients that were read, for as long as nobody changes them.

Whoever uses what is remembered has the store say whether it still holds. So nothing has to be invalidated, and nothing
can be stale (docs/adr/0014, 0030).
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

from grantway_server.domain.clients import Client, Version, as_owner
from grantway_server.domain.token_owners import TokenOwner

_MAX_WEIGHT = 100_000_000
"""Of all clients together: 100,000 of a common size."""


class ClientMemory:
    """The clients that one core read last."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, Client] = OrderedDict()
        self._weight = 0

    def keep(self, clients: Mapping[str, Client], *, asked_for: Iterable[str] = ()) -> None:
        """Remembers *clients*, which are all that there are of those *asked_for*: any other of these is forgotten.

        When they are too many, those are forgotten too that were read first.
        """
        for client_id in asked_for:
            if client_id not in clients:
                # Else who was deleted would be granted tokens, and refused by the store, again and again.
                self.forget(client_id)
        for client in clients.values():
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

    def get(self, client_id: str) -> Client | None:
        """The client; None when it is not remembered."""
        return self._clients.get(client_id)

    def those_of(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """Those of the clients that are remembered. That a client does not exist never is."""
        # All in a row, as `SeenVersions.unseen` does.
        found = zip(client_ids, list(map(self._clients.get, client_ids)), strict=True)
        return {client_id: client for client_id, client in found if client is not None}

    def those_at(self, versions: Mapping[str, Version]) -> Mapping[str, Client | None]:
        """Those of the clients in *versions* that are remembered as they are at these; None for each that is gone."""
        found: dict[str, Client | None] = {}
        for client_id, version in versions.items():
            client = self._clients.get(client_id)
            if not version:
                found[client_id] = None
            elif client is not None and client.version == version:
                found[client_id] = client
        return found

    def owners_at(self, versions: Mapping[str, Version]) -> Mapping[str, TokenOwner | None]:
        """The same as owners of their tokens."""
        return {client_id: as_owner(client) for client_id, client in self.those_at(versions).items()}


def _weight(client: Client) -> int:
    """About how many bytes *client* takes: a kilobyte, its lists, and what was said of it or done to it."""
    words = [*client.allowed_scopes, *(client.default_scopes or ()), *client.audiences, *client.own_audiences]
    for label in client.labels:
        words += label
    records = len(client.secrets) + len(client.revocations)
    return 600 + len(client.description) + sum(map(len, words)) + 50 * len(words) + 300 * records

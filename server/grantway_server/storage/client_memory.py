"""Clients that were read, for as long as nobody changes them.

Whoever uses what is remembered has the store say whether it still holds. So nothing has to be invalidated, and nothing
can be stale (docs/adr/0014, 0030, 0032).
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

from grantway_server.domain.clients import Client, Version, as_owner
from grantway_server.domain.token_owners import TokenOwner

_MAX_WEIGHT = 100_000_000
"""Of all clients together: 100,000 of a common size."""
_MAX_WEIGHT_HELD = 1_000_000
"""Of those that were forgotten and are held as unchanged all the same."""


class ClientMemory:
    """The clients that one core read last."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, Client] = OrderedDict()
        self._weight = 0
        self._unchanged: dict[str, TokenOwner | None] = {}
        """Those that were found at `_versions`."""
        self._versions: Mapping[str, Version] = {}
        self._weight_held = 0

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
            weight = _weight(client)
            self._weight -= weight
            if client_id in self._unchanged:
                # Held a while: to begin anew each time would take time that an unknown client does not take.
                self._weight_held += weight
                if self._weight_held > _MAX_WEIGHT_HELD:
                    self._begin_anew(self._versions)

    def get(self, client_id: str) -> Client | None:
        """The client; None when it is not remembered."""
        return self._clients.get(client_id)

    def those_of(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """Those of the clients that are remembered. That a client does not exist never is."""
        get = self._clients.get
        return {client_id: client for client_id in client_ids if (client := get(client_id)) is not None}

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

    def note_unchanged(self, versions: Mapping[str, Version], owners: Mapping[str, TokenOwner | None]) -> None:
        """Keeps in mind that *owners* were found at *versions*, which never say another thing of a client."""
        if versions is not self._versions:
            self._begin_anew(versions)
        self._unchanged.update(owners)

    def unchanged(self, versions: Mapping[str, Version]) -> Mapping[str, TokenOwner | None]:
        """Those that were noted to be at these very *versions*: all, unless too many of them were forgotten since.

        Whoever has it may keep it: it gets more clients, but none leaves it.
        """
        return self._unchanged if versions is self._versions else {}

    def _begin_anew(self, versions: Mapping[str, Version]) -> None:
        self._versions, self._unchanged, self._weight_held = versions, {}, 0


def _weight(client: Client) -> int:
    """About how many bytes *client* takes: a kilobyte, its lists, and what was said of it or done to it."""
    words = [*client.allowed_scopes, *(client.default_scopes or ()), *client.audiences, *client.own_audiences]
    for label in client.labels:
        words += label
    records = len(client.secrets) + len(client.revocations)
    return 600 + len(client.description) + sum(map(len, words)) + 50 * len(words) + 300 * records

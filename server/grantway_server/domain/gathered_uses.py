"""Uses of secrets that are not written yet: of each secret one, however often it was used meanwhile."""

from collections.abc import Iterable
from itertools import islice

from grantway_server.domain.secret_use import NewUse

MAX_GATHERED = 100_000
"""Of as many clients: 40 MB."""


class GatheredUses:
    """By client. Uses that obtained tokens and uses that did not stay apart: they are about different moments."""

    def __init__(self) -> None:
        self._by_client: dict[str, list[NewUse]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_client)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for further clients."""
        return len(self._by_client) >= MAX_GATHERED

    def add(self, use: NewUse) -> None:
        """Takes *use* in, which is nobody else's from now on."""
        gathered = self._by_client.get(use.client_id)
        if gathered is None:
            self._by_client[use.client_id] = [use]
            return
        for one in gathered:
            if one.secret_id == use.secret_id and bool(one.count) == bool(use.count):
                one.take_in(use)
                return
        gathered.append(use)

    def take(self, count: int) -> list[NewUse]:
        """The uses of up to *count* clients, who have waited the longest; they are not here any more."""
        return self.take_of(list(islice(self._by_client, count)))

    def take_of(self, client_ids: Iterable[str]) -> list[NewUse]:
        """The uses of some clients; they are not here any more."""
        return [use for client_id in client_ids for use in self._by_client.pop(client_id, ())]

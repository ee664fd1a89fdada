"""Uses of secrets that are not written yet: of each secret one, however often it was used meanwhile."""

from collections.abc import Iterable
from datetime import datetime
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
        gathered = self._of(use.client_id, use.secret_id, of_tokens=use.count > 0)
        if gathered is None:
            self._by_client.setdefault(use.client_id, []).append(use)
        else:
            gathered.take_in(use.count, use.source, use.first_at or use.at, use.at)

    def add_token(self, client_id: str, secret_id: str, source: str, at: datetime) -> None:
        """Takes in that a secret obtained a token: as `add` does, without an object made for each of them."""
        gathered = self._of(client_id, secret_id, of_tokens=True)
        if gathered is None:
            self.add(NewUse(client_id, secret_id, 1, source, at))
        else:
            gathered.take_in(1, source, at, at)

    def take(self, count: int) -> list[NewUse]:
        """The uses of up to *count* clients, who have waited the longest; they are not here any more."""
        return self.take_of(list(islice(self._by_client, count)))

    def take_of(self, client_ids: Iterable[str]) -> list[NewUse]:
        """The uses of some clients; they are not here any more."""
        return [use for client_id in client_ids for use in self._by_client.pop(client_id, ())]

    def _of(self, client_id: str, secret_id: str, *, of_tokens: bool) -> NewUse | None:
        for one in self._by_client.get(client_id, ()):
            if one.secret_id == secret_id and (one.count > 0) is of_tokens:
                return one
        return None

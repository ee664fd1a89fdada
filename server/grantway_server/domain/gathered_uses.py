"""Uses of secrets that are not written yet: of each secret one, however often it was used meanwhile."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.tokens import Token

MAX_GATHERED = 100_000
"""Of as many clients: 40 MB."""


class GatheredUses:
    """By client. Uses that obtained tokens and uses that did not stay apart: they are about different moments."""

    def __init__(self) -> None:
        self._by_client: dict[str, list[NewUse]] = {}

    def __len__(self) -> int:
        """Of how many clients there are any."""
        return len(self._by_client)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for further clients."""
        return len(self._by_client) >= MAX_GATHERED

    def add(self, use: NewUse) -> None:
        """Takes *use* in, which is nobody else's from now on."""
        gathered = self._by_client.setdefault(use.client_id, [])
        for one in gathered:
            if one.secret_id == use.secret_id and (one.count > 0) is (use.count > 0):
                one.take_in(use.count, use.source, use.first_at or use.at, use.at)
                return
        gathered.append(use)

    def add_tokens(self, tokens: Iterable[tuple[Token, str]], at: datetime) -> None:
        """Takes in that secrets obtained *tokens*, each for somebody at a source.

        As `add` does, but without a call for each token, nor a `NewUse` where there is one already.
        """
        of_client = self._by_client.get
        for token, source in tokens:
            client_id, secret_id = token.client_id, token.secret_id
            gathered = of_client(client_id)
            if gathered is None:
                self._by_client[client_id] = [NewUse(client_id, secret_id, 1, source, at)]
                continue
            for one in gathered:
                if one.secret_id == secret_id and one.count > 0:
                    one.take_in(1, source, at, at)
                    break
            else:
                gathered.append(NewUse(client_id, secret_id, 1, source, at))

    def take(self, count: int) -> list[NewUse]:
        """The uses of up to *count* clients, who have waited the longest; they are not here any more."""
        return self.take_of(list(islice(self._by_client, count)))

    def take_of(self, client_ids: Iterable[str]) -> list[NewUse]:
        """The uses of some clients; they are not here any more."""
        return [use for client_id in client_ids for use in self._by_client.pop(client_id, ())]

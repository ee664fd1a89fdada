"""What one core saw of clients, for as long as no client at all has been written since.

Every write of a client leaves a record in the audit trail, in the same step. So while the last record is the one that
was the last when clients were seen, they are at the versions that they were seen at. Neither the store nor the core
need compare them again, however many a batch is of (docs/adr/0030, 0032, 0034).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grantway_server.domain.clients import Version
from grantway_server.domain.token_owners import TokenOwner

LastWrite = bytes
"""Which write of any client was the last; empty when there is no record of one."""

_MAX_SEEN = 200_000
"""Of so many clients, which takes 110 MB. When there are more, all are forgotten."""


@dataclass(slots=True)
class Sight:
    """What was seen of clients while one write was the last.

    Whoever has it may keep it, over a wait for the store too: it gets more clients, but what it says of one stays true
    of `last_write`.
    """

    last_write: LastWrite = b""
    versions: dict[str, Version] = field(default_factory=dict)
    """By client id; empty for one that did not exist any more."""
    owners: dict[str, TokenOwner | None] = field(default_factory=dict)
    """Some of these at their versions, as owners of tokens; None for one that did not exist any more."""


class SeenVersions:
    """What one core saw of the clients of one environment: of clients that have tokens, nobody else's guess.

    Attributes:
        latest: What was seen since the last write that is known of.
    """

    def __init__(self) -> None:
        self.latest = Sight()

    def unseen(self, versions: Mapping[str, Version]) -> Mapping[str, Version]:
        """Those of *versions* that were not seen."""
        seen = self.latest.versions
        # Nearly always there is none. All in a row: where clients are many the processor waits for several at once.
        if list(map(seen.get, versions)) == list(versions.values()):
            return {}
        return {client_id: version for client_id, version in versions.items() if seen.get(client_id) != version}

    def forget(self, last_write: LastWrite) -> None:
        """What was seen when *last_write* was the last holds no more, for it is not the last."""
        if last_write == self.latest.last_write:
            self.latest = Sight()

    def see(self, last_write: LastWrite, versions: Mapping[str, Version]) -> bool:
        """Takes in that clients were at *versions* when *last_write* was the last; whether all were seen before."""
        if last_write != self.latest.last_write or len(self.latest.versions) > _MAX_SEEN:
            self.latest = Sight(last_write)
        if not last_write:
            return False
        seen = self.latest.versions
        before = len(seen)
        seen.update(versions)
        return len(seen) == before

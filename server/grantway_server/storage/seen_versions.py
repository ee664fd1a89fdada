"""At what versions clients were seen, for as long as no client at all has been written since.

Every write of a client leaves a record in the audit trail, in the same step. So while the last record is the one that
was the last when clients were seen, they are at the versions that they were seen at, and the store need not look at
each of them: a batch of many clients costs what one of few costs (docs/adr/0030).
"""

from collections.abc import Mapping

from grantway_server.domain.clients import Version

LastWrite = bytes
"""Which write of any client was the last; empty when there is no record of one."""

_MAX_SEEN = 200_000
"""Of so many clients, which takes 40 MB. When there are more, all are forgotten."""


class SeenVersions:
    """What one core saw of the clients of one environment: of clients that have tokens, nobody else's guess.

    Attributes:
        last_write: The last write when they were seen.
    """

    def __init__(self) -> None:
        self.last_write: LastWrite = b""
        self._versions: dict[str, Version] = {}

    @property
    def versions(self) -> Mapping[str, Version]:
        """By client id; empty for one that did not exist any more.

        Whoever has it may keep it: it gets more clients, but what it says of one stays as it was at `last_write`. It is
        the same object until then, which `ClientMemory.unchanged` goes by.
        """
        return self._versions

    def unseen(self, versions: Mapping[str, Version]) -> Mapping[str, Version]:
        """Those of *versions* that were not seen."""
        seen = self._versions
        return {client_id: version for client_id, version in versions.items() if seen.get(client_id) != version}

    def forget(self, last_write: LastWrite) -> None:
        """What was seen when *last_write* was the last holds no more, for it is not the last."""
        if last_write == self.last_write:
            self.last_write, self._versions = b"", {}

    def see(self, last_write: LastWrite, versions: Mapping[str, Version]) -> bool:
        """Takes in that clients were at *versions* when *last_write* was the last; whether all were seen before."""
        if last_write != self.last_write or len(self._versions) > _MAX_SEEN:
            self.last_write, self._versions = last_write, {}
        if not last_write:
            return False
        before = len(self._versions)
        self._versions.update(versions)
        return len(self._versions) == before

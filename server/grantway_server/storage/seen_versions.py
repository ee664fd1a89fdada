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
    """What one core saw of the clients of one environment.

    Attributes:
        last_write: The last write when they were seen.
        moved: Whether that was another one at the last look than at the one before. It may be again.
        mostly_new: Whether most clients of the last look had not been seen.
    """

    def __init__(self) -> None:
        self.last_write: LastWrite = b""
        self.moved = True
        self.mostly_new = True
        self._versions: dict[str, Version] = {}

    @property
    def versions(self) -> Mapping[str, Version]:
        """By client id; empty for one that did not exist.

        Whoever has it may keep it: it gets more clients, but what it says of one stays as it was at `last_write`.
        """
        return self._versions

    def unseen(self, versions: Mapping[str, Version]) -> Mapping[str, Version]:
        """Those of *versions* that were not seen."""
        seen = self._versions
        return {client_id: version for client_id, version in versions.items() if seen.get(client_id) != version}

    def see(self, last_write: LastWrite, versions: Mapping[str, Version]) -> None:
        """Takes in that clients were at *versions* when *last_write* was the last."""
        self.moved = last_write != self.last_write
        if self.moved or len(self._versions) > _MAX_SEEN:
            self.last_write, self._versions = last_write, {}
        before = len(self._versions)
        if last_write:
            self._versions.update(versions)
        self.mostly_new = 2 * (len(self._versions) - before) > len(versions)

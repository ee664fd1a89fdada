"""The two worlds that never mix."""

from enum import StrEnum


class Environment(StrEnum):
    """Which world a core, a client, a secret or a token belongs to; the value stands in their text."""

    LIVE = "live"
    TEST = "test"

    @property
    def other(self) -> "Environment":
        """The one that this one never mixes with."""
        return Environment.TEST if self is Environment.LIVE else Environment.LIVE

"""Holds what checks of tokens answered against when the tokens were revoked."""

from typing import NamedTuple


class Violation(NamedTuple):
    """A token that was good for a check that began too late."""

    token: str
    seconds: float
    """How long after the acknowledgement the check began."""


class RevocationBound:
    """Records answers and revocations, all by one monotonic clock.

    Args:
        seconds: How long after the acknowledgement of its revocation a token may be good for a check that begins.
    """

    def __init__(self, seconds: float) -> None:
        self.checks = 0
        self._seconds = seconds
        self._last_good: dict[str, float] = {}
        self._acknowledged: dict[str, float] = {}

    def answered(self, token: str, *, began_at: float, good: bool) -> None:
        """A check that began at that moment was answered so."""
        self.checks += 1
        # Of all checks that found it good the last one tells most.
        if good and began_at > self._last_good.get(token, 0):
            self._last_good[token] = began_at

    def acknowledged(self, token: str, at: float) -> None:
        """The revocation of *token* was acknowledged at that moment."""
        self._acknowledged[token] = at

    def lives(self) -> list[float]:
        """How many seconds after its acknowledgement the last check began that found a token good; sorted."""
        return sorted(
            max(0.0, self._last_good.get(token, 0) - acknowledged_at)
            for token, acknowledged_at in self._acknowledged.items()
        )

    def violations(self) -> list[Violation]:
        """What must not be."""
        return [
            Violation(token[:20], seconds)
            for token, at in self._acknowledged.items()
            if (seconds := self._last_good.get(token, 0) - at) > self._seconds
        ]

"""Holds what checks of tokens answered against when the tokens were revoked."""

from math import inf
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
        self._last_bad: dict[str, float] = {}
        self._acknowledged: dict[str, float] = {}

    def answered(self, token: str, *, began_at: float, good: bool) -> None:
        """A check that began at that moment was answered so."""
        self.checks += 1
        # Of all checks that found it good, or not good, the last one tells most.
        last = self._last_good if good else self._last_bad
        last[token] = max(began_at, last.get(token, 0))

    def was_good(self, token: str) -> bool:
        """Whether a check found it good at all: else nothing is learned from its being dead."""
        return token in self._last_good

    def is_dead(self, token: str) -> bool:
        """Whether a check that began after the acknowledgement found that it is not good."""
        return self._last_bad.get(token, 0) > self._acknowledged.get(token, inf)

    def acknowledged(self, token: str, at: float) -> None:
        """The revocation of *token* was acknowledged at that moment."""
        self._acknowledged[token] = at

    def lives(self) -> list[float]:
        """How many seconds after its acknowledgement the last check began that found a token good; sorted."""
        return sorted(max(0.0, self._last_good[token] - at) for token, at in self._acknowledged.items())

    def violations(self) -> list[Violation]:
        """What must not be."""
        return [
            Violation(token[:20], seconds)
            for token, at in self._acknowledged.items()
            if (seconds := self._last_good[token] - at) > self._seconds
        ]

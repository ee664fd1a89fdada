"""How long an answer about a token may be used again, and what happens while no core answers.

docs/checking-tokens.md says which to choose.
"""

from dataclasses import dataclass
from math import inf, isfinite

_HEARTBEAT_SECONDS = 0.5
"""The core sends a message that often at least."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How long answers are used again; made by `strict`, `watched` or `bounded`.

    Attributes:
        lifetime_seconds: How long after it was asked for; 0 for never.
        heartbeat_timeout_seconds: How long the stream of revocations may be silent; None when it plays no part.
    """

    lifetime_seconds: float
    heartbeat_timeout_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class IfUnreachable:
    """What happens while no core answers; made by `fail_closed` or `stale_if_unreachable`.

    Attributes:
        stale_seconds: For how long after it was last known to be true an answer may be given; 0 for never.
    """

    stale_seconds: float


def strict() -> Mode:
    """Every check asks the core: a revoked token is dead to each check that begins after the revocation."""
    return Mode(0)


def watched(*, heartbeat_timeout_seconds: float = 2) -> Mode:
    """Answers are used again while the core tells of every revocation: milliseconds after one the token is dead.

    The moment that the stream of revocations ends, or when it is silent for *heartbeat_timeout_seconds*, every check
    asks the core, until the stream goes on. The core sends something every 0.5 seconds; with less than 1 second a
    busy network is taken for a dead one.

    Raises:
        ValueError: *heartbeat_timeout_seconds* is not more than 0.5.
    """
    if not heartbeat_timeout_seconds > _HEARTBEAT_SECONDS:
        raise ValueError(f"heartbeat_timeout_seconds must be more than {_HEARTBEAT_SECONDS}")
    return Mode(inf, heartbeat_timeout_seconds)


def bounded(seconds: float) -> Mode:
    """Answers are used again for *seconds*: a revoked token may live that long, and no longer. Nothing is watched.

    Raises:
        ValueError: *seconds* is no number above 0.
    """
    return Mode(_positive(seconds))


def fail_closed() -> IfUnreachable:
    """A check that needs a core and finds none fails."""
    return IfUnreachable(0)


def stale_if_unreachable(seconds: float) -> IfUnreachable:
    """A check that needs a core and finds none is given the answer that is held, if there is one.

    The answer was true at most *seconds* ago: when it was asked for, or when the stream of revocations was last heard
    of. A token that was revoked meanwhile may so live for *seconds*. An answer that a revocation has reached, and a
    token whose time is over, are never given.

    Raises:
        ValueError: *seconds* is no number above 0.
    """
    return IfUnreachable(_positive(seconds))


def _positive(seconds: float) -> float:
    if not (isfinite(seconds) and seconds > 0):
        raise ValueError("seconds must be a number above 0")
    return seconds

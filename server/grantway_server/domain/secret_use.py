"""What was seen of the use of secrets, and what it says: may a secret be retired without an outage?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from grantway_server.domain.client_secrets import Secret


@dataclass(frozen=True, slots=True)
class SecretUse:
    """How a secret was used, to obtain tokens, to check or to revoke them: when first and last, and from where last."""

    count: int
    """How many tokens it obtained."""
    first_at: datetime
    last_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class ClientUse:
    """How a client was used."""

    last_token_at: datetime | None = None
    """None when it never was."""
    secrets: Mapping[str, SecretUse] = field(default_factory=dict)
    """By secret id; those that were never used are missing."""
    retired_count: int = 0
    """How many tokens secrets obtained that are retired."""


NEVER_USED = ClientUse()


@dataclass(slots=True)
class NewUse:
    """That a secret was used, once or often (made for every batch, and not frozen for the sake of its time)."""

    client_id: str
    secret_id: str
    count: int
    """How many tokens it obtained."""
    source: str
    """Of the last use."""
    at: datetime
    """When the last use was."""
    first_at: datetime | None = None
    """When the first use was; None means that there was one, or that all were at one moment."""

    def take_in(self, count: int, source: str, first_at: datetime, at: datetime) -> None:
        """Adds other uses of the same secret, earlier or later ones."""
        self.count += count
        self.first_at = min(self.first_at or self.at, first_at)
        if at >= self.at:
            self.at, self.source = at, source


class Basis(Enum):
    """What a verdict rests on; see `grantway.v1.RetirementVerdict.Basis`."""

    REPLACED = auto()
    NEWEST = auto()
    NEWER_UNUSED = auto()
    STILL_USED = auto()
    EXPIRED = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a secret may be retired without an outage."""

    basis: Basis
    quiet_for: timedelta | None = None
    """REPLACED: for how long the newer secret has been in use without this one. STILL_USED: since its last use."""

    @property
    def safe(self) -> bool:
        """Whether it may."""
        return self.basis in {Basis.REPLACED, Basis.EXPIRED}


def verdict(secret: Secret, secrets: Sequence[Secret], use: ClientUse, *, now: datetime) -> Verdict:
    """Whether *secret*, one of a client's *secrets* in the order in which they were made, may be retired."""
    if not secret.is_good(now):
        return Verdict(Basis.EXPIRED)
    # Not by when they were made: the clocks of two cores may differ.
    newest = [other for other in secrets if other.is_good(now)][-1]
    if newest.secret_id == secret.secret_id:
        return Verdict(Basis.NEWEST)
    newer = use.secrets.get(newest.secret_id)
    if newer is None:
        return Verdict(Basis.NEWER_UNUSED)
    own = use.secrets.get(secret.secret_id)
    # Uses of one batch bear one moment: at the same one both were used.
    if own is not None and own.last_at >= newer.first_at:
        return Verdict(Basis.STILL_USED, quiet_for=now - own.last_at)
    return Verdict(Basis.REPLACED, quiet_for=now - newer.first_at)

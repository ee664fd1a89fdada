"""What a cache of introspections must be told, and where in the order of all such events it stands."""

import re
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from grantway_server.domain.clients import Client
from grantway_server.domain.revocations import TokenSelection

_POSITION = re.compile(rb"(\d{1,20})-(\d{1,20}):([0-9a-f]{8})")
_LIMIT = 2**64


class Position(NamedTuple):
    """The place of an event that happened. Of two in one log the later one is greater.

    A log that was set back, or goes on differently after a failover, may come to the same place again; `nonce`, which
    is random, tells the two events there apart (docs/adr/0021).
    """

    milliseconds: int
    """Since 1970, by the store's clock; never less than the event before."""
    number: int
    """Of the event within its millisecond."""
    nonce: str

    @classmethod
    def parse(cls, data: bytes) -> "Position":
        """The position that *data* is.

        Raises:
            ValueError: It is none.
        """
        match = _POSITION.fullmatch(data)
        if match is None:
            raise ValueError("no position")
        position = cls(int(match[1]), int(match[2]), match[3].decode("ascii"))
        if max(position.milliseconds, position.number) >= _LIMIT:
            raise ValueError("no position")
        return position

    @property
    def entry_id(self) -> str:
        """The position without its nonce."""
        return f"{self.milliseconds}-{self.number}"

    def encode(self) -> bytes:
        """What callers get to keep."""
        return f"{self.entry_id}:{self.nonce}".encode("ascii")


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """A token was revoked alone."""

    token_id: str
    """See `tokens.token_id`."""


@dataclass(frozen=True, slots=True)
class RevokedTokens:
    """Tokens of a client died together: those that there were."""

    client_id: str
    selection: TokenSelection


@dataclass(frozen=True, slots=True)
class ChangedClient:
    """Something else that an introspection says of a client, or of its tokens, is different."""

    client_id: str


RevocationEvent = RevokedToken | RevokedTokens | ChangedClient


@dataclass(frozen=True, slots=True)
class RevocationPortion:
    """What happened between two positions."""

    position: Position
    """The later one: where to go on."""
    events: tuple[tuple[Position, RevocationEvent], ...]
    gap: bool = False
    """Whether something is missing: the earlier position is not in the log (any more), or this version cannot tell."""
    more: bool = False
    """Whether there was more behind it when it was read. It is then not all that happened."""
    read_at: float = field(default=-inf, compare=False)
    """When the log was asked for it, on the clock of `time.monotonic`; set by `RevocationWatch`."""


def events_of_change(before: Client | None, after: Client | None) -> tuple[RevocationEvent, ...]:
    """What must be told when a client changes; None stands for one that does not exist.

    Of a new client nothing: nobody can have been told of a token of it, and those of one that had its id stay dead.
    """
    if before is None:
        return ()
    if after is None or after.min_epoch > before.min_epoch or (_is_enabled(before) and not _is_enabled(after)):
        return (RevokedTokens(before.client_id, TokenSelection()),)
    events: list[RevocationEvent] = [
        RevokedTokens(before.client_id, revocation.selection)
        for revocation in after.revocations
        if revocation not in before.revocations
    ]
    if _shown(before) != _shown(after):
        events.append(ChangedClient(before.client_id))
    return tuple(events)


def _is_enabled(client: Client) -> bool:
    return client.disabled_at is None


def _shown(client: Client) -> tuple[str, str, bool]:
    """What an introspection says of a client as it is now. All else it says stands in the token."""
    return client.name, client.organization, _is_enabled(client)

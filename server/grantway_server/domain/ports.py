"""What the domain needs of a store, and the only error that may come out of one.

Every store keeps these promises:
- No call blocks without a deadline: it answers or raises `StorageUnavailable` within a second.
- An absent thing, a present thing and a failure are three different outcomes; a failure is never reported as absence.
- What was acknowledged is seen by every later read, from any process.
- No text of a token or a secret is stored or logged; the store is never given one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client, Version
from grantway_server.domain.idempotency import Outcome
from grantway_server.domain.revocation_events import Position, RevocationPortion
from grantway_server.domain.secret_use import ClientUse, NewUse
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.domain.tokens import Token

Item = TypeVar("Item")

Clock = Callable[[], datetime]
"""Returns the present moment, aware, in UTC."""


EncodedPosition = bytes
"""A `Position` as callers get it; empty before the first revocation."""


class StorageUnavailable(Exception):
    """The store did not answer in time or refused; whether a write was done is unknown. The cause is chained."""


class ClientsKeepChanging(StorageUnavailable):
    """Clients were changed faster than they could be read. Nothing was done, and without them it can be."""


class UnreadableRecord(Exception):
    """What the store holds is nothing that this version can read. The cause is chained."""


class SecretIdTaken(Exception):
    """Another client has a secret of this id."""


class UsedEpoch(Exception):
    """A client that was deleted had this id, and this epoch or a later one.

    Attributes:
        last: The last epoch that it had.
    """

    def __init__(self, last: int) -> None:
        super().__init__()
        self.last = last


class Tombstone(Enum):
    """What is left of a token that was ended alone, until it would have been forgotten."""

    REVOKED = auto()


@dataclass(slots=True)
class StoredTokens:
    """What a store holds under some digests, and of some clients, at one moment.

    But for tokens that ended just after it, which may be told as ended.
    """

    tokens: Sequence[Token | Tombstone | None]
    """Of each digest, in order; None where there is nothing (any more)."""
    owners: Mapping[str, TokenOwner | None]
    """The tokens' clients that are remembered as they are at this moment; None for one that is gone.

    There may be others in it, and very many.
    """
    owners_to_read: Collection[str]
    """Those that are not in it: nobody remembers them as they are."""
    callers: Mapping[str, Client | None]
    """Those who were asked about by id, as they are, and nobody else; who is not in it must be read."""
    position: EncodedPosition
    """That of the last revocation: all up to it are seen."""


NOTHING_STORED = StoredTokens((), {}, (), {}, b"")
"""The answer where nothing was asked."""


class ClientReader(Protocol):
    """Reads clients: all that the token use cases need of them."""

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """Those of the clients that exist, as they are now, in one round trip however many are asked for.

        Raises:
            UnreadableRecord: One of them cannot be read.
        """

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """Those of the clients that were read before, as they were then, without a round trip.

        Good for as long as the store has them at their versions: `TokenStore.add` writes only then.
        """


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """Which clients are asked for. What is empty or None does not narrow them."""

    organization: str = ""
    name_prefix: str = ""
    """Compared without regard to capitals."""
    disabled: bool | None = None

    def holds(self, client: Client) -> bool:
        """Whether *client* is one of them."""
        return (
            (not self.organization or client.organization == self.organization)
            and client.name.casefold().startswith(self.name_prefix.casefold())
            and (self.disabled is None or self.disabled == (client.disabled_at is not None))
        )


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list."""

    items: Sequence[Item]
    next_page: bytes
    """Where the next part begins; empty after the last."""


class ClientStore(ClientReader, Protocol):
    """Keeps clients. A client is written whole, and only over the version that it was made from.

    A write, its audit record and what a `RevocationLog` tells of it (`revocation_events.events_of_change`) are one
    atomic step: none of them is ever there without the others.
    """

    async def put(
        self,
        client: Client,
        *,
        before: Client | None,
        record: AuditRecord,
        outcome: tuple[bytes, Outcome] | None = None,
    ) -> Client | None:
        """Stores *client* atomically if the stored version is still `client.version` (empty: if there is none).

        Args:
            client: The client.
            before: The client that it was made from; None for a new one.
            record: What the audit trail gets.
            outcome: What is kept for a repetition of the call, and the name that it is kept under.

        Returns:
            The client as stored, with its new version; None if the stored version is another or an outcome is kept
            under the name already, and nothing changed.

        Raises:
            SecretIdTaken: A secret that is new has the id of another client's.
            UsedEpoch: A new client begins with an epoch that tokens of a deleted one of its id may have.
        """

    async def delete(self, client: Client, *, record: AuditRecord) -> bool:
        """Deletes *client* and what is known of its use atomically, if its stored version is the same; else False.

        What epoch it had is known for as long as there may be tokens of it: see `put`.
        """

    async def outcome(self, name: bytes) -> Outcome | None:
        """What is kept under *name*, for `OUTCOME_KEPT` from when it was; None when nothing is."""

    async def page(self, wanted: ClientFilter, *, after: bytes, limit: int) -> Page[Client]:
        """Up to *limit* of the clients *wanted*, behind where an earlier page ended (empty = from the start).

        In the order of their names when a name and no organization is asked for, else of their ids. Looks at 1000
        clients at most, however many there are: a page may hold fewer than *limit* and not be the last.
        """

    async def expiring(self, *, before: datetime, after: bytes, limit: int) -> Page[tuple[Client, Secret]]:
        """Up to *limit* secrets that expire before a moment, to the second, in the order in which they do.

        Looks at 1000 at most, as `page` does.
        """

    async def count_expiring(self, *, before: datetime) -> int:
        """How many secrets expire before a moment, expired ones that were not retired included."""

    async def uses(self, client_ids: Collection[str]) -> Mapping[str, ClientUse]:
        """How each of the clients was used, in one round trip; those that never were are missing."""

    async def client_of_secret(self, secret_id: str) -> str | None:
        """The id of the client that has this secret, or had it and remembers it; None when none does."""


class AuditTrail(Protocol):
    """Keeps the audit records: of changes, which the client store writes, and of what anybody can cause."""

    async def add(self, records: Sequence[AuditRecord]) -> None:
        """Writes down what anybody can cause, in one round trip: failed authentications, reports of tokens.

        The oldest go when they are too many; they push no change of a client out.
        """

    async def portion(self, *, since: datetime | None, after: bytes) -> Page[AuditRecord]:
        """Some records behind where an earlier portion ended (empty = from *since* on, or from the oldest on).

        The oldest first. None at all when there are none yet behind it; `next_page` then says where the next will be.
        """


class TokenStore(Protocol):
    """Keeps what is known of tokens, under their digests, until five minutes after they expire."""

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """Stores *tokens* (digest, token) in one round trip however many they are; in two after a write of any client.

        Args:
            tokens: The tokens.
            versions: At what version their clients must be.
            uses: What is written down of the use of secrets, in the same step.

        What is written a second time, late, brings no token back that was ended.

        Returns:
            False, and nothing is stored, when one of the clients in *versions* is not at its version any more.
        """

    async def get_many(
        self, digests: Sequence[bytes], *, client_ids: Collection[str] = (), with_owners: bool = True
    ) -> StoredTokens:
        """The token of each digest, and what is known of *client_ids*; *with_owners*, of the tokens' clients too.

        In one round trip, or in two with owners: after any client was written, and where some of these were not seen
        since. How many they are does not matter, nor whether there is a client of an id in *client_ids*.

        Returns tokens that have expired, for five minutes at least, so that it can be told. Callers check.

        Raises:
            UnreadableRecord: One of them cannot be read.
        """

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """Writes down *uses*, which may be late, in one round trip; none of a client or a secret that is gone.

        What was written of later or earlier uses meanwhile is not set back. Those that obtained no token do not change
        when one was last issued.

        Args:
            uses: The uses.
            writer: Who writes, one write after the other; "" where it does no harm to write twice.
            number: Of the write, above 0 and above those before. One up to the last of its writer is not done again.
        """

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """Ends the token of *digest*, of which a tombstone is left; whether there was one to end.

        If so, the `RevocationLog` gets its event and the trail *record*, in the same step.
        """


class RevocationLog(Protocol):
    """Keeps the last revocations, in the order in which the other stores wrote them."""

    async def read(self, after: Position | None) -> RevocationPortion:
        """What is behind *after*, as the log was at one moment; the first part of it, if it is much.

        With None, or a gap because *after* is not in the log, there are no events: the position is the log's last.
        What it answers holds: a store that may not be written to, because it is a replica, is unavailable here.
        """

    async def wait(self, after: Position) -> None:
        """Returns when there may be something behind *after*, and within half a second in any case."""

"""How a client is changed: read, decided on, and written over what was read, together with its audit record.

When somebody else was faster it is decided again on what they wrote. So a rule always holds of the record that results,
never of an older one.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from grantway_server.domain import clients
from grantway_server.domain.audit import Announce, Caller, Kind, change_record
from grantway_server.domain.clients import Client
from grantway_server.domain.idempotency import Outcome
from grantway_server.domain.ports import ClientStore, Clock, SecretIdTaken, UsedEpoch
from grantway_server.domain.refusals import Reason, Refusal, invalid_request

Made = TypeVar("Made")

_MINTS = 3
_ATTEMPTS = 8
"""How often a change is tried over again before somebody else's changes are too many."""
_URGENT_ATTEMPTS = 64
"""The same of what must not lose against those who go on changing."""
_URGENT = frozenset(
    {
        # These end something,
        Kind.CLIENT_DISABLED,
        Kind.CLIENT_PANICKED,
        Kind.TOKENS_REVOKED,
        Kind.SECRET_RETIRED,
        Kind.LEAK_REPORTED,
        # and this one stands between a client and its token.
        Kind.SECRET_ADOPTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Who wants a change, and as what it is written down."""

    kind: Kind
    by: Caller
    etag: str = ""
    """Over which state of the client only; "" = over whatever there is."""
    secret_id: str = ""
    """The secret that it is about; "" = none."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A client before and after; the same when there was nothing to change."""

    before: Client
    after: Client


class ClientChanges:
    """Reads and writes clients for the use cases. Every method may raise `StorageUnavailable`."""

    def __init__(self, *, client_store: ClientStore, clock: Clock, announce: Announce) -> None:
        self._client_store = client_store
        self._clock = clock
        self._announce = announce

    async def get(self, client_id: str) -> Client:
        """The client.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND.
        """
        if not client_id:
            raise invalid_request("client_id is missing.")
        known = await self._client_store.get_many([client_id]) if clients.is_id(client_id) else {}
        if client_id not in known:
            raise Refusal(Reason.CLIENT_NOT_FOUND, "There is no client with this client_id in this environment.")
        return known[client_id]

    async def create(
        self, client: Client, *, kind: Kind, by: Caller, outcome: tuple[bytes, Outcome] | None = None
    ) -> Client | None:
        """*client* as stored; None when its id is taken or the outcome is there already.

        Raises:
            SecretIdTaken: See `with_free_secret_id`.
        """
        record = change_record(kind, client.client_id, before=None, after=client, by=by, at=client.created_at)
        try:
            stored = await self._client_store.put(client, before=None, record=record, outcome=outcome)
        except UsedEpoch as used:
            # An id comes back, within the second or after more revocations than there were seconds.
            client = replace(client, epoch=used.last + 1, min_epoch=used.last + 1)
            return await self.create(client, kind=kind, by=by, outcome=outcome)
        if stored is not None:
            self._announce(record)
        return stored

    async def apply(
        self,
        client_id: str,
        change: Callable[[Client], Client],
        intent: Intent,
    ) -> Changed:
        """Makes a change.

        Args:
            client_id: Which client is to be changed.
            change: What it becomes; may refuse. May be asked several times.
            intent: Who wants it, and as what.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT; what *change* raises.
        """
        for _ in range(_URGENT_ATTEMPTS if intent.kind in _URGENT else _ATTEMPTS):
            attempt = await self._attempt(client_id, change, intent)
            if attempt is not None:
                return attempt
        raise _conflict()

    async def apply_once(
        self,
        client_id: str,
        change: Callable[[Client], Client],
        intent: Intent,
        *,
        outcome: tuple[bytes, Outcome],
    ) -> Changed | None:
        """The same, and keeps *outcome* for a repetition of the call; None when one is kept already."""
        for _ in range(_ATTEMPTS):
            try:
                attempt = await self._attempt(client_id, change, intent, outcome)
            except Refusal:
                # What stands in the way may be what a repetition of the call did.
                if await self._client_store.outcome(outcome[0]) is None:
                    raise
                return None
            if attempt is not None:
                return attempt
            if await self._client_store.outcome(outcome[0]) is not None:
                return None
        raise _conflict()

    async def delete(self, client_id: str, *, by: Caller, etag: str) -> Client:
        """The client that was deleted.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """
        for _ in range(_URGENT_ATTEMPTS):
            client = await self.get(client_id)
            check_etag(client, etag)
            record = change_record(Kind.CLIENT_DELETED, client_id, before=client, after=None, by=by, at=self._clock())
            if await self._client_store.delete(client, record=record):
                self._announce(record)
                return client
        raise _conflict()

    async def _attempt(
        self,
        client_id: str,
        change: Callable[[Client], Client],
        intent: Intent,
        outcome: tuple[bytes, Outcome] | None = None,
    ) -> Changed | None:
        """The client before and after; the same when there is nothing to change, None when somebody was faster."""
        before = await self.get(client_id)
        check_etag(before, intent.etag)
        changed = change(before)
        if changed == before:
            return Changed(before, before)
        now = self._clock()
        changed = replace(changed, updated_at=now, updated_by=intent.by.actor)
        record = change_record(
            intent.kind, client_id, before=before, after=changed, by=intent.by, at=now, secret_id=intent.secret_id
        )
        stored = await self._client_store.put(changed, before=before, record=record, outcome=outcome)
        if stored is None:
            return None
        self._announce(record)
        return Changed(before, stored)


async def with_free_secret_id(make: Callable[[], Awaitable[Made]]) -> Made:
    """What *make* makes, with a new secret in it; once more where the id of that belongs to another client.

    The ids have 40 random bits: among millions of secrets that happens.
    """
    for _ in range(_MINTS):
        with suppress(SecretIdTaken):
            return await make()
    return await make()


def check_etag(client: Client, etag: str) -> None:
    """Refuses a change that was decided on another state of *client*; "" means any state.

    Raises:
        Refusal: CONFLICT.
    """
    if etag and etag != client.etag:
        raise Refusal(Reason.CONFLICT, "The client was changed since this etag was read: read it again, then decide.")


def _conflict() -> Refusal:
    return Refusal(Reason.CONFLICT, "Somebody else keeps changing this client: try again.")

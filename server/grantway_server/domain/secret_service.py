"""The secrets of clients: another one, the end of one, and which there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grantway_server.domain.audit import Caller, Kind
from grantway_server.domain.client_changes import Changed, ClientChanges, Intent, check_etag
from grantway_server.domain.client_secrets import Secret, SecretFormat
from grantway_server.domain.clients import Client
from grantway_server.domain.idempotency import SALT_BYTES, Idempotency, secret_was_ended
from grantway_server.domain.impact import Impact, SecretState, impact, secret_states
from grantway_server.domain.incidents import with_revocation
from grantway_server.domain.ports import ClientStore, Clock, Page
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.revocations import TokenSelection
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_use import NEVER_USED, ClientUse

DEFAULT_OVERLAP = timedelta(days=7)
_MAX_OVERLAP = timedelta(days=365)
_LONGEST_WITHIN = timedelta(days=36_500)
"""No secret expires later, and no date is beyond what a clock can say."""
MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Rotation:
    """A client with a new secret."""

    client: Client
    text: str
    """Of the new secret; nothing can show it again."""
    secret: SecretState
    old_secrets: Sequence[SecretState]
    """Those that there were, with their deadlines."""

    def __repr__(self) -> str:
        return f"Rotation({self.client.client_id!r}, {self.secret.secret.secret_id!r})"


class SecretService:
    """Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_store: ClientStore,
        changes: ClientChanges,
        secret_format: SecretFormat,
        secret_expiry: SecretExpiry,
        max_secrets: int,
        longest_token_lifetime: timedelta,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._client_store = client_store
        self._changes = changes
        self._secret_format = secret_format
        self._secret_expiry = secret_expiry
        self._max_secrets = max_secrets
        self._longest_token_lifetime = longest_token_lifetime
        self._clock = clock
        self._random_bytes = random_bytes

    async def rotate(
        self,
        client_id: str,
        *,
        by: Caller,
        overlap: timedelta = DEFAULT_OVERLAP,
        etag: str = "",
        idempotency: Idempotency | None = None,
    ) -> Rotation:
        """Gives a client another secret, and those that it has a deadline.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT; SECRET_NOT_FOUND (a repetition, and what the first
                call made was ended since).
        """
        if not timedelta(0) <= overlap <= _MAX_OVERLAP or overlap.microseconds:
            raise invalid_request("overlap must be whole seconds from 0 to 365 days.")
        now = self._clock()
        deadline = now + overlap
        # What is known of the use of secrets that end at once goes with them: it must be asked for before.
        use = await self._use_of(await self._changes.get(client_id))

        def with_another(secret: Secret) -> Callable[[Client], Client]:
            return lambda client: self._with_another(client, secret, deadline=deadline, now=now)

        def intent(secret: Secret) -> Intent:
            return Intent(kind=Kind.SECRET_ROTATED, by=by, etag=etag, secret_id=secret.secret_id)

        if idempotency is None:
            text, secret = self._secret_format.mint(self._random_bytes, now=now)
            changed = await self._changes.apply(client_id, with_another(secret), intent(secret))
        else:
            name = idempotency.validated().name
            outcome = await self._client_store.outcome(name)
            made = None
            if outcome is None:
                outcome = idempotency.outcome(client_id, self._random_bytes(SALT_BYTES))
                _, secret = self._secret_format.derive(idempotency.key, outcome.salt, now=now)
                made = await self._changes.apply_once(
                    client_id, with_another(secret), intent(secret), outcome=(name, outcome)
                )
                if made is None:  # The call was repeated while it was under way, and the repetition was faster.
                    outcome = await self._client_store.outcome(name) or outcome
            idempotency.check(outcome)
            text, secret = self._secret_format.derive(idempotency.key, outcome.salt, now=now)
            if made is None:
                client = await self._changes.get(outcome.client_id)
                return self._rotation(client, text, secret.secret_id, await self._use_of(client))
            changed = made
        ended = [old for old in _with_deadline(changed.before, deadline, now=now) if not old.is_good(now)]
        return self._rotation(changed.after, text, secret.secret_id, use, ended=ended)

    async def retire(  # noqa: PLR0913 - which one, and how.
        self,
        client_id: str,
        secret_id: str,
        *,
        by: Caller,
        etag: str = "",
        dry_run: bool = False,
        revoke_tokens: bool = False,
    ) -> tuple[Client, SecretState, Impact]:
        """Ends one secret, and with *revoke_tokens* the tokens that it obtained; says what was using it.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, SECRET_NOT_FOUND, CONFLICT.
        """
        if not secret_id:
            raise invalid_request("secret_id is missing.")
        selection = TokenSelection(secret_id=secret_id)

        def change(client: Client) -> Client:
            _secret_of(client, secret_id)
            if revoke_tokens:
                # It ends something that leaked: never a refusal.
                client = with_revocation(client, selection, now=self._clock(), or_everything=True)
            return client.without([_secret_of(client, secret_id)], now=self._clock())

        before = await self._changes.get(client_id)
        check_etag(before, etag)
        _secret_of(before, secret_id)
        # What is known of its use goes with it: it must be asked for before.
        use = await self._use_of(before)
        changed = Changed(before, before)
        if not dry_run:
            changed = await self._changes.apply(
                client_id, change, Intent(kind=Kind.SECRET_RETIRED, by=by, etag=etag, secret_id=secret_id)
            )
        now = self._clock()
        hit = impact(
            changed.before,
            use,
            now=now,
            longest_lifetime=self._longest_token_lifetime,
            secret_ids=[secret_id],
            tokens=selection if revoke_tokens else None,
        )
        state = next(
            state for state in secret_states(changed.before, use, now=now) if state.secret.secret_id == secret_id
        )
        return changed.after, state, hit

    async def all_of(self, client_id: str) -> list[SecretState]:
        """The secrets of a client, the newest first.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND.
        """
        client = await self._changes.get(client_id)
        return secret_states(client, await self._use_of(client), now=self._clock())

    async def expiring(self, *, within: timedelta, after: bytes, size: int) -> Page[tuple[Client, SecretState]]:
        """Up to *size* secrets that expire within a time, and up to `MAX_PAGE_SIZE`; see `ClientStore.expiring`.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if size < 1:
            raise invalid_request("page_size must be 1 or more, or unset.")
        if within < timedelta(0):
            raise invalid_request("within must not be negative.")
        now = self._clock()
        before = now + min(within, _LONGEST_WITHIN)
        page = await self._client_store.expiring(before=before, after=after, limit=min(size, MAX_PAGE_SIZE))
        uses = await self._client_store.uses({client.client_id for client, _ in page.items}) if page.items else {}
        states = [
            (client, _state_of(client, secret.secret_id, uses.get(client.client_id, NEVER_USED), now))
            for client, secret in page.items
        ]
        return Page(states, page.next_page)

    def _with_another(self, client: Client, secret: Secret, *, deadline: datetime, now: datetime) -> Client:
        """*client* with *secret* and its good secrets; expired ones go."""
        kept = [old for old in _with_deadline(client, deadline, now=now) if old.is_good(now)]
        if len(kept) + 1 > self._max_secrets:
            raise invalid_request(
                f"A client has at most {self._max_secrets} good secrets: retire one first, or rotate with overlap 0."
            )
        kept_ids = {old.secret_id for old in kept}
        client = client.without([old for old in client.secrets if old.secret_id not in kept_ids], now=now)
        return replace(client, secrets=(*kept, self._secret_expiry.of_new(secret)))

    def _rotation(
        self, client: Client, text: str, secret_id: str, use: ClientUse, *, ended: Sequence[Secret] = ()
    ) -> Rotation:
        """What was done to *client*; it has no more those secrets that *ended* by it."""
        states = secret_states(replace(client, secrets=(*ended, *client.secrets)), use, now=self._clock())
        new = [state for state in states if state.secret.secret_id == secret_id]
        if not new or not new[0].secret.is_good(self._clock()):
            raise secret_was_ended()
        return Rotation(client, text, new[0], states[states.index(new[0]) + 1 :])  # The newest is first.

    async def _use_of(self, client: Client) -> ClientUse:
        return (await self._client_store.uses([client.client_id])).get(client.client_id, NEVER_USED)


def _with_deadline(client: Client, deadline: datetime, *, now: datetime) -> list[Secret]:
    """The secrets of *client* that are good, each with an end at the *deadline* at the latest."""
    return [
        replace(old, expires_at=deadline if old.expires_at is None else min(old.expires_at, deadline))
        for old in client.secrets
        if old.is_good(now)
    ]


def _secret_of(client: Client, secret_id: str) -> Secret:
    for secret in client.secrets:
        if secret.secret_id == secret_id:
            return secret
    raise Refusal(Reason.SECRET_NOT_FOUND, "The client has no secret with this secret_id.")


def _state_of(client: Client, secret_id: str, use: ClientUse, now: datetime) -> SecretState:
    return next(state for state in secret_states(client, use, now=now) if state.secret.secret_id == secret_id)

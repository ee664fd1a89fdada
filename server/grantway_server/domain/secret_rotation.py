"""Another secret for a client, while those that it has go on for a while: rotation without an outage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grantway_server.domain.audit import Caller, Kind
from grantway_server.domain.client_changes import ClientChanges, Intent, with_free_secret_id
from grantway_server.domain.client_secrets import Secret, SecretFormat
from grantway_server.domain.client_uses import ClientUses
from grantway_server.domain.clients import Client
from grantway_server.domain.idempotency import SALT_BYTES, Idempotency, secret_was_ended
from grantway_server.domain.impact import SecretState, secret_states
from grantway_server.domain.ports import ClientStore, Clock
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_use import ClientUse

DEFAULT_OVERLAP = timedelta(days=7)
_MAX_OVERLAP = timedelta(days=365)


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


class SecretRotation:
    """Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_store: ClientStore,
        client_uses: ClientUses,
        changes: ClientChanges,
        secret_format: SecretFormat,
        secret_expiry: SecretExpiry,
        max_secrets: int,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._client_store = client_store
        self._client_uses = client_uses
        self._changes = changes
        self._secret_format = secret_format
        self._secret_expiry = secret_expiry
        self._max_secrets = max_secrets
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

        With an *overlap* of zero of several calls at the same moment one is made, and the others are conflicts: none
        answers with a secret that another one ends.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT; SECRET_NOT_FOUND (a repetition, and what the first
                call made was ended since).
        """
        return await with_free_secret_id(
            lambda: self._rotate(client_id, by=by, overlap=overlap, etag=etag, idempotency=idempotency)
        )

    async def _rotate(
        self, client_id: str, *, by: Caller, overlap: timedelta, etag: str, idempotency: Idempotency | None
    ) -> Rotation:
        if not timedelta(0) <= overlap <= _MAX_OVERLAP or overlap.microseconds:
            raise invalid_request("overlap must be whole seconds from 0 to 365 days.")
        now = self._clock()
        deadline = now + overlap
        # Before the change: of secrets that the client forgets by it nothing is known any more.
        start = await self._changes.get(client_id)
        use = await self._client_uses.of(start)

        def with_another(secret: Secret) -> Callable[[Client], Client]:
            def change(client: Client) -> Client:
                if not overlap and any(not start.had(one.secret_id) for one in client.secrets):
                    raise Refusal(
                        Reason.CONFLICT,
                        "Somebody else made a secret at the same moment, which this would end: look first.",
                    )
                return self._with_another(client, secret, deadline=deadline, now=now)

            return change

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
                return self._rotation(client, text, secret.secret_id, await self._client_uses.of(client))
            changed = made
        ended = [old for old in _with_deadline(changed.before, deadline, now=now) if not old.is_good(now)]
        return self._rotation(changed.after, text, secret.secret_id, use, ended=ended)

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


def _with_deadline(client: Client, deadline: datetime, *, now: datetime) -> list[Secret]:
    """The secrets of *client* that are good, each with an end at the *deadline* at the latest."""
    return [
        replace(old, expires_at=deadline if old.expires_at is None else min(old.expires_at, deadline))
        for old in client.secrets
        if old.is_good(now)
    ]

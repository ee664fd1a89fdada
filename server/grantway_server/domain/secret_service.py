"""The secrets of clients: the end of one, and which there are."""

from datetime import datetime, timedelta

from grantway_server.domain.audit import Caller, Kind
from grantway_server.domain.client_changes import Changed, ClientChanges, Intent, check_etag
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.client_uses import ClientUses
from grantway_server.domain.clients import Client
from grantway_server.domain.impact import Impact, SecretState, impact, secret_states
from grantway_server.domain.partial_revocations import with_revocation
from grantway_server.domain.ports import ClientStore, Clock, Page
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.revocations import TokenSelection
from grantway_server.domain.secret_use import NEVER_USED, ClientUse

_LONGEST_WITHIN = timedelta(days=36_500)
"""No secret expires later, and no date is beyond what a clock can say."""
_MAX_PAGE_SIZE = 200


class SecretService:
    """Every method may raise `StorageUnavailable`."""

    def __init__(
        self,
        *,
        client_store: ClientStore,
        client_uses: ClientUses,
        changes: ClientChanges,
        longest_token_lifetime: timedelta,
        clock: Clock,
    ) -> None:
        self._client_store = client_store
        self._client_uses = client_uses
        self._changes = changes
        self._longest_token_lifetime = longest_token_lifetime
        self._clock = clock

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
        # Before the change: of a secret that the client forgets by it nothing is known any more.
        use = await self._client_uses.of(before)
        changed = Changed(before, change(before))
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
            all_tokens=changed.after.min_epoch > changed.before.min_epoch,
        )
        state = next(
            state for state in secret_states(changed.before, use, now=now) if state.secret.secret_id == secret_id
        )
        return before if dry_run else changed.after, state, hit

    async def all_of(self, client_id: str) -> list[SecretState]:
        """The secrets of a client, the newest first.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND.
        """
        client = await self._changes.get(client_id)
        return secret_states(client, await self._client_uses.of(client), now=self._clock())

    async def expiring(self, *, within: timedelta, after: bytes, size: int) -> Page[tuple[Client, SecretState]]:
        """Up to *size* secrets that expire within a time, and up to 200; see `ClientStore.expiring`.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if size < 1:
            raise invalid_request("page_size must be 1 or more, or unset.")
        if within < timedelta(0):
            raise invalid_request("within must not be negative.")
        now = self._clock()
        before = now + min(within, _LONGEST_WITHIN)
        page = await self._client_store.expiring(before=before, after=after, limit=min(size, _MAX_PAGE_SIZE))
        uses = await self._client_uses.of_all({client.client_id for client, _ in page.items})
        states = [
            (client, _state_of(client, secret.secret_id, uses.get(client.client_id, NEVER_USED), now))
            for client, secret in page.items
        ]
        return Page(states, page.next_page)


def _secret_of(client: Client, secret_id: str) -> Secret:
    for secret in client.secrets:
        if secret.secret_id == secret_id:
            return secret
    raise Refusal(Reason.SECRET_NOT_FOUND, "The client has no secret with this secret_id.")


def _state_of(client: Client, secret_id: str, use: ClientUse, now: datetime) -> SecretState:
    return next(state for state in secret_states(client, use, now=now) if state.secret.secret_id == secret_id)

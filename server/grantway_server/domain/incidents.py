"""What ends a client's access, all of it or a part, and what gives it back.

Disabling, enabling and deleting a client; ending its tokens, all or some; and everything at once, for one that leaked.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from grantway_server.domain.audit import Caller, Kind
from grantway_server.domain.client_changes import ClientChanges, Intent, check_etag
from grantway_server.domain.client_secrets import Secret, is_secret_id
from grantway_server.domain.client_uses import ClientUses
from grantway_server.domain.clients import MAX_RETIRED_SECRETS, Client
from grantway_server.domain.impact import Impact, impact
from grantway_server.domain.partial_revocations import with_revocation
from grantway_server.domain.ports import Clock
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.revocations import EVERY_TOKEN, TokenSelection


class IncidentService:
    """Every method may raise `StorageUnavailable`."""

    def __init__(
        self, *, client_uses: ClientUses, changes: ClientChanges, longest_token_lifetime: timedelta, clock: Clock
    ) -> None:
        self._client_uses = client_uses
        self._changes = changes
        self._longest_token_lifetime = longest_token_lifetime
        self._clock = clock

    async def revoke_tokens(
        self, client_id: str, selection: TokenSelection, *, by: Caller, etag: str = "", dry_run: bool = False
    ) -> tuple[Client, Impact]:
        """Ends the tokens of a client that are in *selection* and were issued until now.

        Where there can be none nothing is changed, and nothing written down.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, SECRET_NOT_FOUND, CONFLICT.
        """
        if selection.secret_id and not is_secret_id(selection.secret_id):
            raise invalid_request("secret_id must be 8 characters of [a-z2-7].")
        if selection.issued_from and selection.issued_before and selection.issued_from >= selection.issued_before:
            raise invalid_request("issued_from must be before issued_before.")
        if selection.issued_from:
            # Issue times are cut to the second: a token of this second may have been issued after this moment.
            selection = replace(selection, issued_from=selection.issued_from.replace(microsecond=0))

        def change(client: Client) -> Client:
            if selection.secret_id and not client.had(selection.secret_id):
                raise Refusal(
                    Reason.SECRET_NOT_FOUND,
                    "The client has no secret with this secret_id, nor is it one of the last "
                    f"{MAX_RETIRED_SECRETS} that were retired.",
                )
            return with_revocation(client, selection, now=self._clock())

        if dry_run:
            client = await self._changes.get(client_id)
            check_etag(client, etag)
            change(client)  # It may refuse.
            return client, await self._impact(client, tokens=selection)
        changed = await self._changes.apply(
            client_id, change, Intent(kind=Kind.TOKENS_REVOKED, by=by, etag=etag, secret_id=selection.secret_id)
        )
        return changed.after, await self._impact(changed.before, tokens=selection)

    async def disable(
        self, client_id: str, *, by: Caller, etag: str = "", dry_run: bool = False
    ) -> tuple[Client, Impact]:
        """The client, disabled, and what was hit; its tokens are dead for good. With *dry_run* what would be.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """

        def change(client: Client) -> Client:
            if client.disabled_at is not None:
                return client
            now = self._clock()
            client = with_revocation(client, EVERY_TOKEN, now=now)
            return replace(client, disabled_at=now, disabled_by=by.actor)

        if dry_run:
            client = await self._changes.get(client_id)
            check_etag(client, etag)
            return client, await self._impact(client, disables=True, tokens=EVERY_TOKEN)
        changed = await self._changes.apply(client_id, change, Intent(kind=Kind.CLIENT_DISABLED, by=by, etag=etag))
        return changed.after, await self._impact(changed.before, disables=True, tokens=EVERY_TOKEN)

    async def enable(self, client_id: str, *, by: Caller, etag: str = "") -> Client:
        """The client, enabled; tokens from before stay dead.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """
        changed = await self._changes.apply(
            client_id,
            lambda client: replace(client, disabled_at=None, disabled_by=""),
            Intent(kind=Kind.CLIENT_ENABLED, by=by, etag=etag),
        )
        return changed.after

    async def delete(self, client_id: str, *, by: Caller, etag: str = "", dry_run: bool = False) -> Impact:
        """Deletes the client, and says what was hit; a token without a client is not active.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """
        client = await self._changes.get(client_id)
        check_etag(client, etag)
        # What is known of its use goes with it: it must be asked for before.
        hit = await self._impact(client, disables=True, secrets=client.secrets, tokens=EVERY_TOKEN)
        if not dry_run:
            await self._changes.delete(client_id, by=by, etag=etag)
        return hit

    async def panic(self, client_id: str, *, by: Caller, dry_run: bool = False) -> tuple[Client, Impact]:
        """Disables a client, ends all its secrets and all its tokens.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """

        def change(client: Client) -> Client:
            if client.disabled_at is not None and not client.secrets:
                return client
            now = self._clock()
            return replace(
                with_revocation(client, EVERY_TOKEN, now=now).without(client.secrets, now=now),
                disabled_at=client.disabled_at or now,
                disabled_by=client.disabled_by or by.actor,
            )

        client = await self._changes.get(client_id)
        # Before the change: of secrets that the client forgets by it nothing is known any more.
        hit = await self._impact(client, disables=True, secrets=client.secrets, tokens=EVERY_TOKEN)
        if not dry_run:
            changed = await self._changes.apply(client_id, change, Intent(kind=Kind.CLIENT_PANICKED, by=by))
            client = changed.after
        return client, hit

    async def _impact(
        self, client: Client, *, disables: bool = False, secrets: Iterable[Secret] = (), tokens: TokenSelection
    ) -> Impact:
        use = await self._client_uses.of(client)
        return impact(
            client,
            use,
            now=self._clock(),
            longest_lifetime=self._longest_token_lifetime,
            disables=disables,
            secret_ids=[secret.secret_id for secret in secrets],
            tokens=tokens,
        )

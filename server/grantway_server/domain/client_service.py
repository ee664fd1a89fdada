"""Administering clients: create, read, find, change, disable, enable and delete them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import Any

from grantway_server.domain import client_details, clients
from grantway_server.domain.audit import Caller, Kind
from grantway_server.domain.client_changes import ClientChanges, Intent, check_etag
from grantway_server.domain.client_secrets import Secret, SecretFormat
from grantway_server.domain.clients import AuthMethod, Client, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.idempotency import SALT_BYTES, Idempotency, secret_was_ended
from grantway_server.domain.impact import EVERY_TOKEN, Impact, impact
from grantway_server.domain.ports import ClientFilter, ClientStore, Clock, Page
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import invalid_request
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_use import NEVER_USED, ClientUse

MAX_PAGE_SIZE = 128
"""So many of the largest clients that there can be, 31 KiB each, fit into the 4 MiB that gRPC's clients take."""


@dataclass(frozen=True, slots=True)
class LifetimePolicy:
    """How long tokens may live."""

    default: timedelta
    maximum: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFields:
    """The fields of a client that an administrator sets, as they came: nothing in it is validated."""

    name: str = ""
    allowed_scopes: Sequence[str] = ()
    default_scopes: Sequence[str] | None = None
    """None means all allowed scopes."""
    audiences: Sequence[str] = ()
    token_lifetime: timedelta | None = None
    """None means the policy's default at this moment."""
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    """Empty means ISSUE_TOKENS alone."""
    auth_methods: frozenset[AuthMethod] = field(default_factory=frozenset)
    """Empty means any."""
    organization: str = ""
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


ALL_FIELDS = frozenset(each.name for each in fields(ClientFields))

_DETAILS: Mapping[str, Callable[[Any], object]] = {
    "name": client_details.validated_name,
    "organization": client_details.validated_organization,
    "description": client_details.validated_description,
    "labels": client_details.validated_labels,
}
"""Fields that are judged each for itself, and by what."""


class ClientService:
    """Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        environment: Environment,
        client_store: ClientStore,
        changes: ClientChanges,
        secret_format: SecretFormat,
        secret_expiry: SecretExpiry,
        lifetimes: LifetimePolicy,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._environment = environment
        self._client_store = client_store
        self._changes = changes
        self._secret_format = secret_format
        self._secret_expiry = secret_expiry
        self._lifetimes = lifetimes
        self._clock = clock
        self._random_bytes = random_bytes

    async def create(
        self, given: ClientFields, *, by: Caller, idempotency: Idempotency | None = None
    ) -> tuple[Client, str, Secret]:
        """A new client, the text of its secret, which nothing can show again, and the secret.

        With *idempotency* the second time the client and the secret that the first time made.

        Raises:
            Refusal: INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET, CLIENT_NOT_FOUND, SECRET_NOT_FOUND (ended
                since the first time).
        """
        if idempotency is None:
            text, secret = self._secret_format.mint(self._random_bytes, now=self._clock())
            client = self.blank(clients.mint_id(self._environment, self._random_bytes), secret, by=by)
            client = self.with_fields(client, given, ALL_FIELDS)
            stored = await self._changes.create(client, kind=Kind.CLIENT_CREATED, by=by)
            if stored is None:
                # 80 random bits met an id that exists: a fault of the source of randomness, not of the caller.
                msg = "a new client id exists already"
                raise RuntimeError(msg)
            return stored, text, stored.secrets[0]
        name = idempotency.validated().name
        outcome = await self._client_store.outcome(name)
        if outcome is None:
            salt = self._random_bytes(SALT_BYTES)
            text, secret = self._secret_format.derive(idempotency.key, salt, now=self._clock())
            client = self.blank(clients.mint_id(self._environment, self._random_bytes), secret, by=by)
            client = self.with_fields(client, given, ALL_FIELDS)
            outcome = idempotency.outcome(client.client_id, salt)
            stored = await self._changes.create(client, kind=Kind.CLIENT_CREATED, by=by, outcome=(name, outcome))
            if stored is not None:
                return stored, text, stored.secrets[0]
            outcome = await self._client_store.outcome(name) or outcome
        idempotency.check(outcome)
        text, secret = self._secret_format.derive(idempotency.key, outcome.salt, now=self._clock())
        client = await self._changes.get(outcome.client_id)
        made = [one for one in client.secrets if one.secret_id == secret.secret_id and one.is_good(self._clock())]
        if not made:
            raise secret_was_ended()
        return client, text, made[0]

    async def get(self, client_id: str) -> Client:
        """The client.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND.
        """
        return await self._changes.get(client_id)

    async def uses(self, *found: Client) -> Mapping[str, ClientUse]:
        """How each of some clients was used; those that never were are missing."""
        return await self._client_store.uses([client.client_id for client in found]) if found else {}

    async def page(self, wanted: ClientFilter, *, after: bytes, size: int) -> Page[Client]:
        """Up to *size* of the clients *wanted*, and up to `MAX_PAGE_SIZE`; see `ClientStore.page`.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if size < 1:
            raise invalid_request("page_size must be 1 or more, or unset.")
        client_details.validated_organization(wanted.organization)
        if len(wanted.name_prefix) > client_details.MAX_NAME_LENGTH:
            raise invalid_request(f"name_prefix is longer than {client_details.MAX_NAME_LENGTH} characters.")
        return await self._client_store.page(wanted, after=after, limit=min(size, MAX_PAGE_SIZE))

    async def update(
        self, client_id: str, given: ClientFields, *, mask: frozenset[str], by: Caller, etag: str = ""
    ) -> Client:
        """The client after those of its fields that *mask* names (as in `ClientFields`) were set.

        Raises:
            Refusal: INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET, CLIENT_NOT_FOUND, CONFLICT.
        """
        changed = await self._changes.apply(
            client_id,
            lambda client: self.with_fields(client, given, mask),
            Intent(kind=Kind.CLIENT_UPDATED, by=by, etag=etag),
        )
        return changed.after

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
            return replace(
                client,
                disabled_at=self._clock(),
                disabled_by=by.actor,
                epoch=client.epoch + 1,
                min_epoch=client.epoch + 1,
                revocations=(),
            )

        if dry_run:
            client = await self._changes.get(client_id)
            check_etag(client, etag)
            return client, await self._impact(client)
        changed = await self._changes.apply(client_id, change, Intent(kind=Kind.CLIENT_DISABLED, by=by, etag=etag))
        return changed.after, await self._impact(changed.before)

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
        hit = await self._impact(client, deletes=True)
        if not dry_run:
            await self._changes.delete(client_id, by=by, etag=etag)
        return hit

    async def _impact(self, client: Client, *, deletes: bool = False) -> Impact:
        use = (await self._client_store.uses([client.client_id])).get(client.client_id, NEVER_USED)
        return impact(
            client,
            use,
            now=self._clock(),
            longest_lifetime=self._lifetimes.maximum,
            disables=True,
            secret_ids=[secret.secret_id for secret in client.secrets] if deletes else (),
            tokens=EVERY_TOKEN if client.disabled_at is None else None,
        )

    def blank(self, client_id: str, secret: Secret, *, by: Caller) -> Client:
        """A client of which nothing was said yet but who made it."""
        now = self._clock()
        return Client(
            client_id=client_id,
            name="",
            allowed_scopes=(),
            default_scopes=None,
            audiences=(),
            token_lifetime=self._lifetimes.default,
            permissions=frozenset(),
            auth_methods=frozenset(),
            secrets=(self._secret_expiry.of_new(secret),),
            created_at=now,
            updated_at=now,
            created_by=by.actor,
            updated_by=by.actor,
            # Never one that an earlier client of this id had: an id may come back by an import.
            epoch=int(now.timestamp()),
            min_epoch=int(now.timestamp()),
        )

    def with_fields(self, client: Client, given: ClientFields, mask: frozenset[str]) -> Client:
        """*client* with those fields *given* that *mask* names; the others are as they are, and not judged again.

        But the two scope fields belong together: when one of them is named, the default scopes are judged.
        """
        for name, validated in _DETAILS.items():
            if name in mask:
                client = replace(client, **{name: validated(getattr(given, name))})  # type: ignore[arg-type] # Fields of Client.
        if "allowed_scopes" in mask:
            client = replace(client, allowed_scopes=clients.validated_scopes(given.allowed_scopes))
        if mask & {"allowed_scopes", "default_scopes"}:
            default = given.default_scopes if "default_scopes" in mask else client.default_scopes
            default = clients.validated_default_scopes(default, allowed=client.allowed_scopes)
            client = replace(client, default_scopes=default)
        if "audiences" in mask:
            client = replace(client, audiences=clients.validated_audiences(given.audiences))
        if "token_lifetime" in mask:
            lifetime = self._lifetimes.default if given.token_lifetime is None else given.token_lifetime
            lifetime = clients.validated_lifetime(lifetime, maximum=self._lifetimes.maximum)
            client = replace(client, token_lifetime=lifetime)
        if "permissions" in mask:
            client = replace(client, permissions=given.permissions or frozenset({Permission.ISSUE_TOKENS}))
        if "auth_methods" in mask:  # Whoever names the methods names all of them.
            client = replace(client, auth_methods=given.auth_methods, unknown_auth_methods=frozenset())
        return client

"""Administering clients: create, read, find and change them."""

from collections.abc import Mapping
from datetime import timedelta

from grantway_server.domain import client_details, clients
from grantway_server.domain.audit import Caller, Kind
from grantway_server.domain.client_changes import ClientChanges, Intent, with_free_secret_id
from grantway_server.domain.client_fields import ALL_FIELDS, ClientFields, LifetimePolicy, with_fields
from grantway_server.domain.client_secrets import Secret, SecretFormat
from grantway_server.domain.client_uses import ClientUses
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.idempotency import SALT_BYTES, Idempotency, secret_was_ended
from grantway_server.domain.ports import ClientFilter, ClientStore, Clock, Page
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import invalid_request
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_use import ClientUse

_MAX_PAGE_SIZE = 128
"""So many of the largest clients that there can be, 31 KiB each, fit into the 4 MiB that gRPC's clients take."""


class ClientService:
    """Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        environment: Environment,
        client_store: ClientStore,
        client_uses: ClientUses,
        changes: ClientChanges,
        secret_format: SecretFormat,
        secret_expiry: SecretExpiry,
        lifetimes: LifetimePolicy,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._environment = environment
        self._client_store = client_store
        self._client_uses = client_uses
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
        return await with_free_secret_id(lambda: self._create(given, by=by, idempotency=idempotency))

    async def _create(
        self, given: ClientFields, *, by: Caller, idempotency: Idempotency | None
    ) -> tuple[Client, str, Secret]:
        if idempotency is None:
            text, secret = self._secret_format.mint(self._random_bytes, now=self._clock())
            client = self.new(clients.mint_id(self._environment, self._random_bytes), secret, given, by=by)
            stored = await self._changes.create(client, kind=Kind.CLIENT_CREATED, by=by)
            if stored is None:
                # 80 random bits met an id that exists: a fault of the source of randomness, not of the caller.
                raise RuntimeError("a new client id exists already")
            return stored, text, stored.secrets[0]
        name = idempotency.validated().name
        outcome = await self._client_store.outcome(name)
        if outcome is None:
            salt = self._random_bytes(SALT_BYTES)
            text, secret = self._secret_format.derive(idempotency.key, salt, now=self._clock())
            client = self.new(clients.mint_id(self._environment, self._random_bytes), secret, given, by=by)
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
        return await self._client_uses.of_all([client.client_id for client in found])

    async def page(self, wanted: ClientFilter, *, after: bytes, size: int) -> Page[Client]:
        """Up to *size* of the clients *wanted*, and up to 128; see `ClientStore.page`.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if size < 1:
            raise invalid_request("page_size must be 1 or more, or unset.")
        client_details.validated_organization(wanted.organization)
        if len(wanted.name_prefix) > client_details.MAX_NAME_LENGTH:
            raise invalid_request(f"name_prefix is longer than {client_details.MAX_NAME_LENGTH} characters.")
        return await self._client_store.page(wanted, after=after, limit=min(size, _MAX_PAGE_SIZE))

    async def update(
        self, client_id: str, given: ClientFields, *, mask: frozenset[str], by: Caller, etag: str = ""
    ) -> Client:
        """The client after those of its fields that *mask* names (as in `ClientFields`) were set.

        Raises:
            Refusal: INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET, CLIENT_NOT_FOUND, CONFLICT.
        """
        changed = await self._changes.apply(
            client_id,
            lambda client: with_fields(client, given, mask, lifetimes=self._lifetimes),
            Intent(kind=Kind.CLIENT_UPDATED, by=by, etag=etag),
        )
        return changed.after

    def new(self, client_id: str, secret: Secret, given: ClientFields, *, by: Caller) -> Client:
        """A client that is not stored yet.

        Raises:
            Refusal: INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET.
        """
        now = self._clock()
        blank = Client(
            client_id=client_id,
            name="",
            allowed_scopes=(),
            default_scopes=None,
            audiences=(),
            token_lifetime=self._lifetimes.default,
            longest_token_lifetime=timedelta(0),
            permissions=frozenset(),
            auth_methods=frozenset(),
            secrets=(self._secret_expiry.of_new(secret),),
            created_at=now,
            updated_at=now,
            created_by=by.actor,
            updated_by=by.actor,
            # Above those that an earlier client of this id had, for an id may come back by an import; where it is not,
            # the store says so.
            epoch=int(now.timestamp()),
            min_epoch=int(now.timestamp()),
        )
        return with_fields(blank, given, ALL_FIELDS, lifetimes=self._lifetimes)

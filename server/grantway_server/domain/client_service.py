"""Administering clients: the use cases behind `grantway.v1.ClientService`.

Every change is read, decided here and written over the version that was read; when somebody else was faster it is
decided again on what they wrote. So a rule always holds of the record that results, never of an older one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta

from grantway_server.domain import clients
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.clients import AuthMethod, Client, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import ClientStore, Clock
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request

MAX_PAGE_SIZE = 200
"""So many of the largest clients that there can be, 13 KiB each, fit into the 4 MiB that gRPC's clients take."""

_ATTEMPTS = 8
"""How often a change is tried over again before somebody else's changes are too many."""


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


ALL_FIELDS = frozenset(each.name for each in fields(ClientFields))


class ClientService:
    """Creates, reads, changes and deletes clients. Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        environment: Environment,
        client_store: ClientStore,
        secret_format: SecretFormat,
        lifetimes: LifetimePolicy,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._environment = environment
        self._client_store = client_store
        self._secret_format = secret_format
        self._lifetimes = lifetimes
        self._clock = clock
        self._random_bytes = random_bytes

    async def create(self, given: ClientFields) -> tuple[Client, str]:
        """A new client and the text of its secret, which nothing can show again.

        Raises:
            Refusal: INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET.
        """
        now = self._clock()
        text, secret = self._secret_format.mint(self._random_bytes, now=now)
        blank = Client(
            client_id=clients.mint_id(self._environment, self._random_bytes),
            name="",
            allowed_scopes=(),
            default_scopes=None,
            audiences=(),
            token_lifetime=self._lifetimes.default,
            permissions=frozenset(),
            auth_methods=frozenset(),
            secrets=(secret,),
            created_at=now,
            updated_at=now,
        )
        stored = await self._client_store.put(self._with_fields(blank, given, ALL_FIELDS))
        if stored is None:
            # 80 random bits met an id that exists: a fault of the source of randomness, not of the caller.
            msg = "a new client id exists already"
            raise RuntimeError(msg)
        return stored, text

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

    async def page(self, *, after: str, size: int) -> tuple[Sequence[Client], str]:
        """Up to *size* clients, and up to `MAX_PAGE_SIZE`, behind the id *after* ("" = from the start).

        And what to ask the next page with; "" on the last.

        Raises:
            Refusal: INVALID_REQUEST.
        """
        if size < 1:
            raise invalid_request("page_size must be 1 or more, or unset.")
        if after and not clients.is_id(after):
            raise invalid_request("page_token must be the next_page_token of an earlier answer, or unset.")
        size = min(size, MAX_PAGE_SIZE)
        page = await self._client_store.page(after=after, limit=size + 1)
        return page[:size], page[size - 1].client_id if len(page) > size else ""

    async def update(self, client_id: str, given: ClientFields, *, mask: frozenset[str]) -> Client:
        """The client after those of its fields that *mask* names (as in `ClientFields`) were set.

        Raises:
            Refusal: INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET, CLIENT_NOT_FOUND, CONFLICT.
        """
        return await self._change(client_id, lambda client: self._with_fields(client, given, mask))

    async def disable(self, client_id: str) -> Client:
        """The client, disabled; its tokens are dead for good.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """

        def change(client: Client) -> Client:
            if client.disabled_at is not None:
                return client
            return replace(client, disabled_at=self._clock(), epoch=client.epoch + 1)

        return await self._change(client_id, change)

    async def enable(self, client_id: str) -> Client:
        """The client, enabled; tokens from before stay dead.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """
        return await self._change(client_id, lambda client: replace(client, disabled_at=None))

    async def delete(self, client_id: str) -> None:
        """Deletes the client; its tokens are dead, for a token without a client is not active.

        Raises:
            Refusal: INVALID_REQUEST, CLIENT_NOT_FOUND, CONFLICT.
        """
        for _ in range(_ATTEMPTS):
            if await self._client_store.delete(await self.get(client_id)):
                return
        raise _conflict()

    async def _change(self, client_id: str, change: Callable[[Client], Client]) -> Client:
        for _ in range(_ATTEMPTS):
            client = await self.get(client_id)
            changed = change(client)
            if changed == client:
                return client
            if stored := await self._client_store.put(replace(changed, updated_at=self._clock())):
                return stored
        raise _conflict()

    def _with_fields(self, client: Client, given: ClientFields, mask: frozenset[str]) -> Client:
        """*client* with those fields *given* that *mask* names; the others are as they are, and not judged again.

        But the two scope fields belong together: when one of them is named, the default scopes are judged.
        """
        if "name" in mask:
            client = replace(client, name=clients.validated_name(given.name))
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


def _conflict() -> Refusal:
    return Refusal(Reason.CONFLICT, "Somebody else keeps changing this client: try again.")

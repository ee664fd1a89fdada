"""Clients that come from another system, with the ids that they have there and the hashes that it stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from grantway_server.domain import clients
from grantway_server.domain.audit import Caller, Kind
from grantway_server.domain.client_changes import ClientChanges, with_free_secret_id
from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.client_service import ClientService
from grantway_server.domain.clients import Client
from grantway_server.domain.foreign_secrets import ForeignSecrets, UnsupportedHash
from grantway_server.domain.ports import ClientStore, Clock
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Refusal, invalid_request


@dataclass(frozen=True, slots=True)
class ForeignClient:
    """A client of another system, as it came: nothing in it is validated."""

    client_id: str
    secret_hash: str = field(repr=False)
    fields: ClientFields | Refusal
    """What was sent of its fields, or why that is nothing."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A client that is there now."""

    client: Client
    is_new: bool
    """Whether this call created it; if not it was left as it was."""


class ClientImport:
    """Creates the clients of another system here. Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_store: ClientStore,
        client_service: ClientService,
        changes: ClientChanges,
        secret_format: SecretFormat,
        foreign_secrets: ForeignSecrets,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._client_store = client_store
        self._client_service = client_service
        self._changes = changes
        self._secret_format = secret_format
        self._foreign_secrets = foreign_secrets
        self._clock = clock
        self._random_bytes = random_bytes

    async def bring_in(self, foreign: Sequence[ForeignClient], *, by: Caller) -> list[Imported | Refusal]:
        """What becomes of each of *foreign*, in order."""
        ids = {one.client_id for one in foreign if clients.is_id(one.client_id)}
        known = dict(await self._client_store.get_many(ids)) if ids else {}
        outcomes: list[Imported | Refusal] = []
        for one in foreign:
            try:
                if one.client_id in known:
                    outcome = Imported(known[one.client_id], is_new=False)
                else:
                    outcome = await with_free_secret_id(partial(self._create, one, by=by))
                known[one.client_id] = outcome.client
                outcomes.append(outcome)
            except Refusal as refusal:
                outcomes.append(refusal)
        return outcomes

    async def _create(self, one: ForeignClient, *, by: Caller) -> Imported:
        if not clients.is_id(one.client_id):
            raise invalid_request("client_id must be 1 to 127 characters of [A-Za-z0-9_-].")
        if isinstance(one.fields, Refusal):
            raise one.fields
        try:
            self._foreign_secrets.check(one.secret_hash)
        except UnsupportedHash as error:
            raise invalid_request(str(error)) from None
        secret = self._secret_format.imported(one.secret_hash, self._random_bytes, now=self._clock())
        client = self._client_service.new(one.client_id, secret, one.fields, by=by)
        stored = await self._changes.create(client, kind=Kind.CLIENT_IMPORTED, by=by)
        if stored is None:  # Somebody else imported it at the same moment.
            return Imported(await self._changes.get(one.client_id), is_new=False)
        return Imported(stored, is_new=True)

"""Stores that fail, whatever they are asked."""
# ruff: noqa: ARG002 - so it is.

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client, Version
from grantway_server.domain.idempotency import Outcome
from grantway_server.domain.ports import ClientFilter, Page, StorageUnavailable, StoredTokens
from grantway_server.domain.revocation_events import Position, RevocationPortion
from grantway_server.domain.secret_use import ClientUse, NewUse
from grantway_server.domain.tokens import Token


class FailingTokenStore:
    """A `TokenStore` that raises *error*; when none is given, that it is gone."""

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error or StorageUnavailable()

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        raise self._error

    async def get_many(
        self, digests: Sequence[bytes], *, client_ids: Collection[str] = (), with_owners: bool = True
    ) -> StoredTokens:
        """See `TokenStore.get_many`."""
        raise self._error

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """See `TokenStore.add_uses`."""
        raise self._error

    async def remove(self, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        """See `TokenStore.remove`."""
        raise self._error


class FailingClientStore:
    """A `ClientStore` that raises *error*; when none is given, that it is gone."""

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error or StorageUnavailable()

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        raise self._error

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.remembered`."""
        return {}

    async def put(
        self,
        client: Client,
        *,
        before: Client | None,
        record: AuditRecord,
        outcome: tuple[bytes, Outcome] | None = None,
    ) -> Client | None:
        """See `ClientStore.put`."""
        raise self._error

    async def delete(self, client: Client, *, record: AuditRecord) -> bool:
        """See `ClientStore.delete`."""
        raise self._error

    async def outcome(self, name: bytes) -> Outcome | None:
        """See `ClientStore.outcome`."""
        raise self._error

    async def page(self, wanted: ClientFilter, *, after: bytes, limit: int) -> Page[Client]:
        """See `ClientStore.page`."""
        raise self._error

    async def expiring(self, *, before: datetime, after: bytes, limit: int) -> Page[tuple[Client, Secret]]:
        """See `ClientStore.expiring`."""
        raise self._error

    async def count_expiring(self, *, before: datetime) -> int:
        """See `ClientStore.count_expiring`."""
        raise self._error

    async def uses(self, client_ids: Collection[str]) -> Mapping[str, ClientUse]:
        """See `ClientStore.uses`."""
        raise self._error

    async def client_of_secret(self, secret_id: str) -> str | None:
        """See `ClientStore.client_of_secret`."""
        raise self._error


class FailingAuditTrail:
    """An `AuditTrail` that raises *error*; when none is given, that it is gone."""

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error or StorageUnavailable()

    async def add(self, records: Sequence[AuditRecord]) -> None:
        """See `AuditTrail.add`."""
        raise self._error

    async def portion(self, *, since: datetime | None, after: bytes) -> Page[AuditRecord]:
        """See `AuditTrail.portion`."""
        raise self._error


class FailingRevocationLog:
    """A `RevocationLog` that raises *error*; when none is given, that it is gone."""

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error or StorageUnavailable()

    async def read(self, after: Position | None) -> RevocationPortion:
        """See `RevocationLog.read`."""
        raise self._error

    async def wait(self, after: Position) -> None:
        """See `RevocationLog.wait`."""
        raise self._error

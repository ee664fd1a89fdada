"""Stores that fail, whatever they are asked."""
# ruff: noqa: ARG002 - so it is.

from collections.abc import Collection, Mapping, Sequence

from grantway_server.domain.clients import Client, Version
from grantway_server.domain.ports import StorageUnavailable, StoredToken
from grantway_server.domain.tokens import Token


class FailingTokenStore:
    """A `TokenStore` that raises *error*; when none is given, that it is gone."""

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error or StorageUnavailable()

    async def add(self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version]) -> bool:
        """See `TokenStore.add`."""
        raise self._error

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[StoredToken | None]:
        """See `TokenStore.get_many`."""
        raise self._error

    async def remove(self, digest: bytes) -> None:
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

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        raise self._error

    async def delete(self, client: Client) -> bool:
        """See `ClientStore.delete`."""
        raise self._error

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """See `ClientStore.page`."""
        raise self._error

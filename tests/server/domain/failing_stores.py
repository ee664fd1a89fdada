"""Stores that are gone."""
# ruff: noqa: ARG002 - whatever they are asked, they fail.

from collections.abc import Collection, Mapping, Sequence

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.tokens import Token


class FailingTokenStore:
    """A `TokenStore` that is gone."""

    async def add(self, tokens: Sequence[tuple[bytes, Token]]) -> None:
        """See `TokenStore.add`."""
        raise StorageUnavailable

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[Token | None]:
        """See `TokenStore.get_many`."""
        raise StorageUnavailable

    async def remove(self, digest: bytes) -> None:
        """See `TokenStore.remove`."""
        raise StorageUnavailable


class FailingClientStore:
    """A `ClientStore` that is gone."""

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        raise StorageUnavailable

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        raise StorageUnavailable

    async def delete(self, client: Client) -> bool:
        """See `ClientStore.delete`."""
        raise StorageUnavailable

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """See `ClientStore.page`."""
        raise StorageUnavailable

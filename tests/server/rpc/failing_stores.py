"""Stores that fail in a given way: what the rpc layer makes of it is under test."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from grantway_server.domain.clients import Client
from grantway_server.domain.tokens import Token


class FailingTokenStore:
    """Raises the same error from every method; None hangs for good instead."""

    def __init__(self, error: BaseException | None) -> None:
        self._error = error
        self.asked = 0
        self.entered = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def _fail(self) -> None:
        self.asked += 1
        self.entered.set()
        if self._error is not None:
            raise self._error
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def add(self, tokens: Sequence[tuple[bytes, Token]]) -> None:
        """See `TokenStore.add`."""
        await self._fail()
        assert not tokens

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[Token | None]:
        """See `TokenStore.get_many`."""
        await self._fail()
        return [None] * len(digests)

    async def remove(self, digest: bytes) -> None:
        """See `TokenStore.remove`."""
        await self._fail()
        assert digest


class FailingClientStore:
    """Raises the same error from every method."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        raise self._error if client_ids else AssertionError

    async def put(self, client: Client) -> Client | None:
        """See `ClientStore.put`."""
        raise self._error if client.client_id else AssertionError

    async def delete(self, client: Client) -> bool:
        """See `ClientStore.delete`."""
        raise self._error if client.client_id else AssertionError

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """See `ClientStore.page`."""
        raise self._error if not after and limit else AssertionError

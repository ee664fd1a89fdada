"""Finds clients by what they are listed under, a page at a time, however many there are."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import TypeVar

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client
from grantway_server.domain.ports import ClientFilter, Page
from grantway_server.storage.client_indexes import expiry_member, expiry_place
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import RedisConnections

_LOOKED_AT = 1000
"""By one page."""
_PORTION = 200

_Found = TypeVar("_Found")
_Read = Callable[[Collection[str]], Awaitable[dict[str, Client]]]


class ClientFinder:
    """Pages over the indexes of one environment's clients; *read* reads the clients."""

    def __init__(self, redis: RedisConnections, keys: EnvironmentKeys, read: _Read) -> None:
        self._redis = redis
        self._keys = keys
        self._read = read

    async def page(self, wanted: ClientFilter, *, after: bytes, limit: int) -> Page[Client]:
        """See `ClientStore.page`."""
        # The index that holds the fewest others; the rest of the filter is applied to what is read.
        key, first, end = self._keys.index, b"-", b"+"
        if wanted.organization:
            key = self._keys.organization(wanted.organization)
        elif wanted.name_prefix:
            prefix = wanted.name_prefix.casefold().encode()
            key, first, end = self._keys.names, b"[" + prefix, b"(" + prefix + b"\xff"
        elif wanted.disabled:
            key = self._keys.disabled
        return await self._page(
            key,
            b"(" + after if after else first,
            end,
            owner=_client_id,
            pick=lambda client, _: client if wanted.holds(client) else None,
            limit=limit,
        )

    async def expiring(self, *, before: datetime, after: bytes, limit: int) -> Page[tuple[Client, Secret]]:
        """See `ClientStore.expiring`."""
        return await self._page(
            self._keys.expiring,
            b"(" + after if after else b"-",
            b"(" + expiry_place(before),
            owner=_owner,
            pick=_with_secret,
            limit=limit,
        )

    async def _page(  # noqa: PLR0913 - an index, a part of it, and what is wanted of it.
        self,
        key: str,
        start: bytes,
        end: bytes,
        *,
        owner: Callable[[bytes], str],
        pick: Callable[[Client, bytes], _Found | None],
        limit: int,
    ) -> Page[_Found]:
        """What *pick* makes of the members of an index and of the clients that *owner* says they name."""
        found: list[_Found] = []
        for _ in range(0, _LOOKED_AT, _PORTION):
            members = await self._members(key, start, end)
            portion = members[:_PORTION]
            clients = await self._read({owner(member) for member in portion})
            for number, member in enumerate(portion):
                client = clients.get(owner(member))
                # One that was deleted or changed since the index was read is not there, or not wanted, any more.
                picked = None if client is None else pick(client, member)
                if picked is not None:
                    found.append(picked)
                    if len(found) == limit:
                        return Page(found, member if number + 1 < len(members) else b"")
            if len(members) <= _PORTION:
                return Page(found, b"")
            start = b"(" + portion[-1]
        return Page(found, start[1:])

    async def _members(self, key: str, start: bytes, end: bytes) -> list[bytes]:
        """A portion of an index, and one more if there is one."""
        members: list[bytes] = await self._redis.execute(
            "ZRANGE", key, start, end, "BYLEX", "LIMIT", 0, _PORTION + 1, repeatable=True
        )
        return members


def _client_id(member: bytes) -> str:
    """The client that a member of an index of clients names: in that of names, behind the zero byte."""
    return member.rpartition(b"\0")[2].decode("ascii")


def _owner(member: bytes) -> str:
    """The client that a member of the index of secrets names, between the space and the colon."""
    return member.partition(b" ")[2].rpartition(b":")[0].decode("ascii")


def _with_secret(client: Client, member: bytes) -> tuple[Client, Secret] | None:
    """*client* and the secret that a member of the index of secrets names; None when it is not so any more."""
    named = ((client, one) for one in client.secrets if expiry_member(client.client_id, one) == member)
    return next(named, None)

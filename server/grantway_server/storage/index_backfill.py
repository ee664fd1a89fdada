"""Lists the clients that an older core wrote under all that they are found by (docs/adr/0028).

Nothing waits for it, and it stands in nobody's way: what it writes of a client is decided by the store only if nobody
changed that client since it was read, and whoever changes one writes the same entries with it.
"""

from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import StorageUnavailable, UnreadableRecord
from grantway_server.storage.client_codec import decode_client
from grantway_server.storage.client_indexes import index_changes
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import RedisConnections, Script, Word
from grantway_server.storage.scripts import INDEX_CLIENT

_INDEX_CLIENT = Script(INDEX_CLIENT)

_VERSION = b"1"
"""Of the indexes. Whoever adds one counts on: all clients are listed anew then."""

_PORTION = 200
_ATTEMPTS = 8
"""How often a client is read anew because somebody else changed it."""


class IndexBackfill:
    """Makes sure that every client of one environment is in the indexes, once for a store.

    Safe to run twice, by several cores at the same moment, and beside everything that cores do.
    """

    def __init__(self, redis: RedisConnections, *, environment: Environment) -> None:
        self._redis = redis
        self._keys = EnvironmentKeys(environment)

    async def run(self) -> int:
        """How many clients were listed; 0 where it was done before.

        Raises:
            StorageUnavailable: The store failed on the way, or a client was changed all the time: run it again.
        """
        if await self._redis.execute("GET", self._keys.indexed, repeatable=True) == _VERSION:
            return 0
        listed, start = 0, b"-"
        while members := await self._members(start):
            for member in members:
                listed += await self._list(member.decode("ascii"))
            start = b"(" + members[-1]
        await self._redis.execute("SET", self._keys.indexed, _VERSION, repeatable=True)
        return listed

    async def _members(self, start: bytes) -> list[bytes]:
        members: list[bytes] = await self._redis.execute(
            "ZRANGE", self._keys.index, start, "+", "BYLEX", "LIMIT", 0, _PORTION, repeatable=True
        )
        return members

    async def _list(self, client_id: str) -> bool:
        """Whether there is such a client, and one that can be read."""
        for _ in range(_ATTEMPTS):
            value: bytes | None = await self._redis.execute("GET", self._keys.client(client_id), repeatable=True)
            if value is None:
                return False
            try:
                client = decode_client(value)
            except UnreadableRecord:
                return False  # Whoever asks for it is told; the others must not wait for it.
            keys: list[Word] = [self._keys.client(client_id)]
            arguments: list[Word] = [client.version]
            for key, change in index_changes(None, client, self._keys):
                keys.append(key)
                arguments += change
            if await self._redis.run(_INDEX_CLIENT, keys, arguments, repeatable=True):
                return True
        raise StorageUnavailable("a client is changed faster than it can be listed")

"""The revocations in Redis or Valkey: a stream, which the scripts of the other stores write."""

from grantway_server.domain.environment import Environment
from grantway_server.domain.revocation_events import Position, RevocationPortion
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.nonces import new_nonce
from grantway_server.storage.redis_connection import RedisConnections, Script
from grantway_server.storage.revocation_codec import decode_portion, decode_position
from grantway_server.storage.scripts import READ_REVOCATIONS

_READ_REVOCATIONS = Script(READ_REVOCATIONS)
_PORTION = 1000
_WAIT_MILLISECONDS = 400
"""With the time to read it stays below the half second in which subscribers are promised a message."""


class RedisRevocationLog:
    """`RevocationLog` on Redis, for one environment; see there for the promises."""

    def __init__(self, redis: RedisConnections, *, environment: Environment) -> None:
        self._redis = redis
        self._key = EnvironmentKeys(environment).revocations

    async def read(self, after: Position | None) -> RevocationPortion:
        """See `RevocationLog.read`."""
        place = ("", "") if after is None else (after.entry_id, after.nonce)
        # Twice is as good as once: what it may write, a mark in an empty stream, it writes when there is none.
        known, entries = await self._redis.run(
            _READ_REVOCATIONS, [self._key], [*place, _PORTION, new_nonce()], repeatable=True
        )
        if after is None or not known:
            return RevocationPortion(decode_position(entries[-1]), (), gap=after is not None)
        return decode_portion(entries, after=after, more=len(entries) == _PORTION)

    async def wait(self, after: Position) -> None:
        """See `RevocationLog.wait`."""
        # It only wakes: whether the stream is still the one that `after` is of, the script above knows.
        await self._redis.execute(
            "XREAD", "COUNT", 1, "BLOCK", _WAIT_MILLISECONDS, "STREAMS", self._key, after.entry_id,
            repeatable=True,
            waits_seconds=_WAIT_MILLISECONDS / 1000,
        )  # fmt: skip # The command in one line.

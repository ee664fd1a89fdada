"""Every key and every script: the whole schema of the store.

    gw:{live}:c:<client id>   string   version (8 bytes, big-endian) and ClientRecord
    gw:{live}:clients         zset     all client ids, every score 0, so that they sort by id
    gw:{live}:position        string   16 random bytes, others after every write of a client (docs/adr/0014)
    gw:t:<16 bytes>           string   TokenRecord under the digest of the token; expires with the token

`live` is the environment. Clients and their index share a hash tag, so that an administrative change is one atomic
script on a Redis Cluster too and all clients of a batch are one MGET. Tokens carry no tag, so that they
would spread over a cluster; not on one yet, for both calls for several tokens, MGET and `ADD_TOKENS`, cross slots. The
record of a token needs no environment, for the digest covers the token's prefix.

Nothing is kept per client that grows with its tokens: all tokens of a client die when its epoch changes.
"""

from grantway_server.domain.environment import Environment

_TOKEN_PREFIX = b"gw:t:"

ADD_TOKENS = """#!lua
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[2 * i - 2], 'EX', ARGV[2 * i - 1])
end
return 1
"""
"""Writes tokens; returns 1, or 0 when clients were changed since the position expected.

KEYS: the position, token keys. ARGV: the position expected ('' = any), for each token its record and its lifetime in
seconds.
"""

WRITE_CLIENT = """#!lua flags=allow-oom
local stored = redis.call('GET', KEYS[1])
if (stored and string.sub(stored, 1, 8) or '') ~= ARGV[1] then
  return 0
end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[3])
  redis.call('ZADD', KEYS[2], 0, ARGV[2])
end
redis.call('SET', KEYS[3], ARGV[4])
return 1
"""
"""Writes a client over the version that it was made from; returns 1, or 0 when the stored version is another.

The position is random, not a count: a store that was set back to an older state never comes to a position again that
somebody remembers other clients of. So a creation moves it too: a store that lost one is another.

KEYS: client key, index, position. ARGV: the expected version ('' = none is stored), the client id, the new value ('' =
delete), the new position.
`allow-oom`: a client must be disabled also when the store is full.
"""


class ClientKeys:
    """The keys of one environment's clients."""

    def __init__(self, environment: Environment) -> None:
        self._client_prefix = f"gw:{{{environment}}}:c:"
        self.index = f"gw:{{{environment}}}:clients"
        self.position = f"gw:{{{environment}}}:position"

    def client(self, client_id: str) -> str:
        """Where a client is kept."""
        return self._client_prefix + client_id


def token_key(digest: bytes) -> bytes:
    """Where a token is kept."""
    return _TOKEN_PREFIX + digest

"""Every key and every script: the whole schema of the store.

    gw:{live}:c:<client id>   string   version (8 random bytes, others after every write) and ClientRecord
    gw:{live}:clients         zset     all client ids, every score 0, so that they sort by id
    gw:t:<16 bytes>           string   TokenRecord under the digest of the token; expires with the token

`live` is the environment. Clients and their index share a hash tag, so that an administrative change is one atomic
script on a Redis Cluster too and all clients of a batch are one MGET. Tokens carry no tag, so that they
would spread over a cluster; not on one yet, for the scripts look at tokens and clients together (docs/adr/0014). The
record of a token needs no environment, for the digest covers the token's prefix.

Nothing is kept per client that grows with its tokens: all tokens of a client die when its epoch changes.
"""

from grantway_server.domain.environment import Environment

_TOKEN_PREFIX = b"gw:t:"

VERSION_BYTES = 8

ADD_TOKENS = """#!lua
local clients = tonumber(ARGV[1])
for i = 1, clients do
  if redis.call('GETRANGE', KEYS[i], 0, 7) ~= ARGV[1 + i] then
    return 0
  end
end
local at = clients + 2
for i = clients + 1, #KEYS do
  redis.call('SET', KEYS[i], ARGV[at], 'EX', ARGV[at + 1])
  at = at + 2
end
return 1
"""
"""Writes tokens; returns 1, or 0 and writes none when one of their clients is stored at another version.

KEYS: client keys, token keys. ARGV: how many clients, the version of each, for each token its value and its lifetime in
seconds.
"""

GET_TOKENS = """#!lua flags=no-writes
local found = {}
for i = 1, #KEYS do
  local token = redis.call('GET', KEYS[i])
  found[2 * i - 1] = token
  local length = token and string.byte(token, 2) or 0
  found[2 * i] = token and redis.call('GETRANGE', ARGV[1] .. string.sub(token, 3, 2 + length), 0, 7)
end
return found
"""
"""Reads tokens, and what version their clients are stored at; returns both for each, nil where there is no token.

KEYS: token keys. ARGV: what the keys of clients begin with. The keys of the clients are not declared: only the tokens
say which they are, in the first field of their records: its tag, the length of the id, the id.
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
return 1
"""
"""Writes a client over the version that it was made from; returns 1, or 0 when the stored version is another.

A version is random, not a count: a store that was set back to an older state never comes to a version again that
somebody remembers another client at.

KEYS: client key, index. ARGV: the expected version ('' = none is stored), the client id, the new value ('' = delete).
`allow-oom`: a client must be disabled also when the store is full.
"""


class ClientKeys:
    """The keys of one environment's clients."""

    def __init__(self, environment: Environment) -> None:
        self.client_prefix = f"gw:{{{environment}}}:c:"
        self.index = f"gw:{{{environment}}}:clients"

    def client(self, client_id: str) -> str:
        """Where a client is kept."""
        return self.client_prefix + client_id


def token_key(digest: bytes) -> bytes:
    """Where a token is kept."""
    return _TOKEN_PREFIX + digest

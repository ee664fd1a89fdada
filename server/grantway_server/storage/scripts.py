"""Every script: what the store does in one step. The keys, and what is under them, are in `keys`."""

_MAX_WRITERS = 1000
"""How many cores' last writes of uses are remembered. One more, and all are forgotten: 60 kB, and no more."""

_WRITE_USE = """
local function write_use(key, secret, count, first, last, source, owner, client)
  local known = redis.call('HMGET', key, 'f:' .. secret, 't:' .. secret, 'last', 'n:' .. secret)
  if owner and not known[1] and redis.call('GET', owner) ~= client then
    return
  end
  local new = {}
  if not known[1] or tonumber(known[1]) > tonumber(first) then
    new[1], new[2] = 'f:' .. secret, first
  end
  if not known[2] or tonumber(known[2]) <= tonumber(last) then
    new[#new + 1], new[#new + 2], new[#new + 3], new[#new + 4] = 't:' .. secret, last, 's:' .. secret, source
  end
  if count ~= '0' then
    new[#new + 1], new[#new + 2] = 'n:' .. secret, string.format('%d', (known[4] or 0) + count)
    if not known[3] or tonumber(known[3]) < tonumber(last) then
      new[#new + 1], new[#new + 2] = 'last', last
    end
  end
  if new[1] then
    redis.call('HSET', key, unpack(new))
  end
end
"""
"""Writes down one use: what was written of later ones, or of earlier ones, is not set back. It fails where the
store holds something else in its place: callers leave it out then, for it must keep nothing else from being written.
Nothing is written when *owner*, where it is given, does not name the client."""

_LAST_WRITE = """
local function last_write(trail)
  local entry = redis.call('XREVRANGE', trail, '+', '-', 'COUNT', 1)[1]
  return entry and entry[1] .. (entry[2][4] or '') or ''
end
"""
"""Which write of any client was the last: the place of the last record in the trail, and the nonce of it. A place alone
may come again when a store has lost its last records. Empty when there is no record."""

ADD_TOKENS = f"""#!lua
{_WRITE_USE}
{_LAST_WRITE}
local last = last_write(KEYS[1])
if ARGV[1] ~= '' and ARGV[1] ~= last then
  return 1
end
local clients, uses = tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, clients do
  if redis.call('GETRANGE', KEYS[1 + i], 0, 7) ~= ARGV[3 + i] then
    return 0
  end
end
local at = clients + 4
for i = clients + 2, clients + uses + 1 do
  local now = ARGV[at + 2]
  pcall(write_use, KEYS[i], ARGV[at], ARGV[at + 1], now, now, ARGV[at + 3])
  at = at + 4
end
for i = clients + uses + 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[at], 'EX', ARGV[at + 1], 'NX')
  at = at + 2
end
return last
"""
"""Writes tokens; returns the last write of any client.

Or writes nothing, and returns 1 when the last write is another than the one expected, 0 when one of the clients is
stored at another version.

KEYS: the audit trail, client keys, use keys, token keys. ARGV: the expected last write ('' = any), how many clients,
how many uses, the version of each client, for each use the secret's id, how many tokens, the moment and the source,
for each token its value and its lifetime in seconds. What is there stays: a copy of the call that was held up on its
way must not bring back a token that was ended meanwhile.
"""

ADD_USES = f"""#!lua flags=allow-oom
{_WRITE_USE}
if ARGV[1] ~= '' then
  local before = redis.call('HGET', KEYS[1], ARGV[1])
  if tonumber(before or 0) >= tonumber(ARGV[2]) then
    return 0
  end
  if not before and redis.call('HLEN', KEYS[1]) >= {_MAX_WRITERS} then
    redis.call('DEL', KEYS[1])
  end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
local at = 3
for i = 2, #KEYS, 2 do
  pcall(
    write_use, KEYS[i + 1], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], KEYS[i], ARGV[at]
  )
  at = at + 6
end
return 1
"""
"""Writes down uses, late; none of a secret that is not its client's any more. Returns 1, or 0 when it was done
before: that write, or a later one of the writer, so that a copy which was held up on its way is not done again.

KEYS: the writes, for each use the secret's key and the client's use key. ARGV: the writer ('' = nothing is counted, and
it may be done twice), the number of the write; for each use the ids of the client and of the secret, how many tokens,
the first and the last moment, the source of the last.
`allow-oom`: what is in use must be known also when the store is full; it grows with the secrets and not with their use.
"""

GET_TOKENS = f"""#!lua flags=no-writes
{_LAST_WRITE}
local tokens = #KEYS > 0 and redis.call('MGET', unpack(KEYS)) or {{}}
local event = redis.call('XREVRANGE', ARGV[1], '+', '-', 'COUNT', 1)[1]
local position = event and event[1] .. ':' .. event[2][2] or ''
local last = last_write(ARGV[2])
local versions = {{}}
local function version(client)
  versions[client] = versions[client] or redis.call('GETRANGE', ARGV[3] .. client, 0, 7)
  return versions[client]
end
local of_callers, of_owners = {{}}, {{}}
for i = 4, #ARGV do
  of_callers[i - 3] = version(ARGV[i])
end
for i = 1, #KEYS do
  local token = tokens[i]
  of_owners[i] = token and version(string.sub(token, 3, 2 + (string.byte(token, 2) or 0))) or ''
end
return {{last, position, tokens, of_callers, of_owners}}
"""
"""Reads tokens, the last write of any client, the position of the last revocation, and the versions of clients, all at
one moment.

Returns the last write; the position ('' = none); of each token its value, nil where there is none; of each caller the
version; of each token the version of its client. A version is '' where there is no client (any more), or no token.

KEYS: token keys; none where the versions of owners are not asked for, and tokens are read after the script
(`redis_token_store`). ARGV: the stream of revocations, the audit trail, what the keys of clients begin with, ids of
callers. The keys of the clients are not declared: only the tokens say which they are, in the first field of their
records: its tag, the length of the id, the id. An empty value is a token that was revoked. Tokens are read by one
command, and each client by one, however many of the tokens are its own.
"""

END_TOKEN = """#!lua flags=allow-oom
if redis.call('STRLEN', KEYS[1]) == 0 then
  return 0
end
redis.call('SET', KEYS[1], '', 'KEEPTTL')
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*', 'nonce', ARGV[2], 'event', ARGV[3])
if KEYS[3] then
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'record', ARGV[5])
end
return 1
"""  # noqa: S105 - a script.
"""Ends a token, tells of it and writes that down; returns 1, or 0 when there was none or it was ended before.

KEYS: the token, the revocations, the trail if it gets something. ARGV: how many events are kept, the nonce, the event;
for the trail how many records are kept, the record.
"""

READ_REVOCATIONS = """#!lua flags=allow-oom
local known = ARGV[1] ~= '' and redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) or {}
if known[1] and known[1][2][2] == ARGV[2] then
  return {1, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[3])}
end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if not last[1] then
  redis.call('XADD', KEYS[1], '*', 'nonce', ARGV[4], 'event', '')
  last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
end
return {0, last}
"""
"""Reads revocations behind a place; returns 1 and the entries, or 0 and the last entry when the place is not there.

An empty stream gets an entry first, so that there is one.

KEYS: the revocations. ARGV: the id and the nonce of the entry to go on from ('' = none), how many at most, the nonce of
an entry that must be made.
Not `no-writes`, though it seldom writes: so a replica refuses it, and a primary that has too few replicas or a full
disk and must not write. Nobody shall vouch for what they say.
"""

GET_USES = """#!lua flags=no-writes
local found = {}
for i = 1, #KEYS do
  local use = redis.pcall('HGETALL', KEYS[i])
  found[i] = use.err and {} or use
end
return found
"""
"""Reads how clients were used; something else in the place of it is nothing. KEYS: use keys."""

WRITE_CLIENT = """#!lua flags=allow-oom
local stored = redis.call('GET', KEYS[1])
if (stored and string.sub(stored, 1, 8) or '') ~= ARGV[1] then
  return 0
end
for i = 5, #KEYS do
  local what, value = ARGV[2 * i - 1], ARGV[2 * i]
  if what == 'claim' and (redis.call('GET', KEYS[i]) or value) ~= value then
    return -1
  elseif what == 'begin' and tonumber(value) <= tonumber(redis.call('GET', KEYS[i]) or 0) then
    return redis.call('GET', KEYS[i])
  end
end
if ARGV[6] ~= '' then
  if not redis.call('SET', KEYS[4], ARGV[6], 'NX', 'EX', ARGV[7]) then
    return 0
  end
end
-- Before the client: what changes no record is there of must not be made.
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', 'record', ARGV[3], 'nonce', ARGV[4])
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1], KEYS[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
local at = 9
for i = 5, #KEYS do
  local what = ARGV[at]
  if what == 'add' then
    redis.call('ZADD', KEYS[i], 0, ARGV[at + 1])
  elseif what == 'remove' then
    redis.call('ZREM', KEYS[i], ARGV[at + 1])
  elseif what == 'claim' or what == 'keep' then
    redis.call('SET', KEYS[i], ARGV[at + 1], 'NX')
  elseif what == 'release' then
    if redis.call('GET', KEYS[i]) == ARGV[at + 1] then
      redis.call('DEL', KEYS[i])
    end
  elseif what == 'bury' then
    local epoch, seconds = string.match(ARGV[at + 1], '(%d+) (%d+)')
    redis.call('SET', KEYS[i], epoch, 'EX', seconds)
  elseif what == 'forget' then
    local count = redis.call('HGET', KEYS[i], 'n:' .. ARGV[at + 1])
    if count then
      redis.call('HINCRBY', KEYS[i], 'retired', count)
    end
    redis.call('HDEL', KEYS[i], 'n:' .. ARGV[at + 1], 'f:' .. ARGV[at + 1], 't:' .. ARGV[at + 1], 's:' .. ARGV[at + 1])
  elseif what == 'tell' then
    local nonce, event = string.sub(ARGV[at + 1], 1, 8), string.sub(ARGV[at + 1], 9)
    redis.call('XADD', KEYS[i], 'MAXLEN', '~', ARGV[8], '*', 'nonce', nonce, 'event', event)
  end
  at = at + 2
end
return 1
"""
"""Writes a client over the version that it was made from, with its indexes, its audit record and its revocations.

Returns 1. Or writes nothing, and returns 0 when the stored version is another or the outcome is there already, -1 when
a secret's id belongs to another client, or as a string the last epoch of a deleted client that this one is not above.

A version is random, not a count: a store that was set back to an older state never comes to a version again that
somebody remembers another client at.

KEYS: client key, audit trail, use key (deleted with the client), outcome key; for each further change its key.
ARGV: the expected version ('' = none is stored), the new value ('' = delete), the audit record, its nonce, how many
records are kept, the outcome ('' = none), for how many seconds, how many revocations are kept; for each further change
what to do and what about: `add` or `remove` a member of an index; `claim` a secret's id for a client, `keep` it unless
it is another client's, `release` it if it is the client's own; `bury` the epoch of a client, a space, for how many
seconds; `begin` above such an epoch; `forget` the use of a secret, by its id; `tell` of a revocation, nonce and event.
`allow-oom`: a client must be disabled also when the store is full.
"""

INDEX_CLIENT = """#!lua flags=allow-oom
if string.sub(redis.call('GET', KEYS[1]) or '', 1, 8) ~= ARGV[1] then
  return 0
end
for i = 2, #KEYS do
  if ARGV[2 * i - 2] == 'add' then
    redis.call('ZADD', KEYS[i], 0, ARGV[2 * i - 1])
  else
    redis.call('SET', KEYS[i], ARGV[2 * i - 1], 'NX')
  end
end
return 1
"""
"""Lists a client in its indexes; returns 1, or 0 and does nothing when it is stored at another version, or not at all.

KEYS: client key, for each entry its key. ARGV: the expected version, for each entry `add` and the member, or anything
else and a value that is set where there is none.
"""

ADD_FAILURES = """#!lua flags=allow-oom
for i = 2, #ARGV do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'record', ARGV[i])
end
return 1
"""
"""Writes down what anybody can cause. KEYS: the trail. ARGV: how many records are kept, the records."""

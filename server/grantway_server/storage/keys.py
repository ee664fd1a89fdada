"""Every key: the whole schema of the store. What is done with them in one step is in `scripts`.

    gw:{live}:c:<client id>     string   version (8 random bytes, others after every write) and ClientRecord
    gw:{live}:u:<client id>     hash     how it was used: `last`, `retired` (tokens of retired secrets), and of each
                                         secret `n:` `f:` `t:` `s:` and its id (tokens, first and last use in
                                         microseconds, source of the last; one that obtained no token has no `n:`)
    gw:{live}:writes            hash     of each core the number of its last late write of uses (docs/adr/0029)
    gw:{live}:s:<secret id>     string   the id of the client that has the secret
    gw:{live}:e:<client id>     string   the last epoch of a client that was deleted; expires when its tokens have
    gw:{live}:clients           zset     all client ids
    gw:{live}:org:<id>          zset     the client ids of an organisation
    gw:{live}:disabled          zset     the ids of disabled clients
    gw:{live}:names             zset     name in small letters, zero byte, client id
    gw:{live}:expiring          zset     the second of a secret's end (12 digits), space, client id, colon, secret id
    gw:{live}:indexed           string   of which version the indexes are that all clients are listed in
    gw:{live}:i:<32 bytes>      string   OutcomeRecord of a call that may be repeated; expires after a day
    gw:{live}:audit             stream   `record` (AuditEntryRecord) and behind it `nonce` (8 random hex digits, unless
                                         an older core wrote it) of each change, the last ones (docs/adr/0030)
    gw:{live}:audit:failures    stream   `record` of what anybody can cause: failed
                                         authentications, reports of leaked tokens
    gw:{live}:revocations       stream   `nonce` (8 random hex digits) and `event` (RevocationEventRecord) of each
                                         revocation, the last ones; the event is empty in an entry that only marks a
                                         place (docs/adr/0021)
    gw:t:<16 bytes>             string   TokenRecord under the digest of the token; empty once it was revoked; expires
                                         five minutes after the token

`live` is the environment. All but tokens share a hash tag, so that an administrative change, its indexes, its audit
record and its revocations are one atomic script on a Redis Cluster too, and all clients of a batch are one MGET. Every
score is 0: so a zset sorts by its members, each of which is a place to go on from. Tokens carry no tag, so that they
would spread over a cluster; not on one yet, for the scripts look at tokens and clients together (docs/adr/0014). The
record of a token needs no environment, for the digest covers the token's prefix.

Nothing is kept per client that grows with its tokens: they die by the epochs that they carry.
"""

from grantway_server.domain.environment import Environment

_TOKEN_PREFIX = b"gw:t:"

VERSION_BYTES = 8


class EnvironmentKeys:
    """The keys of one environment: all but those of its tokens."""

    def __init__(self, environment: Environment) -> None:
        self._tag = f"gw:{{{environment}}}:"
        self.client_prefix = f"{self._tag}c:"
        self.index = f"{self._tag}clients"
        self.disabled = f"{self._tag}disabled"
        self.names = f"{self._tag}names"
        self.expiring = f"{self._tag}expiring"
        self.indexed = f"{self._tag}indexed"
        self.audit = f"{self._tag}audit"
        self.failures = f"{self._tag}audit:failures"
        self.revocations = f"{self._tag}revocations"
        self.writes = f"{self._tag}writes"

    def client(self, client_id: str) -> str:
        """Where a client is kept."""
        return self.client_prefix + client_id

    def use(self, client_id: str) -> str:
        """Where it is written down how a client is used."""
        return f"{self._tag}u:{client_id}"

    def epoch(self, client_id: str) -> str:
        """Where the last epoch of a deleted client is kept."""
        return f"{self._tag}e:{client_id}"

    def secret(self, secret_id: str) -> str:
        """Where it says which client has a secret."""
        return f"{self._tag}s:{secret_id}"

    def organization(self, organization: str) -> str:
        """Where the clients of an organisation are listed."""
        return f"{self._tag}org:{organization}"

    def outcome(self, name: bytes) -> bytes:
        """Where the outcome of a call is kept."""
        return f"{self._tag}i:".encode() + name


def token_key(digest: bytes) -> bytes:
    """Where a token is kept."""
    return _TOKEN_PREFIX + digest

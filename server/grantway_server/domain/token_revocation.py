"""Revocation of one token (RFC 7009). What ends many at once is in `incidents`.

The order of checks is that of `introspection` as far as it goes: the shape of the request, authentication of the
client, whether the token is its own. Whatever the token is, the answer is the same (section 2.2): it is good for
nothing now, or it was never the client's to end (section 2.1).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from grantway_server.domain import credentials as credential_rules
from grantway_server.domain import tokens
from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.credentials import Credentials
from grantway_server.domain.failed_authentications import FailedAuthentications
from grantway_server.domain.ports import TokenStore
from grantway_server.domain.refusals import Refusal, invalid_request
from grantway_server.domain.slow_authentication import SlowAuthentication
from grantway_server.domain.token_lookup import TokenLookup
from grantway_server.domain.tokens import Token, TokenFormat


@dataclass(slots=True)
class RevocationRequest:
    """A request of a client to end a token (RFC 7009 section 2.1), as it came: nothing in it is validated."""

    token: str = field(repr=False)
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class ForeignRevocation:
    """A client asked to end a token of another one, which is none of its business to have."""

    client_id: str
    source: str
    owner_id: str
    token_id: str


AnnounceForeign = Callable[[ForeignRevocation], None]
"""Tells of one."""


class TokenRevocation:
    """Ends tokens. Every method may raise `StorageUnavailable`: then nobody knows whether it was done."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        token_store: TokenStore,
        token_lookup: TokenLookup,
        failures: FailedAuthentications,
        slow_authentication: SlowAuthentication,
        token_format: TokenFormat,
        announce_foreign: AnnounceForeign,
    ) -> None:
        self._token_store = token_store
        self._token_lookup = token_lookup
        self._failures = failures
        self._slow_authentication = slow_authentication
        self._token_format = token_format
        self._announce_foreign = announce_foreign

    async def revoke(self, access_token: str, *, record: AuditRecord | None = None) -> bool:
        """Ends *access_token*, whosever it is (section 2.2: one that is not known is revoked already).

        Args:
            access_token: The token.
            record: What the audit trail gets if there was one to end; None means nothing.

        Returns:
            Whether there was one to end.

        Raises:
            Refusal: INVALID_REQUEST (no token).
        """
        _check_token(access_token)
        if not self._token_format.matches(access_token):
            return False
        return await self._token_store.remove(tokens.digest(access_token), record=record)

    async def revoke_own(self, request: RevocationRequest) -> None:
        """Ends the token of *request* if it is one of the client that asks; of others nothing happens.

        Waits for a slow hash where there is only that.

        Raises:
            Refusal: INVALID_REQUEST, INVALID_CLIENT, RATE_LIMITED (in its place, or too many slow hashes).
        """
        outcome = await self._slow_authentication.alone(request.credentials, lambda: self._revoke_own(request))
        if isinstance(outcome, Refusal):
            raise outcome

    async def _revoke_own(self, request: RevocationRequest) -> list[Refusal | None]:
        try:
            _check_token(request.token)
            credential_rules.check_shape(request.credentials)
        except Refusal as refusal:
            return [refusal]
        found = await self._token_lookup.look_up([request.token], [request.credentials], with_owners=False)
        (caller,) = found.callers
        if isinstance(caller, Refusal):
            (answer,) = await self._failures.counted([request.credentials], [caller])
            return [answer]
        stored = found.stored.get(request.token)
        if caller is None or not isinstance(stored, Token):
            return [None]
        digest, owner_id = found.digests[request.token], stored.client_id
        if owner_id == caller.client_id:
            await self._token_store.remove(digest)
        else:
            source, token_id = request.credentials.source, tokens.token_id(digest)
            # To the log and no further: the time of a write would tell the client that there is such a token.
            self._announce_foreign(ForeignRevocation(caller.client_id, source, owner_id, token_id))
        return [None]


def _check_token(token: str) -> None:
    if not token:
        raise invalid_request("token is missing.")

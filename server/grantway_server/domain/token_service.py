"""Issuing, checking and revoking tokens: the use cases behind `grantway.v1.TokenService`.

Each works on a batch and makes the same number of store round trips whatever the size of the batch: two to issue, two
to check, one to revoke.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grantway_server.domain import audiences, clients, scopes, tokens
from grantway_server.domain.audiences import Audiences
from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.clients import AuthMethod, Client, Permission
from grantway_server.domain.ports import ClientReader, Clock, TokenStore
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.tokens import Token, TokenFormat

GRANT_TYPE = "client_credentials"

_MAX_SOURCE_LENGTH = 64


# These three are made for every token. Frozen ones would take six times as long to make, and nobody changes them.


@dataclass(slots=True, kw_only=True)
class TokenRequest:
    """A token request (RFC 6749 section 4.4.2), as it came: nothing in it is validated."""

    grant_type: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    """Empty means the client's default scopes."""
    audiences: Audiences
    auth_method: AuthMethod | None
    """None means that the caller does not say."""
    source: str


@dataclass(slots=True)
class IssuedToken:
    """A token that was just issued: the only place where its text is."""

    access_token: str
    token: Token

    def __repr__(self) -> str:
        return f"IssuedToken({self.token!r})"


@dataclass(slots=True)
class ActiveToken:
    """A token that is good at this moment."""

    token_id: str
    token: Token


class TokenService:
    """The grant. Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_reader: ClientReader,
        token_store: TokenStore,
        authenticator: ClientAuthenticator,
        token_format: TokenFormat,
        max_lifetime: timedelta,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._client_reader = client_reader
        self._token_store = token_store
        self._authenticator = authenticator
        self._token_format = token_format
        self._max_lifetime = max_lifetime
        self._clock = clock
        self._random_bytes = random_bytes

    async def issue(self, requests: Sequence[TokenRequest]) -> list[IssuedToken | Refusal]:
        """A token or a refusal for each of *requests*, in order."""
        # Read anew for every batch: a client disabled a moment ago gets nothing, and no cache can say otherwise.
        known = await self._client_reader.get_many(
            {request.client_id for request in requests if clients.is_id(request.client_id)}
        )
        now = self._clock()
        issued_at = now.replace(microsecond=0)
        outcomes = [self._decide(request, known.get(request.client_id), now, issued_at) for request in requests]
        issued = [outcome for outcome in outcomes if isinstance(outcome, IssuedToken)]
        if issued:
            await self._token_store.add([(tokens.digest(one.access_token), one.token) for one in issued])
        return outcomes

    async def introspect(self, access_tokens: Sequence[str]) -> list[ActiveToken | None]:
        """What each of *access_tokens* is, in order; None for one that is not active, whatever the cause."""
        digests = {text: tokens.digest(text) for text in access_tokens if self._token_format.matches(text)}
        if not digests:
            return [None] * len(access_tokens)
        stored = dict(zip(digests, await self._token_store.get_many(list(digests.values())), strict=True))
        known = await self._client_reader.get_many({token.client_id for token in stored.values() if token})
        now = self._clock()
        return [
            ActiveToken(tokens.token_id(digests[text]), token)
            if (token := stored.get(text)) and _is_active(token, known.get(token.client_id), now)
            else None
            for text in access_tokens
        ]

    async def revoke(self, access_token: str) -> None:
        """Ends *access_token* (RFC 7009 section 2.2: one that is not known is revoked already)."""
        if self._token_format.matches(access_token):
            await self._token_store.remove(tokens.digest(access_token))

    def _decide(
        self, request: TokenRequest, client: Client | None, now: datetime, issued_at: datetime
    ) -> IssuedToken | Refusal:
        try:
            _check_shape(request)
            client = self._authenticator.authenticate(
                client,
                client_id=request.client_id,
                client_secret=request.client_secret,
                method=request.auth_method,
                source=request.source,
                now=now,
            )
            _check_grant(request, client)
            token = Token(
                client_id=client.client_id,
                epoch=client.epoch,
                issued_at=issued_at,
                # The maximum may have been lowered after the client was given its lifetime.
                lifetime=min(client.token_lifetime, self._max_lifetime),
                scopes=scopes.granted(
                    request.scope, allowed=client.allowed_scopes, default=client.effective_default_scopes
                ),
                audiences=audiences.granted(request.audiences, allowed=client.audiences),
            )
        except Refusal as refusal:
            return refusal
        return IssuedToken(self._token_format.mint(self._random_bytes), token)


def _check_shape(request: TokenRequest) -> None:
    """Refuses what no client could mean (RFC 6749 section 5.2, invalid_request)."""
    if not request.grant_type:
        raise invalid_request("grant_type is missing: send client_credentials")
    if not request.client_id:
        raise invalid_request("client_id is missing")
    if not request.client_secret:
        raise invalid_request("client_secret is missing")
    if len(request.source) > _MAX_SOURCE_LENGTH:
        raise invalid_request(f"source is longer than {_MAX_SOURCE_LENGTH} characters")


def _check_grant(request: TokenRequest, client: Client) -> None:
    """Refuses other grants, and clients that may not use this one (RFC 6749 section 5.2)."""
    if request.grant_type != GRANT_TYPE:
        raise Refusal(Reason.UNSUPPORTED_GRANT_TYPE, "grant_type must be client_credentials")
    if Permission.ISSUE_TOKENS not in client.permissions:
        raise Refusal(Reason.UNAUTHORIZED_CLIENT, "the client may not use the client credentials grant")


def _is_active(token: Token, client: Client | None, now: datetime) -> bool:
    return client is not None and client.disabled_at is None and client.epoch == token.epoch and now < token.expires_at

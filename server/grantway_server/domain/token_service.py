"""Issuing, checking and revoking tokens: the use cases behind `grantway.v1.TokenService`.

Each works on a batch and makes the same number of store round trips whatever the size of the batch: one to issue, to
check and to revoke; one or two more when clients are not remembered, were changed, or somebody is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grantway_server.domain import audiences, clients, scopes, tokens
from grantway_server.domain.audiences import Audiences
from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.clients import AuthMethod, Client, Permission, Version
from grantway_server.domain.ports import ClientReader, Clock, StorageUnavailable, TokenStore
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.tokens import Token, TokenFormat

GRANT_TYPE = "client_credentials"

_MAX_SOURCE_LENGTH = 64

_ATTEMPTS = 3
"""How often a batch is decided anew because clients were changed while it was."""


# These three are made for every token. Frozen ones would take six times as long to make, and nobody changes them.


@dataclass(slots=True)
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
        client_ids = {request.client_id for request in requests if clients.is_id(request.client_id)}
        # What is remembered is looked at even when it is nothing: an unknown client must not be faster than a wrong
        # secret. It never refuses, for it may be old.
        remembered = self._client_reader.remembered(client_ids)
        decisions = self._decide_all(requests, remembered)
        if not any(isinstance(decision, Refusal) for decision in decisions):
            outcomes = self._outcomes(decisions)
            # It grants only if the store finds, while it writes the tokens, that none of their clients was changed
            # since: one that was disabled a moment ago gets nothing.
            if await self._add(outcomes, remembered):
                return outcomes
        for _ in range(_ATTEMPTS):
            known = await self._client_reader.get_many(client_ids) if client_ids else {}
            outcomes = self._outcomes(self._decide_all(requests, known))
            if await self._add(outcomes, known):
                return [
                    self._authenticator.failed(request.client_id, request.source, now=self._clock())
                    if isinstance(outcome, Refusal) and outcome.reason is Reason.INVALID_CLIENT
                    else outcome
                    for request, outcome in zip(requests, outcomes, strict=True)
                ]
        raise StorageUnavailable("clients are changed faster than they can be read")

    async def introspect(self, access_tokens: Sequence[str]) -> list[ActiveToken | None]:
        """What each of *access_tokens* is, in order; None for one that is not active, whatever the cause."""
        digests = {text: tokens.digest(text) for text in access_tokens if self._token_format.matches(text)}
        if not digests:
            return [None] * len(access_tokens)
        stored = dict(zip(digests, await self._token_store.get_many(list(digests.values())), strict=True))
        versions = {found.token.client_id: found.client_version for found in stored.values() if found}
        known = await self._clients_at(versions)
        now = self._clock()
        return [
            ActiveToken(tokens.token_id(digests[text]), found.token)
            if (found := stored.get(text)) and _is_active(found.token, known.get(found.token.client_id), now)
            else None
            for text in access_tokens
        ]

    async def revoke(self, access_token: str) -> None:
        """Ends *access_token* (RFC 7009 section 2.2: one that is not known is revoked already)."""
        if self._token_format.matches(access_token):
            await self._token_store.remove(tokens.digest(access_token))

    async def _clients_at(self, versions: Mapping[str, Version]) -> Mapping[str, Client]:
        """Those of the clients that exist, each at its version in *versions* or at a later one."""
        known = {
            client_id: client
            for client_id, client in self._client_reader.remembered(versions).items()
            if client.version == versions[client_id]
        }
        others = [client_id for client_id, version in versions.items() if version and client_id not in known]
        return {**known, **await self._client_reader.get_many(others)} if others else known

    async def _add(self, outcomes: Sequence[IssuedToken | Refusal], known: Mapping[str, Client]) -> bool:
        """Stores what was issued; False, and nothing is stored, when one of its clients is not as *known* any more."""
        issued = [outcome for outcome in outcomes if isinstance(outcome, IssuedToken)]
        if not issued:
            return True
        return await self._token_store.add(
            [(tokens.digest(one.access_token), one.token) for one in issued],
            versions={one.token.client_id: known[one.token.client_id].version for one in issued},
        )

    def _outcomes(self, decisions: Sequence[Token | Refusal]) -> list[IssuedToken | Refusal]:
        """*decisions*, with a text for each token."""
        granted = sum(isinstance(decision, Token) for decision in decisions)
        texts = iter(self._token_format.mint(granted, self._random_bytes) if granted else ())
        return [
            IssuedToken(next(texts), decision) if isinstance(decision, Token) else decision for decision in decisions
        ]

    def _decide_all(self, requests: Sequence[TokenRequest], known: Mapping[str, Client]) -> list[Token | Refusal]:
        issued_at = self._clock().replace(microsecond=0)
        return [self._decide(request, known.get(request.client_id), issued_at) for request in requests]

    def _decide(self, request: TokenRequest, client: Client | None, issued_at: datetime) -> Token | Refusal:
        try:
            _check_shape(request)
            client = self._authenticator.authenticate(
                client, client_secret=request.client_secret, method=request.auth_method
            )
            _check_grant(request, client)
            return Token(
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


def _check_shape(request: TokenRequest) -> None:
    """Refuses what no client could mean (RFC 6749 section 5.2, invalid_request)."""
    if not request.grant_type:
        raise invalid_request("grant_type is missing: send client_credentials.")
    if not request.client_id:
        raise invalid_request("client_id is missing.")
    if not request.client_secret:
        raise invalid_request("client_secret is missing.")
    if len(request.source) > _MAX_SOURCE_LENGTH:
        raise invalid_request(f"source is longer than {_MAX_SOURCE_LENGTH} characters.")


def _check_grant(request: TokenRequest, client: Client) -> None:
    """Refuses other grants, and clients that may not use this one (RFC 6749 section 5.2)."""
    if request.grant_type != GRANT_TYPE:
        raise Refusal(Reason.UNSUPPORTED_GRANT_TYPE, "grant_type must be client_credentials.")
    if Permission.ISSUE_TOKENS not in client.permissions:
        raise Refusal(Reason.UNAUTHORIZED_CLIENT, "The client may not use the client credentials grant.")


def _is_active(token: Token, client: Client | None, now: datetime) -> bool:
    return client is not None and client.disabled_at is None and client.epoch == token.epoch and now < token.expires_at

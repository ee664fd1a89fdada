"""Issuing tokens by the client credentials grant (RFC 6749 section 4.4).

A batch makes the same number of store round trips whatever its size: one; one more after a write of any client
(docs/adr/0030), one or two more when clients are not remembered or somebody is refused, and two more each time that one
was changed meanwhile.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grantway_server.domain import audiences, clients, credentials, scopes, tokens
from grantway_server.domain.audiences import Audiences
from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.clients import AuthMethod, Client, Permission
from grantway_server.domain.failed_authentications import FailedAuthentications
from grantway_server.domain.ports import ClientReader, ClientsKeepChanging, Clock, TokenStore
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.slow_authentication import SlowAuthentication
from grantway_server.domain.tokens import Token, TokenFormat
from grantway_server.domain.use_notes import UseNotes

GRANT_TYPE = "client_credentials"

_ATTEMPTS = 3
"""How often a batch is decided anew because clients were changed while it was."""


# These two are made for every token. Frozen ones would take six times as long to make. Nobody changes a request.


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
    """Empty until the token is minted. Nobody is given it before the token is in the store."""
    token: Token
    source: str
    """Where the request came from."""
    secret_expires_at: datetime | None = None
    """When the secret that obtained it ends, if that is soon enough to warn of."""

    def __repr__(self) -> str:
        return f"IssuedToken({self.token!r})"


class TokenIssuance:
    """The grant. Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_reader: ClientReader,
        token_store: TokenStore,
        authenticator: ClientAuthenticator,
        failures: FailedAuthentications,
        slow_authentication: SlowAuthentication,
        secret_expiry: SecretExpiry,
        use_notes: UseNotes,
        token_format: TokenFormat,
        max_lifetime: timedelta,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._client_reader = client_reader
        self._token_store = token_store
        self._authenticator = authenticator
        self._failures = failures
        self._slow_authentication = slow_authentication
        self._secret_expiry = secret_expiry
        self._use_notes = use_notes
        self._token_format = token_format
        self._max_lifetime = max_lifetime
        self._clock = clock
        self._random_bytes = random_bytes

    async def issue(self, requests: Sequence[TokenRequest]) -> list[IssuedToken | Refusal]:
        """A token or a refusal for each of *requests*, in order.

        Of several requests none is kept waiting by another one's slow hash: that one is refused as ALONE_ONLY.

        Raises:
            ClientsKeepChanging: Some of the clients were changed again and again; nobody got a token.
        """
        client_ids = {request.client_id for request in requests if clients.is_id(request.client_id)}
        # What is remembered is looked at even when it is nothing: an unknown client must not be faster than a wrong
        # secret. It never refuses, for it may be old.
        remembered = self._client_reader.remembered(client_ids)
        outcomes = self._decide_all(requests, remembered)
        refused = {
            one.client_id for one, outcome in zip(requests, outcomes, strict=True) if isinstance(outcome, Refusal)
        }
        known = remembered
        if refused:
            # Clients of whom a request is refused are read as the store has them now, and all their requests decided
            # on again. It costs the others nothing but the time of the reading.
            known = await self._with_read(refused & client_ids, remembered)
            outcomes = self._decide_all(requests, known, but_for=outcomes, of=refused)
        # It grants only if the store finds, while it writes the tokens, that none of their clients was changed since:
        # one that was disabled a moment ago gets nothing.
        attempts = 0
        while not await self._add(outcomes, known):
            attempts += 1
            if attempts > _ATTEMPTS:
                raise ClientsKeepChanging("clients are changed faster than they can be read")
            known = await self._client_reader.get_many(client_ids)
            outcomes = self._decide_all(requests, known)
        if known is remembered:  # Nobody was refused.
            return outcomes
        return await self._failures.counted(requests, outcomes)

    async def issue_alone(self, request: TokenRequest) -> IssuedToken | Refusal:
        """A token or a refusal for *request*, which waits for a slow hash where there is only that.

        Raises:
            Refusal: RATE_LIMITED (too many slow hashes).
        """
        return await self._slow_authentication.alone(request, lambda: self.issue([request]))

    async def _add(self, outcomes: Sequence[IssuedToken | Refusal], known: Mapping[str, Client]) -> bool:
        """Mints and stores what was granted; False, and nothing is stored, when a client is not as *known* any more."""
        granted = [outcome for outcome in outcomes if isinstance(outcome, IssuedToken)]
        if not granted:
            return True
        now, minted = self._clock(), []
        obtaining = [known[one] for one in {outcome.token.client_id for outcome in granted}]
        versions = {client.client_id: client.version for client in obtaining}
        # The uses that must be written with the tokens, and the tokens whose use may be written later.
        uses: dict[tuple[str, str], NewUse] = {}
        later: list[tuple[Token, str]] = []
        at_once = self._use_notes.must_be_written(obtaining)
        texts = self._token_format.mint(len(granted), self._random_bytes)
        for outcome, text in zip(granted, texts, strict=True):
            outcome.access_token, token = text, outcome.token
            minted.append((tokens.digest(text), token))
            if token.client_id not in at_once:
                later.append((token, outcome.source))
            elif (used := (token.client_id, token.secret_id)) in uses:
                uses[used].take_in(1, outcome.source, now, now)
            else:
                uses[used] = NewUse(*used, 1, outcome.source, now)
        if not await self._token_store.add(minted, versions=versions, uses=uses.values()):
            return False
        self._use_notes.gather_tokens(later, at=now)
        return True

    async def _with_read(self, client_ids: AbstractSet[str], remembered: Mapping[str, Client]) -> Mapping[str, Client]:
        """*remembered*, but those of *client_ids* as they are now."""
        read = await self._client_reader.get_many(client_ids) if client_ids else {}
        return {**{one: client for one, client in remembered.items() if one not in client_ids}, **read}

    def _decide_all(
        self,
        requests: Sequence[TokenRequest],
        known: Mapping[str, Client],
        *,
        but_for: Sequence[IssuedToken | Refusal] = (),
        of: AbstractSet[str] = frozenset(),
    ) -> list[IssuedToken | Refusal]:
        """What becomes of each request; with *but_for*, those of other clients than *of* stay as they are there."""
        now = self._clock()
        issued_at = now.replace(microsecond=0)
        if not but_for:
            return [self._decide(request, known.get(request.client_id), now, issued_at) for request in requests]
        return [
            self._decide(request, known.get(request.client_id), now, issued_at) if request.client_id in of else before
            for request, before in zip(requests, but_for, strict=True)
        ]

    def _decide(
        self, request: TokenRequest, client: Client | None, now: datetime, issued_at: datetime
    ) -> IssuedToken | Refusal:
        try:
            _check_shape(request)
            client, secret = self._authenticator.authenticate(
                client, request.client_id, request.client_secret, request.auth_method, now
            )
            _check_grant(request, client)
            token = Token(
                client.client_id,
                client.epoch,
                issued_at,
                # The maximum may have been lowered after the client was given its lifetime.
                min(client.token_lifetime, self._max_lifetime),
                scopes.granted(request.scope, allowed=client.allowed_scopes, default=client.effective_default_scopes),
                audiences.granted(request.audiences, allowed=client.audiences),
                secret.secret_id,
            )
        except Refusal as refusal:
            return refusal
        ends_soon = secret.expires_at and self._secret_expiry.worth_a_warning(secret, now)
        return IssuedToken("", token, request.source, ends_soon)


def _check_shape(request: TokenRequest) -> None:
    """Refuses what no client could mean (RFC 6749 section 5.2, invalid_request)."""
    if not request.grant_type:
        raise invalid_request("grant_type is missing: send client_credentials.")
    credentials.check_shape(request)


def _check_grant(request: TokenRequest, client: Client) -> None:
    """Refuses other grants, and clients that may not use this one (RFC 6749 section 5.2)."""
    if request.grant_type != GRANT_TYPE:
        raise Refusal(Reason.UNSUPPORTED_GRANT_TYPE, "grant_type must be client_credentials.")
    if Permission.ISSUE_TOKENS not in client.permissions:
        raise Refusal(Reason.UNAUTHORIZED_CLIENT, "The client may not use the client credentials grant.")

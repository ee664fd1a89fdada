"""Issuing, checking and revoking tokens: the use cases behind `grantway.v1.TokenService`.

Each works on a batch and makes the same number of store round trips whatever the size of the batch: one to issue, to
check and to revoke; one or two more when clients are not remembered, were changed, or somebody is refused.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grantway_server.domain import audiences, clients, scopes, tokens
from grantway_server.domain.audiences import Audiences
from grantway_server.domain.audit import (
    CLIENT_ACTOR,
    MAX_SOURCE_LENGTH,
    Announce,
    AuditRecord,
    Caller,
    Failure,
    Kind,
)
from grantway_server.domain.client_authentication import AuthenticationFailed, ClientAuthenticator
from grantway_server.domain.clients import AuthMethod, Client, Permission, Version
from grantway_server.domain.foreign_secrets import VerifierBusy
from grantway_server.domain.ports import AuditTrail, ClientReader, Clock, StorageUnavailable, TokenStore
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.secret_adoption import SecretAdoption
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.tokens import Token, TokenFormat

GRANT_TYPE = "client_credentials"

_REQUEST_ID_BYTES = 8
_BUSY_RETRY_AFTER = timedelta(seconds=1)

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
    """Empty until the token is written to the store."""
    token: Token
    source: str
    """Where the request came from."""
    secret_expires_at: datetime | None = None
    """When the secret that obtained it ends, if that is soon enough to warn of."""

    def __repr__(self) -> str:
        return f"IssuedToken({self.token!r})"


@dataclass(slots=True)
class ActiveToken:
    """A token that is good at this moment."""

    token_id: str
    token: Token
    client: Client


class TokenService:
    """The grant. Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_reader: ClientReader,
        token_store: TokenStore,
        authenticator: ClientAuthenticator,
        adoption: SecretAdoption,
        audit_trail: AuditTrail,
        announce: Announce,
        secret_expiry: SecretExpiry,
        token_format: TokenFormat,
        max_lifetime: timedelta,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._client_reader = client_reader
        self._token_store = token_store
        self._authenticator = authenticator
        self._adoption = adoption
        self._audit_trail = audit_trail
        self._announce = announce
        self._secret_expiry = secret_expiry
        self._token_format = token_format
        self._max_lifetime = max_lifetime
        self._clock = clock
        self._random_bytes = random_bytes

    async def issue(self, requests: Sequence[TokenRequest]) -> list[IssuedToken | Refusal]:
        """A token or a refusal for each of *requests*, in order.

        Of several requests none is kept waiting by another one's slow hash: that one is refused as ALONE_ONLY.
        """
        client_ids = {request.client_id for request in requests if clients.is_id(request.client_id)}
        # What is remembered is looked at even when it is nothing: an unknown client must not be faster than a wrong
        # secret. It never refuses, for it may be old.
        remembered = self._client_reader.remembered(client_ids)
        outcomes = self._decide_all(requests, remembered)
        # It grants only if the store finds, while it writes the tokens, that none of their clients was changed since:
        # one that was disabled a moment ago gets nothing.
        nobody_refused = not any(isinstance(outcome, Refusal) for outcome in outcomes)
        if nobody_refused and await self._add(outcomes, remembered):
            return outcomes
        for _ in range(_ATTEMPTS):
            known = await self._client_reader.get_many(client_ids) if client_ids else {}
            outcomes = self._decide_all(requests, known)
            if await self._add(outcomes, known):
                return await self._with_failures_counted(requests, outcomes)
        raise StorageUnavailable("clients are changed faster than they can be read")

    async def issue_alone(self, request: TokenRequest) -> IssuedToken | Refusal:
        """A token or a refusal for *request*, which waits for a slow hash where there is only that.

        Raises:
            Refusal: RATE_LIMITED (too many slow hashes).
        """
        (outcome,) = await self.issue([request])
        if not (isinstance(outcome, Refusal) and outcome.reason is Reason.ALONE_ONLY):
            return outcome
        client = (await self._client_reader.get_many([request.client_id])).get(request.client_id)
        by = Caller(CLIENT_ACTOR, request.source, self._random_bytes(_REQUEST_ID_BYTES).hex())
        try:
            right = client is not None and await self._adoption.adopt(client, request.client_secret, by=by)
        except VerifierBusy:
            raise Refusal(
                Reason.RATE_LIMITED,
                "Too many secrets are being checked by slow hashes: try again.",
                retry_after=_BUSY_RETRY_AFTER,
            ) from None
        except AuthenticationFailed as weak:
            (outcome,) = await self._with_failures_counted([request], [weak])
            return outcome
        except Refusal:
            right = True  # Somebody deleted the client, or keeps changing it: what that means is decided below.
        if not right:
            failure = AuthenticationFailed(
                Failure.WRONG_SECRET if client else Failure.UNKNOWN_CLIENT, is_of_a_client=client is not None
            )
            (outcome,) = await self._with_failures_counted([request], [failure])
            return outcome
        (outcome,) = await self.issue([request])
        if isinstance(outcome, Refusal) and outcome.reason is Reason.ALONE_ONLY:
            raise StorageUnavailable("clients are changed faster than they can be read")
        return outcome

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
            ActiveToken(tokens.token_id(digests[text]), found.token, client)
            if (found := stored.get(text))
            and (client := known.get(found.token.client_id))
            and client.accepts(found.token)
            and now < found.token.expires_at
            else None
            for text in access_tokens
        ]

    async def revoke(self, access_token: str, *, record: AuditRecord | None = None) -> bool:
        """Ends *access_token* (RFC 7009 section 2.2: one that is not known is revoked already).

        Args:
            access_token: The token.
            record: What the audit trail gets if there was one to end; None means nothing.

        Returns:
            Whether there was one to end.
        """
        if not self._token_format.matches(access_token):
            return False
        return await self._token_store.remove(tokens.digest(access_token), record=record)

    async def _clients_at(self, versions: Mapping[str, Version]) -> Mapping[str, Client]:
        """Those of the clients that exist, each at its version in *versions* or at a later one."""
        known = {
            client_id: client
            for client_id, client in self._client_reader.remembered(versions).items()
            if client.version == versions[client_id]
        }
        others = [client_id for client_id, version in versions.items() if version and client_id not in known]
        return {**known, **await self._client_reader.get_many(others)} if others else known

    def could_be_token(self, text: str) -> bool:
        """Whether *text* has the form of an access token of this environment; no look-up is made."""
        return self._token_format.matches(text)

    async def _add(self, outcomes: Sequence[IssuedToken | Refusal], known: Mapping[str, Client]) -> bool:
        """Mints and stores what was granted; False, and nothing is stored, when a client is not as *known* any more."""
        granted = [outcome for outcome in outcomes if isinstance(outcome, IssuedToken)]
        if not granted:
            return True
        minted, versions, uses = [], {}, dict[tuple[str, str], NewUse]()
        texts = self._token_format.mint(len(granted), self._random_bytes)
        for outcome, text in zip(granted, texts, strict=True):
            outcome.access_token, token = text, outcome.token
            minted.append((tokens.digest(text), token))
            used = token.client_id, token.secret_id
            if used in uses:
                uses[used].count += 1
            else:
                versions[token.client_id] = known[token.client_id].version
                uses[used] = NewUse(*used, count=1, source=outcome.source, at=self._clock())
        return await self._token_store.add(minted, versions=versions, uses=uses.values())

    def _decide_all(self, requests: Sequence[TokenRequest], known: Mapping[str, Client]) -> list[IssuedToken | Refusal]:
        now = self._clock()
        issued_at = now.replace(microsecond=0)
        return [self._decide(request, known.get(request.client_id), now, issued_at) for request in requests]

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
        except AuthenticationFailed as refusal:
            # One that is known by our digest, and is no good, is none that a slow hash could tell.
            if not refusal.secret_id and self._authenticator.needs_foreign_check(client, request.client_secret):
                return Refusal(
                    Reason.ALONE_ONLY, "The secret must be checked by a slow hash: send this request by IssueToken."
                )
            return refusal
        except Refusal as refusal:
            return refusal
        ends_soon = secret.expires_at and self._secret_expiry.worth_a_warning(secret, now)
        return IssuedToken("", token, request.source, ends_soon)

    async def _with_failures_counted(
        self, requests: Sequence[TokenRequest], outcomes: Sequence[IssuedToken | Refusal]
    ) -> list[IssuedToken | Refusal]:
        """*outcomes*, the failed authentications among them counted and written down."""
        answers, records, now = list(outcomes), [], self._clock()
        for number, (request, outcome) in enumerate(zip(requests, outcomes, strict=True)):
            if isinstance(outcome, AuthenticationFailed):
                answers[number] = self._authenticator.failed(request.client_id, request.source, outcome, now=now)
                records.append(_record(request, outcome, now, request_id=self._random_bytes(_REQUEST_ID_BYTES).hex()))
        if records:
            # The answer is no, whether it could be written down or not.
            with suppress(StorageUnavailable):
                await self._audit_trail.add(records)
            for record in records:
                self._announce(record)
        return answers


def _record(request: TokenRequest, failed: AuthenticationFailed, now: datetime, *, request_id: str) -> AuditRecord:
    # What is presented as an id may be anything, the secret of another system too: only what is known is written down.
    return AuditRecord(
        at=now,
        kind=Kind.AUTHENTICATION_FAILED,
        client_id=request.client_id if failed.is_of_a_client or clients.is_own_id(request.client_id) else "",
        actor=CLIENT_ACTOR,
        source=request.source,
        request_id=request_id,
        failure=failed.failure,
        secret_id=failed.secret_id,
    )


def _check_shape(request: TokenRequest) -> None:
    """Refuses what no client could mean (RFC 6749 section 5.2, invalid_request)."""
    if not request.grant_type:
        raise invalid_request("grant_type is missing: send client_credentials.")
    if not request.client_id:
        raise invalid_request("client_id is missing.")
    if not request.client_secret:
        raise invalid_request("client_secret is missing.")
    if len(request.source) > MAX_SOURCE_LENGTH:
        raise invalid_request(f"source is longer than {MAX_SOURCE_LENGTH} characters.")


def _check_grant(request: TokenRequest, client: Client) -> None:
    """Refuses other grants, and clients that may not use this one (RFC 6749 section 5.2)."""
    if request.grant_type != GRANT_TYPE:
        raise Refusal(Reason.UNSUPPORTED_GRANT_TYPE, "grant_type must be client_credentials.")
    if Permission.ISSUE_TOKENS not in client.permissions:
        raise Refusal(Reason.UNAUTHORIZED_CLIENT, "The client may not use the client credentials grant.")

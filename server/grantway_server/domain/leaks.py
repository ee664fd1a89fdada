"""Tokens and secrets that turned up where they should not be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from grantway_server.domain import clients
from grantway_server.domain.audit import CLIENT_ACTOR, Announce, AuditRecord, Caller, Kind, check_source
from grantway_server.domain.client_authentication import AuthenticationFailed
from grantway_server.domain.client_changes import ClientChanges, Intent
from grantway_server.domain.client_secrets import RetiredSecret, SecretFormat
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, IntrospectionRequest, TokenIntrospection
from grantway_server.domain.partial_revocations import with_revocation
from grantway_server.domain.ports import ClientStore, Clock
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.revocations import TokenSelection
from grantway_server.domain.secret_adoption import SecretAdoption
from grantway_server.domain.throttle import Throttle
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.domain.token_revocation import TokenRevocation
from grantway_server.domain.tokens import TokenFormat


class TextKind(Enum):
    """What a text is."""

    NEITHER = auto()
    ACCESS_TOKEN = auto()
    CLIENT_SECRET = auto()


@dataclass(frozen=True, slots=True)
class LiveText:
    """What a token or a secret that is good could do."""

    owner: TokenOwner
    scope: str
    expires_at: datetime | None
    text_id: str


@dataclass(frozen=True, slots=True)
class LeakedText:
    """What a text is; `live` is None when it is good for nothing."""

    kind: TextKind
    live: LiveText | None = None


class LeakService:
    """Every method may raise `StorageUnavailable`."""

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_store: ClientStore,
        introspection: TokenIntrospection,
        revocation: TokenRevocation,
        changes: ClientChanges,
        adoption: SecretAdoption,
        announce: Announce,
        secret_format: SecretFormat,
        environment: Environment,
        throttle: Throttle,
        clock: Clock,
    ) -> None:
        self._client_store = client_store
        self._introspection = introspection
        self._revocation = revocation
        self._changes = changes
        self._adoption = adoption
        self._announce = announce
        self._secret_format = secret_format
        self._token_format = TokenFormat(environment)
        self._other_tokens = TokenFormat(environment.other)
        self._other_secrets = SecretFormat(environment.other, pepper=None)
        self._throttle = throttle
        self._clock = clock

    async def inspect(self, texts: Sequence[str]) -> list[LeakedText]:
        """What each of *texts* is, in order."""
        active = await self._active(texts)
        found = []
        for text in texts:
            if self._other_tokens.matches(text):
                found.append(LeakedText(TextKind.ACCESS_TOKEN))
            elif self._other_secrets.id_of(text) is not None:
                found.append(LeakedText(TextKind.CLIENT_SECRET))
            elif self._token_format.matches(text):
                found.append(LeakedText(TextKind.ACCESS_TOKEN, _live_token(active.get(text))))
            elif (secret_id := self._secret_format.id_of(text)) is not None:
                found.append(LeakedText(TextKind.CLIENT_SECRET, await self._live_secret(secret_id, text)))
            else:
                found.append(LeakedText(TextKind.NEITHER))
        return found

    async def report(self, text: str, *, by: Caller, client_id: str = "") -> None:
        """Ends the token, or the secret and the tokens that it obtained, that *text* is; says nothing of what it was.

        Args:
            text: The token or the secret.
            by: Who reports it.
            client_id: Whose secret it is: one that was imported is found by this only. "" = nobody knows.

        Raises:
            Refusal: INVALID_REQUEST (no text), RATE_LIMITED (by the source).
        """
        if not text:
            raise invalid_request("text is missing: send the token or the secret.")
        check_source(by.source)
        wait = self._throttle.spend("", by.source, now=self._clock()) if by.actor == CLIENT_ACTOR else None
        if wait is not None:
            raise Refusal(Reason.RATE_LIMITED, "Too many reports from this source: wait.", retry_after=wait)
        if self._token_format.matches(text):
            await self._end_token(text, by=by)
            return
        if not self._secret_format.is_own(text):
            await self._adopt(text, client_id, by=by)
        else:
            secret_id = self._secret_format.id_of(text)
            client_id = (await self._client_store.client_of_secret(secret_id) if secret_id else None) or ""
        client = await self._client(client_id)
        if client is None:
            return
        verify = self._secret_format.verify
        secret = verify(text, client.secrets) or verify(text, client.retired_secrets)
        if secret is not None:
            await self._end_secret(client_id, secret.secret_id, by=by)

    async def _end_secret(self, client_id: str, secret_id: str, *, by: Caller) -> None:
        """Ends a secret, and the tokens that it obtained: they may live longer than it does."""
        selection = TokenSelection(secret_id=secret_id)

        def change(client: Client) -> Client:
            now = self._clock()
            # Again and again would end all tokens of the client in the end, by a secret that is good for nothing.
            if any(_is_over(retired, client, selection) for retired in client.retired_secrets):
                return client
            client = with_revocation(client, selection, now=now, or_everything=True)
            return client.without([secret for secret in client.secrets if secret.secret_id == secret_id], now=now)

        try:
            await self._changes.apply(client_id, change, Intent(kind=Kind.LEAK_REPORTED, by=by, secret_id=secret_id))
        except Refusal as refusal:
            # The client was deleted a moment ago, and it is as dead as it can be.
            if refusal.reason is not Reason.CLIENT_NOT_FOUND:
                raise

    async def _adopt(self, text: str, client_id: str, *, by: Caller) -> None:
        """Has a secret from another system, which does not say whose it is, known by our digest if it is one.

        Raises:
            Refusal: RATE_LIMITED (too many are being checked by slow hashes).
        """
        client = await self._client(client_id)
        try:
            if client is not None:
                await self._adoption.adopt(client, text, by=by)
        except AuthenticationFailed as weak:
            # It obtains nothing here, and is ended all the same: the trail then says so.
            await self._end_secret(client_id, weak.secret_id, by=by)
        except Refusal as refusal:
            # As above.
            if refusal.reason is not Reason.CLIENT_NOT_FOUND:
                raise

    async def _active(self, texts: Sequence[str]) -> Mapping[str, ActiveToken]:
        """Those of *texts* that are tokens which are good for anybody."""
        outcomes = await self._introspection.introspect([IntrospectionRequest(text) for text in texts])
        return {
            text: outcome for text, outcome in zip(texts, outcomes, strict=True) if isinstance(outcome, ActiveToken)
        }

    async def _client(self, client_id: str) -> Client | None:
        return (await self._client_store.get_many([client_id])).get(client_id) if clients.is_id(client_id) else None

    async def _end_token(self, text: str, *, by: Caller) -> None:
        live = (await self._active([text])).get(text)
        if live is None:
            return
        record = AuditRecord(
            at=self._clock(),
            kind=Kind.LEAK_REPORTED,
            client_id=live.token.client_id,
            actor=by.actor,
            source=by.source,
            request_id=by.request_id,
            secret_id=live.token.secret_id,
        )
        if await self._revocation.revoke(text, record=record):
            self._announce(record)

    async def _live_secret(self, secret_id: str, text: str) -> LiveText | None:
        """What the secret *text* could do; None when it is good for nothing."""
        client = await self._client(await self._client_store.client_of_secret(secret_id) or "")
        secret = self._secret_format.verify(text, client.secrets if client else ())
        if client is None or secret is None or client.disabled_at is not None or not secret.is_good(self._clock()):
            return None
        return LiveText(client.as_owner, " ".join(client.allowed_scopes), secret.expires_at, secret.secret_id)


def _live_token(token: ActiveToken | None) -> LiveText | None:
    if token is None:
        return None
    return LiveText(token.owner, " ".join(token.token.scopes), token.token.expires_at, token.token_id)


def _is_over(retired: RetiredSecret, client: Client, its_tokens: TokenSelection) -> bool:
    """Whether *its_tokens* were ended when *retired* was, or later: it got no more."""
    forgotten_at = retired.retired_at + client.tokens_are_known_for
    return retired.secret_id == its_tokens.secret_id and any(
        revocation.selection == its_tokens and revocation.forget_at >= forgotten_at for revocation in client.revocations
    )

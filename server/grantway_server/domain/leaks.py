"""Tokens and secrets that turned up where they should not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from grantway_server.domain.audit import Announce, AuditRecord, Caller, Kind
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.failure_throttle import FailureThrottle
from grantway_server.domain.ports import AuditTrail, ClientStore, Clock
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.secret_service import SecretService
from grantway_server.domain.token_service import ActiveToken, TokenService
from grantway_server.domain.tokens import TokenFormat

_MAX_SOURCE_LENGTH = 64


class TextKind(Enum):
    """What a text is."""

    NEITHER = auto()
    ACCESS_TOKEN = auto()
    CLIENT_SECRET = auto()


@dataclass(frozen=True, slots=True)
class LiveText:
    """What a token or a secret that is good could do."""

    client: Client
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
        token_service: TokenService,
        secret_service: SecretService,
        audit_trail: AuditTrail,
        announce: Announce,
        secret_format: SecretFormat,
        environment: Environment,
        throttle: FailureThrottle,
        clock: Clock,
    ) -> None:
        self._client_store = client_store
        self._token_service = token_service
        self._secret_service = secret_service
        self._audit_trail = audit_trail
        self._announce = announce
        self._secret_format = secret_format
        (other,) = set(Environment) - {environment}
        self._other_tokens, self._other_secrets = TokenFormat(other), SecretFormat(other, pepper=None)
        self._throttle = throttle
        self._clock = clock

    async def inspect(self, texts: Sequence[str]) -> list[LeakedText]:
        """What each of *texts* is, in order."""
        active = dict(zip(texts, await self._token_service.introspect(texts), strict=True))
        found = []
        for text in texts:
            if self._other_tokens.matches(text):
                found.append(LeakedText(TextKind.ACCESS_TOKEN))
            elif self._other_secrets.id_of(text) is not None:
                found.append(LeakedText(TextKind.CLIENT_SECRET))
            elif self._token_service.could_be_token(text):
                found.append(LeakedText(TextKind.ACCESS_TOKEN, _live_token(active[text])))
            elif self._secret_format.id_of(text) is not None:
                found.append(LeakedText(TextKind.CLIENT_SECRET, await self._live_secret(text)))
            else:
                found.append(LeakedText(TextKind.NEITHER))
        return found

    async def report(self, text: str, *, by: Caller) -> None:
        """Ends the token, or the secret and the tokens that it obtained, that *text* is; says nothing of what it was.

        Raises:
            Refusal: INVALID_REQUEST (no text), RATE_LIMITED (by the source).
        """
        if not text:
            raise invalid_request("text is missing: send the token or the secret.")
        if len(by.source) > _MAX_SOURCE_LENGTH:
            raise invalid_request(f"source is longer than {_MAX_SOURCE_LENGTH} characters.")
        if limited := self._throttle.failed("", by.source, now=self._clock()):
            raise Refusal(
                Reason.RATE_LIMITED, "Too many reports from this source: wait.", retry_after=limited.retry_after
            )
        if self._token_service.could_be_token(text):
            await self._end_token(text, by=by)
        elif (live := await self._live_secret(text)) is not None:
            try:
                await self._secret_service.retire(
                    live.client.client_id, live.text_id, by=by, revoke_tokens=True, kind=Kind.LEAK_REPORTED
                )
            except Refusal as refusal:
                # Somebody else was faster, and it is as dead as it can be.
                if refusal.reason not in {Reason.SECRET_NOT_FOUND, Reason.CLIENT_NOT_FOUND}:
                    raise

    async def _end_token(self, text: str, *, by: Caller) -> None:
        (live,) = await self._token_service.introspect([text])
        if live is None:
            return
        await self._token_service.revoke(text)
        record = AuditRecord(
            at=self._clock(),
            kind=Kind.LEAK_REPORTED,
            client_id=live.client.client_id,
            actor=by.actor,
            source=by.source,
            request_id=by.request_id,
            secret_id=live.token.secret_id,
        )
        await self._audit_trail.add([record])
        self._announce(record)

    async def _live_secret(self, text: str) -> LiveText | None:
        """What the secret *text* could do; None when it is none, or good for nothing."""
        secret_id = self._secret_format.id_of(text)
        client_id = None if secret_id is None else await self._client_store.client_of_secret(secret_id)
        client = None if client_id is None else (await self._client_store.get_many([client_id])).get(client_id)
        secret = self._secret_format.verify(text, client.secrets if client else ())
        if client is None or secret is None or not secret.is_good(self._clock()):
            return None
        return LiveText(client, " ".join(client.allowed_scopes), secret.expires_at, secret.secret_id)


def _live_token(token: ActiveToken | None) -> LiveText | None:
    if token is None:
        return None
    return LiveText(token.client, " ".join(token.token.scopes), token.token.expires_at, token.token_id)

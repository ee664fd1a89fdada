"""What is known of tokens, and of the clients who ask about them: read together.

One look however many tokens and clients they are (see `TokenStore.get_many`); a second one where a client is not
remembered or fails to authenticate itself. A client that is unknown takes as many as one whose secret is wrong. One
more, for clients of several secrets, writes down which one is in use (`use_notes`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from grantway_server.domain import clients, tokens
from grantway_server.domain import credentials as credential_rules
from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import AuthMethod, Client, as_owner
from grantway_server.domain.credentials import Credentials
from grantway_server.domain.ports import (
    NOTHING_STORED,
    ClientReader,
    Clock,
    EncodedPosition,
    TokenStore,
    Tombstone,
)
from grantway_server.domain.refusals import Refusal
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.domain.tokens import Token, TokenFormat
from grantway_server.domain.use_notes import UseNotes


@dataclass(slots=True)
class FoundTokens:
    """What a look-up found."""

    digests: Mapping[str, bytes]
    """Of each text that could be a token."""
    stored: Mapping[str, Token | Tombstone | None]
    """By their texts; None where there is none."""
    owners: Mapping[str, TokenOwner | None]
    """The clients of the tokens, by their ids, among others; None for one that does not exist any more."""
    callers: Sequence[Client | Refusal | None]
    """Whom the credentials are of, in their order; None where there were none."""
    position: EncodedPosition
    """Every revocation up to here is in it. Empty when the store was not asked."""
    now: datetime


class TokenLookup:
    """Reads tokens, and has it noted which secrets those who ask use.

    May raise `StorageUnavailable` and `UnreadableRecord`; nothing was noted then.
    """

    def __init__(  # noqa: PLR0913 - what it decides with, all of it injected.
        self,
        *,
        client_reader: ClientReader,
        token_store: TokenStore,
        authenticator: ClientAuthenticator,
        use_notes: UseNotes,
        token_format: TokenFormat,
        clock: Clock,
    ) -> None:
        self._client_reader = client_reader
        self._token_store = token_store
        self._authenticator = authenticator
        self._use_notes = use_notes
        self._token_format = token_format
        self._clock = clock

    async def look_up(
        self, texts: Sequence[str], credentials: Sequence[Credentials | None], *, with_owners: bool = True
    ) -> FoundTokens:
        """What *texts* are, and who asks by *credentials*.

        Args:
            texts: What is presented as tokens.
            credentials: What each of them is asked about with.
            with_owners: Whether it matters to whom the tokens belong and what became of them.
        """
        asking = any(credentials)
        digests = {text: tokens.digest(text) for text in texts if self._token_format.matches(text)}
        client_ids = (
            {one.client_id for one in credentials if one and clients.is_id(one.client_id)} if asking else set[str]()
        )
        found = NOTHING_STORED
        if digests or client_ids:
            found = await self._token_store.get_many(
                list(digests.values()), client_ids=list(client_ids), with_owners=with_owners
            )
        owners, now = found.owners, self._clock()
        callers: Sequence[Client | Refusal | None] = [None] * len(credentials)
        uses: Collection[tuple[Client, NewUse]] = ()
        failed = set[str]()
        if asking:
            callers, uses = self._authenticated(credentials, found.callers, now)
            # Who fails is read whatever is known of them: that nobody knows them must not be quicker to find out.
            failed = {
                one.client_id
                for one, caller in zip(credentials, callers, strict=True)
                if one and isinstance(caller, Refusal)
            }
        if to_read := failed.intersection(client_ids).union(found.owners_to_read):
            read = await self._client_reader.get_many(to_read)
            if found.owners_to_read:
                owners = {**owners, **{client_id: as_owner(read.get(client_id)) for client_id in found.owners_to_read}}
            if failed:
                callers, uses = self._authenticated(credentials, {**found.callers, **read}, now)
        if uses:
            await self._use_notes.take(uses)
        return FoundTokens(digests, dict(zip(digests, found.tokens, strict=True)), owners, callers, found.position, now)

    def _authenticated(
        self, credentials: Sequence[Credentials | None], known: Mapping[str, Client | None], now: datetime
    ) -> tuple[list[Client | Refusal | None], Collection[tuple[Client, NewUse]]]:
        """Whom *credentials* are of, and the uses of the secrets that they are, each with its client."""
        right = dict[tuple[str, str, AuthMethod | None], tuple[Client, Secret]]()
        callers: list[Client | Refusal | None] = []
        uses: dict[tuple[str, str], tuple[Client, NewUse]] = {}
        for one in credentials:
            if one is None:
                callers.append(None)
                continue
            # A batch has few callers. Each failure is one of its own.
            key = one.client_id, one.client_secret, one.auth_method
            try:
                credential_rules.check_shape(one)
                if key not in right:
                    right[key] = self._authenticator.authenticate(known.get(one.client_id), *key, now)
            except Refusal as refusal:
                callers.append(refusal)
                continue
            client, secret = right[key]
            callers.append(client)
            used = client.client_id, secret.secret_id
            uses[used] = client, NewUse(*used, 0, one.source, now)
        return callers, uses.values()

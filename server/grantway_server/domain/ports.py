"""What the domain needs of a store, and the only error that may come out of one.

Every store keeps these promises:
- No call blocks without a deadline: it answers or raises `StorageUnavailable` within a second.
- An absent thing, a present thing and a failure are three different outcomes; a failure is never reported as absence.
- What was acknowledged is seen by every later read, from any process.
- No text of a token or a secret is stored or logged; the store is never given one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from grantway_server.domain.clients import Client, Version
from grantway_server.domain.tokens import Token

Clock = Callable[[], datetime]
"""Returns the present moment, aware, in UTC."""


class StorageUnavailable(Exception):
    """The store did not answer in time or refused; whether a write was done is unknown. The cause is chained."""


class UnreadableRecord(Exception):
    """What the store holds is nothing that this version can read. The cause is chained."""


@dataclass(slots=True)
class StoredToken:
    """A token, and the state of its client at the same moment (see `tokens.Token` on why it is not frozen)."""

    token: Token
    client_version: Version
    """Empty when the client does not exist any more."""


class ClientReader(Protocol):
    """Reads clients: all that the token use cases need of them."""

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """Those of the clients that exist, as they are now, in one round trip however many are asked for.

        Raises:
            UnreadableRecord: One of them cannot be read.
        """

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """Those of the clients that were read before, as they were then, without a round trip.

        Good for as long as the store has them at their versions, which the stores of tokens tell: `TokenStore.add`
        writes only then, and `TokenStore.get_many` says at which they are.
        """


class ClientStore(ClientReader, Protocol):
    """Keeps clients. A client is written whole, and only over the version that it was made from."""

    async def put(self, client: Client) -> Client | None:
        """Stores *client* atomically if the stored version is still `client.version` (0: if there is none).

        Returns:
            The client as stored, with its new version; None if the stored version is another, and nothing changed.
        """

    async def delete(self, client: Client) -> bool:
        """Deletes *client* atomically if the stored version is still `client.version`; False if it is not."""

    async def page(self, *, after: str, limit: int) -> Sequence[Client]:
        """Up to *limit* clients whose ids sort behind *after* ("" = from the start), in the order of their ids.

        Fewer than *limit* only at the end. Never reads more than one page, however many clients there are.
        """


class TokenStore(Protocol):
    """Keeps what is known of tokens, under their digests, until they expire."""

    async def add(self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version]) -> bool:
        """Stores *tokens* (digest, token), each until it expires, in one round trip however many they are.

        Returns:
            False, and nothing is stored, when one of the clients in *versions* is not at its version any more.
        """

    async def get_many(self, digests: Sequence[bytes]) -> Sequence[StoredToken | None]:
        """The token of each digest, in one round trip however many they are; None where there is none (any more).

        May return a token that has expired: stores are late. Callers check.

        Raises:
            UnreadableRecord: One of them cannot be read.
        """

    async def remove(self, digest: bytes) -> None:
        """Forgets the token of *digest*; no error if there is none."""

"""Where a `TokenSource` gets its tokens."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from grantway.client import TokenClient
from grantway.tls import Tls


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token that was just issued."""

    text: str = field(repr=False)
    lifetime_seconds: float
    """From the moment on that it was asked for, at least."""


def issued_token(text: str, *, expires_in_seconds: float) -> IssuedToken:
    """A token of which the core says that it *expires_in_seconds*.

    The issue time is cut to the second, and the lifetime counts from there: up to a second of it may be over.
    """
    return IssuedToken(text, expires_in_seconds - 1)


class TokenIssuer(Protocol):
    """Issues tokens for one client and one scope."""

    async def issue(self) -> IssuedToken:
        """A new token.

        Raises:
            GrantwayError: There is none.
        """

    async def close(self) -> None:
        """Ends the connections."""


class GrpcIssuer:
    """Issues tokens by calls to the core.

    Args:
        core: Where the core is, as for `TokenClient`; or a `TokenClient`, which stays open when this is closed.
        client_id: Who asks.
        client_secret: Its secret.
        scope: What the tokens shall be good for, with spaces between; "" for the client's default.
        audiences: Whom they shall be meant for.
        timeout: How long one call to the core may take; of no use with a `TokenClient`.
        tls: How to call a core that speaks TLS; of no use with a `TokenClient`. None means plaintext.
    """

    def __init__(  # noqa: PLR0913 - what a token request says.
        self,
        core: str | TokenClient,
        *,
        client_id: str,
        client_secret: str,
        scope: str,
        audiences: tuple[str, ...],
        timeout: timedelta,
        tls: Tls | None,
    ) -> None:
        self._client = core if isinstance(core, TokenClient) else TokenClient(core, timeout=timeout, tls=tls)
        self._closes_client = self._client is not core
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._audiences = audiences

    async def issue(self) -> IssuedToken:
        """See `TokenIssuer`."""
        issued = await self._client.issue(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=self._scope,
            audiences=self._audiences,
        )
        return issued_token(issued.access_token, expires_in_seconds=issued.expires_in.ToTimedelta().total_seconds())

    async def close(self) -> None:
        """See `TokenIssuer`."""
        if self._closes_client:
            await self._client.close()

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
        self._core = core
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._audiences = audiences
        self._timeout = timeout
        self._tls = tls
        self._client: TokenClient | None = None

    async def issue(self) -> IssuedToken:
        """See `TokenIssuer`."""
        if self._client is None:
            self._client = (
                self._core
                if isinstance(self._core, TokenClient)
                else TokenClient(self._core, timeout=self._timeout, tls=self._tls)
            )
        issued = await self._client.issue(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=self._scope,
            audiences=self._audiences,
        )
        # The issue time is cut to the second, and the lifetime counts from there.
        return IssuedToken(issued.access_token, issued.expires_in.ToTimedelta().total_seconds() - 1)

    async def close(self) -> None:
        """See `TokenIssuer`."""
        if self._client is not None and self._client is not self._core:
            await self._client.close()

"""Holds a token for calls to other services, without asyncio."""

from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import Self

from grantway import token_source
from grantway.checked_arguments import DEFAULT_HTTP_TIMEOUT, DEFAULT_TIMEOUT, checked_address
from grantway.sync.in_background import InBackground
from grantway.tls import Tls


class TokenSource:
    """`grantway.TokenSource` for any number of threads. Make one by `over_grpc` or `over_http`.

    Making one starts and connects nothing; see `grantway.sync.TokenVerifier`.
    """

    def __init__(self, source: token_source.TokenSource) -> None:
        self._source = source
        self._background = InBackground(source.close)

    @classmethod
    def over_grpc(  # noqa: PLR0913 - what a token request says.
        cls,
        core: str,
        *,
        client_id: str,
        client_secret: str,
        scope: str = "",
        audiences: str | Iterable[str] = (),
        timeout: timedelta = DEFAULT_TIMEOUT,
        tls: Tls | None = None,
    ) -> Self:
        """See `grantway.TokenSource.over_grpc`; *core* is always an address."""
        return cls(
            token_source.TokenSource.over_grpc(
                checked_address(core),
                client_id=client_id,
                client_secret=client_secret,
                scope=scope,
                audiences=audiences,
                timeout=timeout,
                tls=tls,
            )
        )

    @classmethod
    def over_http(  # noqa: PLR0913 - what a token request says.
        cls,
        url: str,
        *,
        client_id: str,
        client_secret: str,
        scope: str = "",
        audiences: str | Iterable[str] = (),
        timeout: timedelta = DEFAULT_HTTP_TIMEOUT,
    ) -> Self:
        """See `grantway.TokenSource.over_http`."""
        return cls(
            token_source.TokenSource.over_http(
                url,
                client_id=client_id,
                client_secret=client_secret,
                scope=scope,
                audiences=audiences,
                timeout=timeout,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """See `grantway.TokenSource.close`."""
        self._background.close()

    def token(self) -> str:
        """See `grantway.TokenSource.token`. A token that is held is given on this thread."""
        return self._source.held() or self._background.run(self._source.token)

    def renewed(self, rejected: str) -> str:
        """See `grantway.TokenSource.renewed`."""
        return self._background.run(lambda: self._source.renewed(rejected))

"""Checks access tokens without asyncio."""

from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import Self

from grantway import token_verifier
from grantway.check_modes import IfUnreachable, Mode, fail_closed, watched
from grantway.checked_arguments import DEFAULT_TIMEOUT, checked_address
from grantway.sync.in_background import InBackground
from grantway.tls import Tls
from grantway.verified_token import VerifiedToken

_WATCHED = watched()
_FAIL_CLOSED = fail_closed()


class TokenVerifier:
    """`grantway.TokenVerifier` for any number of threads. Its arguments, but that *core* is always an address.

    Making one starts and connects nothing, so it may stand at the top of a module, also of one that is loaded before
    the process forks. It is closed when the program ends, or before.
    """

    def __init__(  # noqa: PLR0913 - all but one optional.
        self,
        core: str,
        *,
        audiences: str | Iterable[str] = (),
        mode: Mode = _WATCHED,
        if_unreachable: IfUnreachable = _FAIL_CLOSED,
        max_entries: int = 100_000,
        timeout: timedelta = DEFAULT_TIMEOUT,
        tls: Tls | None = None,
    ) -> None:
        self._verifier = token_verifier.TokenVerifier(
            checked_address(core),
            audiences=audiences,
            mode=mode,
            if_unreachable=if_unreachable,
            max_entries=max_entries,
            timeout=timeout,
            tls=tls,
        )
        self._background = InBackground(self._verifier.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """See `grantway.TokenVerifier.close`."""
        self._background.close()

    @property
    def watching(self) -> bool:
        """See `grantway.TokenVerifier.watching`."""
        return self._verifier.watching

    def verify(self, token: str, scopes: str | Iterable[str] = ()) -> VerifiedToken:
        """See `grantway.TokenVerifier.verify`. An answer that is held is given on this thread, in microseconds."""
        verified = self._verifier.held(token, scopes)
        if verified is None:
            verified = self._background.run(lambda: self._verifier.verify(token, scopes))
        return verified

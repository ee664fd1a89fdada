"""Holds a token for calls to other services, and sees to it that there is always a good one.

Rules:
1. Everybody gets the token that is held, as long as its time is not nearly over.
2. It is replaced early, at a moment that differs from process to process, behind the back of those who use it. While
   that fails it is tried again and again, and the old token goes on being used until its time is nearly over.
3. One request for a token is under way at most, however many wait for it.
4. After a failure there is a pause, longer each time; whoever needs a token meanwhile is told of the failure at once.
5. A token that was rejected is replaced at once; and one that replaces it only after a pause, longer each time: an API
   that rejects one new token after the other rejects something else, and would have them by the thousand.
"""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from types import TracebackType
from typing import Self

from grantway.checked_arguments import (
    DEFAULT_HTTP_TIMEOUT,
    DEFAULT_TIMEOUT,
    checked_audiences,
    checked_scope,
    checked_text,
)
from grantway.client import TokenClient
from grantway.elapsed_time import elapsed_seconds
from grantway.errors import Refused, Unreachable
from grantway.forks import let_go_in_children
from grantway.tls import Tls
from grantway.token_issuers import GrpcIssuer, TokenIssuer

_REFRESH_SHARES = (0.7, 0.85)
"""After which share of its life, between these two, a token is replaced."""

_MARGIN_SECONDS = 10.0
_MARGIN_SHARE = 0.1
"""A token is not handed out when less of its time is left: it has yet to travel, and what it opens takes time."""

_NO_HTTPX = "TokenSource.over_http needs an extra: in a checkout of grantway, pip install '.[httpx]'"

_MIN_PAUSE_SECONDS = 0.1
_MAX_PAUSE_SECONDS = 5.0

_MIN_AGE_SECONDS = 1.0
_MAX_AGE_SECONDS = 60.0
"""How old a token must be that replaces a rejected one before it is replaced for the same reason; between these two."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The token that is held, and when what happens to it, on the clock of `elapsed_time`."""

    text: str = field(repr=False)
    refresh_at: float
    usable_until: float


class TokenSource:
    """Holds a token for calls to other services. Make one by `over_grpc` or `over_http`.

    One instance serves a whole process; it lives on one event loop, that of its first use. Making one connects nobody.
    Close it in the end.
    """

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer
        self._held: _Held | None = None
        self._request: asyncio.Task[_Held | Exception] | None = None
        self._failure: Exception | None = None
        self._failures = 0
        self._next_try_at = 0.0
        self._rejected_at = -inf
        self._min_age_seconds = 0.0
        self._closed = False
        let_go_in_children(self)

    @classmethod
    def over_grpc(  # noqa: PLR0913 - what a token request says.
        cls,
        core: str | TokenClient,
        *,
        client_id: str,
        client_secret: str,
        scope: str = "",
        audiences: str | Iterable[str] = (),
        timeout: timedelta = DEFAULT_TIMEOUT,
        tls: Tls | None = None,
    ) -> Self:
        """A source that asks the core.

        Args:
            core: Where the core is, as for `TokenClient`; or a `TokenClient`, which closing the source leaves open.
            client_id: Who asks.
            client_secret: Its secret.
            scope: What the tokens shall be good for, with spaces between; "" for the client's default.
            audiences: Whom they shall be meant for.
            timeout: How long one call to the core may take; of no use with a `TokenClient`.
            tls: How to call a core that speaks TLS; of no use with a `TokenClient`. None means plaintext.

        Raises:
            ValueError: *core* is no address, or *timeout* not above 0.
            TypeError: *timeout* is no timedelta, *scope* not one text, or *client_id*, *client_secret* or one of
                *audiences* none.
            BadTlsFile: A file of *tls* cannot be used.
        """
        return cls(
            GrpcIssuer(
                core,
                client_id=checked_text("client_id", client_id),
                client_secret=checked_text("client_secret", client_secret),
                scope=checked_scope(scope),
                audiences=checked_audiences(audiences),
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
        """A source that asks the gateway. Needs the extra `httpx`.

        Args:
            url: Where the gateway is, like `https://auth.example.com`. Plain HTTP is for loopback and trusted networks.
            client_id: Who asks.
            client_secret: Its secret.
            scope: What the tokens shall be good for, with spaces between; "" for the client's default.
            audiences: Whom they shall be meant for; all but the first as a URI.
            timeout: How long one request may take.

        Raises:
            ValueError: *url* is not one of HTTP, or *timeout* not above 0.
            TypeError: *timeout* is no timedelta, *scope* not one text, or *client_id*, *client_secret* or one of
                *audiences* none.
        """
        try:
            from grantway.http_issuer import HttpIssuer  # noqa: PLC0415 - needs an extra.
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(_NO_HTTPX, name=error.name) from None
        return cls(
            HttpIssuer(
                url,
                client_id=checked_text("client_id", client_id),
                client_secret=checked_text("client_secret", client_secret),
                scope=checked_scope(scope),
                audiences=checked_audiences(audiences),
                timeout=timeout,
            )
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Gives up what is under way and ends the connections, but not those of a `TokenClient` that was given."""
        self._closed = True
        self._held = None
        if self._request is not None:
            self._request.cancel()
            await asyncio.wait([self._request])
        await self._issuer.close()

    async def token(self) -> str:
        """A token that will be good for some time yet.

        Raises:
            Refused: There is none that may be used, and no new one is given.
            Unreachable: There is none that may be used, and nobody answered in time.
        """
        held, now = self._held, elapsed_seconds()
        if held is None or now >= held.usable_until:
            return await self._new_token()
        if now >= held.refresh_at and now >= self._next_try_at:
            self._ask()
        return held.text

    def held(self) -> str | None:
        """What `token` would return at once; None when it has something to do. May be called on any thread."""
        held = self._held
        return held.text if held is not None and elapsed_seconds() < min(held.refresh_at, held.usable_until) else None

    async def renewed(self, rejected: str) -> str:
        """A token other than *rejected*, for one more try after a 401.

        It is *rejected* itself while that is a new one that replaced a rejected one a moment ago: what is wrong then is
        not the token.

        Raises:
            Refused: No new one is given.
            Unreachable: Nobody answered in time.
        """
        if self._held is not None and self._held.text == rejected and self._is_discarded():
            self._held = None
        return await self.token()

    def let_go(self) -> None:
        """Drops the token, in a process that was forked: nobody there will replace it."""
        self._held = None

    def _is_discarded(self) -> bool:
        """Whether the token that is held is given up, now that it was rejected."""
        now = elapsed_seconds()
        seconds = now - self._rejected_at
        if seconds < self._min_age_seconds:
            return False
        # A token that was good for long is another matter than one that never was.
        was_good = seconds > _MAX_AGE_SECONDS
        self._min_age_seconds = _MIN_AGE_SECONDS if was_good else min(2 * self._min_age_seconds, _MAX_AGE_SECONDS)
        self._rejected_at = now
        return True

    async def _new_token(self) -> str:
        if self._closed:
            raise Unreachable("the token source was closed")
        if self._request is None and self._failure is not None and elapsed_seconds() < self._next_try_at:
            raise self._failure.with_traceback(None)
        # Nobody's own cancellation is the cancellation of all.
        outcome = await asyncio.shield(self._ask())
        if isinstance(outcome, Exception):
            raise outcome.with_traceback(None)
        return outcome.text

    def _ask(self) -> "asyncio.Task[_Held | Exception]":
        """Asks for a token, unless that is under way."""
        if self._request is None:
            self._request = asyncio.get_running_loop().create_task(self._carry_out())
        return self._request

    async def _carry_out(self) -> _Held | Exception:
        asked_at = elapsed_seconds()
        try:
            issued = await self._issuer.issue()
        except asyncio.CancelledError:
            # Nobody cancels this but `close`.
            return Unreachable("the token source was closed")
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait for it.
            self._note_failure(error)
            return error
        finally:
            self._request = None
        lifetime_seconds = issued.lifetime_seconds
        share = random.uniform(*_REFRESH_SHARES)  # noqa: S311 - nothing secret.
        self._held = _Held(
            issued.text,
            refresh_at=asked_at + share * lifetime_seconds,
            usable_until=asked_at + lifetime_seconds - min(_MARGIN_SECONDS, _MARGIN_SHARE * lifetime_seconds),
        )
        self._failure, self._failures = None, 0
        return self._held

    def _note_failure(self, error: Exception) -> None:
        pause_seconds = min(_MIN_PAUSE_SECONDS * 2**self._failures, _MAX_PAUSE_SECONDS)
        pause_seconds *= random.uniform(0.5, 1)  # noqa: S311 - nothing secret.
        if isinstance(error, Refused) and error.retry_after is not None:
            pause_seconds = max(pause_seconds, error.retry_after.total_seconds())
        self._failure, self._failures = error, min(self._failures + 1, 10)
        self._next_try_at = elapsed_seconds() + pause_seconds

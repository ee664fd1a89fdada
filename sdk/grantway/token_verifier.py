"""Checks access tokens: asks the core, and knows when it need not ask."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import time
from types import TracebackType
from typing import NamedTuple, Self

from grantway.access_token import digest_of, is_well_formed
from grantway.check_modes import IfUnreachable, Mode, fail_closed, watched
from grantway.checked_arguments import DEFAULT_TIMEOUT, checked_audiences, checked_count, scopes_in
from grantway.client import TokenClient
from grantway.elapsed_time import elapsed_seconds
from grantway.errors import GrantwayError, InsufficientScope, InvalidToken, Refused, Unreachable
from grantway.held_answers import Answer, HeldAnswers
from grantway.revocation_watch import RevocationWatch
from grantway.shared_reads import SharedReads
from grantway.tls import Tls
from grantway.v1 import error_reason_pb2, token_service_pb2_grpc
from grantway.v1 import token_service_pb2 as pb
from grantway.verified_token import VerifiedToken, verified_from

_WATCHED = watched()
_FAIL_CLOSED = fail_closed()
_NOT_ACTIVE = "the token is not active"
_MALFORMED = "the token is malformed"


class _Moment(NamedTuple):
    """When a question was asked: counted in what happened to the answers, and on the clock of `elapsed_time`."""

    number: int
    at: float


class TokenVerifier:
    """Says whether a token is good, whose it is and what it may do.

    One instance serves a whole process; it lives on one event loop, that of its first check or of `async with`. Making
    one connects nobody, so it may stand at the top of a module. Close it in the end.

    A token that is malformed (see `grantway.access_token`) is refused without a question to anybody. The live and the
    test environment cannot be told apart here: a token of the other one is well formed, and the core refuses it.

    Args:
        core: Where the core is, as for `TokenClient`; or a `TokenClient`, which stays open when this is closed.
        audiences: What this service is: a token that is meant for others only is not active. One without an
            audience, which is meant for nobody in particular, passes: have clients ask for one. Without any here all
            pass; look at `VerifiedToken.audiences` yourself.
        mode: How long answers are used again: `watched()`, `strict()` or `bounded(seconds)`.
        if_unreachable: What happens while no core answers: `fail_closed()` or `stale_if_unreachable(seconds)`.
        max_entries: How many answers about good tokens are held, a kilobyte each; and a tenth as many about others.
        timeout: How long one call to the core may take; of no use with a `TokenClient`.
        tls: How to call a core that speaks TLS; of no use with a `TokenClient`. None means plaintext.

    Raises:
        ValueError: *core* is no address, or *timeout* or *max_entries* not above 0.
        TypeError: *timeout* is no timedelta, *max_entries* no int, *mode* or *if_unreachable* none of those, or one of
            *audiences* no text.
        BadTlsFile: A file of *tls* cannot be used.
    """

    def __init__(  # noqa: PLR0913 - all but one optional.
        self,
        core: str | TokenClient,
        *,
        audiences: str | Iterable[str] = (),
        mode: Mode = _WATCHED,
        if_unreachable: IfUnreachable = _FAIL_CLOSED,
        max_entries: int = 100_000,
        timeout: timedelta = DEFAULT_TIMEOUT,
        tls: Tls | None = None,
    ) -> None:
        if not isinstance(mode, Mode):
            raise TypeError("mode must be what watched(), strict() or bounded(seconds) returns")
        if not isinstance(if_unreachable, IfUnreachable):
            raise TypeError("if_unreachable must be what fail_closed() or stale_if_unreachable(seconds) returns")
        max_entries = checked_count("max_entries", max_entries)
        self._client = core if isinstance(core, TokenClient) else TokenClient(core, timeout=timeout, tls=tls)
        self._closes_client = self._client is not core
        self._audiences = checked_audiences(audiences)
        self._mode = mode
        self._stale_seconds = if_unreachable.stale_seconds
        self._holds = mode.lifetime_seconds > 0 or self._stale_seconds > 0
        self._answers = HeldAnswers(max_entries, told=mode.heartbeat_timeout_seconds is None)
        self._reads: SharedReads[bytes, _Moment, Answer] = SharedReads(moment=self._now, suits=self._suits)
        self._watch: RevocationWatch | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the watch, and the connections unless they are those of a `TokenClient` that was given."""
        self._closed = True
        if self._watch is not None:
            await self._watch.close()
        if self._closes_client:
            await self._client.close()

    @property
    def watching(self) -> bool:
        """Whether the stream of revocations is alive, so that answers are used again; False in the other modes."""
        return self._watch is not None and elapsed_seconds() < self._watch.believed_until

    async def verify(self, token: str, scopes: str | Iterable[str] = ()) -> VerifiedToken:
        """What *token* is: it is good, and may do all of *scopes* (or of the words of one text).

        Raises:
            InvalidToken: It is malformed, or not active.
            InsufficientScope: It lacks one of *scopes*.
            Unreachable: No core answered in time, so nobody knows.
            Refused: The core could not answer, like STORAGE_UNAVAILABLE; nobody knows either.
            RuntimeError: The verifier, or the `TokenClient` that it was given, is in use on another event loop.
        """
        digest = digest_of(token)
        if digest is None:
            raise InvalidToken(_MALFORMED)
        answer = self._fresh(digest) or await self._ask(token, digest)
        return _allowed(answer, scopes)

    def held(self, token: str, scopes: str | Iterable[str] = ()) -> VerifiedToken | None:
        """What `verify` would answer at once; None when it would have to ask. May be called on any thread.

        Raises:
            InvalidToken: As `verify`.
            InsufficientScope: As `verify`.
        """
        digest = digest_of(token)
        if digest is None:
            raise InvalidToken(_MALFORMED)
        answer = self._fresh(digest)
        return None if answer is None else _allowed(answer, scopes)

    def _fresh(self, digest: bytes) -> Answer | None:
        """The answer that is held, if it may be given without a question."""
        answer = self._answers.find(digest)
        if answer is None:
            return None
        now = elapsed_seconds()
        believed_until = (
            answer.asked_at + self._mode.lifetime_seconds if self._watch is None else self._watch.believed_until
        )
        return answer if now < believed_until and _is_running(answer, now) else None

    async def _ask(self, token: str, digest: bytes) -> Answer:
        if not is_well_formed(token):
            raise InvalidToken(_MALFORMED)
        if self._closed:
            raise Unreachable("the verifier was closed")
        self._open()
        try:
            return await self._reads.answer(digest, lambda moment: self._read(token, digest, moment))
        except GrantwayError as error:
            if answer := self._stale(digest, error):
                return answer
            raise

    async def _read(self, token: str, digest: bytes, moment: _Moment) -> Answer:
        checked_at = datetime.now(UTC)
        said = await self._client.introspect(token, audiences=self._audiences)
        verified = verified_from(said, checked_at=checked_at) if said.active else None
        if self._holds:
            held = verified and replace(verified, from_cache=True)
            self._answers.keep(_answer(digest, held, said, moment), since=moment.number)
        return _answer(digest, verified, said, moment)

    def _suits(self, moment: _Moment) -> bool:
        """Whether an answer that was asked for at *moment*, and is still to come, is good enough for a check now."""
        if self._mode.heartbeat_timeout_seconds is None:
            return elapsed_seconds() < moment.at + self._mode.lifetime_seconds
        return self.watching and moment.number == self._answers.moment

    def _stale(self, digest: bytes, error: GrantwayError) -> Answer | None:
        """An answer that is held and may be given although nobody says whether it still holds."""
        if isinstance(error, Refused) and error.reason != error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE:
            return None
        answer = self._answers.find(digest)
        if answer is None:
            return None
        now = elapsed_seconds()
        known_at = answer.asked_at if self._watch is None else max(answer.asked_at, self._watch.vouched_at)
        return answer if now < known_at + self._stale_seconds and _is_running(answer, now) else None

    def _now(self) -> _Moment:
        return _Moment(self._answers.moment, elapsed_seconds())

    def _open(self) -> None:
        """Follows the revocations, on the running loop, unless that is done."""
        if self._watch is None and self._mode.heartbeat_timeout_seconds is not None:
            stub: token_service_pb2_grpc.TokenServiceAsyncStub = token_service_pb2_grpc.TokenServiceStub(
                self._client.channel
            )
            self._watch = RevocationWatch(
                stub.WatchRevocations, self._answers, timeout_seconds=self._mode.heartbeat_timeout_seconds
            )
            self._watch.open()


def _answer(digest: bytes, verified: VerifiedToken | None, said: pb.IntrospectTokenResponse, moment: _Moment) -> Answer:
    if verified is None:
        return Answer(digest, None, asked_at=moment.at)
    expires_at = verified.expires_at.timestamp()
    # The core counts by the clock that decides; the clock of this machine may be slow. An older core does not say.
    left_seconds = (
        said.remaining_milliseconds / 1000
        if said.HasField("remaining_milliseconds")
        else expires_at - verified.checked_at.timestamp()
    )
    return Answer(digest, verified, asked_at=moment.at, over_at=moment.at + left_seconds, expires_at=expires_at)


def _is_running(answer: Answer, now: float) -> bool:
    """Whether the time of the token is not over, by either clock: that of this machine can only shorten it."""
    return now < answer.over_at and time() < answer.expires_at


def _allowed(answer: Answer, scopes: str | Iterable[str]) -> VerifiedToken:
    if answer.token is None:
        raise InvalidToken(_NOT_ACTIVE)
    if scopes:
        required = scopes_in(scopes)
        if not answer.token.scopes.issuperset(required):
            raise InsufficientScope(required)
    return answer.token

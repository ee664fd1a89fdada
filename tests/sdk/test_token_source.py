"""When a `TokenSource` asks for a token, and what it hands out meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest

from grantway import GrantwayError, Refused, TokenSource, Unreachable
from grantway.token_issuers import IssuedToken
from grantway.v1 import error_reason_pb2

_LIFETIME_SECONDS = 1_000.0


class Issuer:
    """Issues one token after the other, when the test lets it.

    Attributes:
        asked: How often it was asked.
        open: Cleared, it keeps whoever asks waiting.
        failure: What it says instead of a token.
        lifetime_seconds: Of the next token.
        closed: Whether it was closed.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()
        self.failure: Exception | None = None
        self.lifetime_seconds = _LIFETIME_SECONDS
        self.closed = False

    async def issue(self) -> IssuedToken:
        """See `TokenIssuer`."""
        self.asked += 1
        number = self.asked
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        return IssuedToken(f"token {number}", self.lifetime_seconds)

    async def close(self) -> None:
        """See `TokenIssuer`."""
        self.closed = True


class Clock:
    """Tells what time it is, which moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        """Now."""
        return self.seconds


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("grantway.token_source.elapsed_seconds", clock)
    return clock


@pytest.fixture(name="issuer")
def _issuer() -> Issuer:
    return Issuer()


@pytest.fixture(name="source")
async def _source(issuer: Issuer, clock: Clock) -> AsyncIterator[TokenSource]:  # noqa: ARG001 - it stands still.
    async with TokenSource(issuer) as source:
        yield source


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def _outcome(source: TokenSource) -> str:
    try:
        return await source.token()
    except GrantwayError as error:
        return str(error)


async def test_a_token_is_asked_for_once(source: TokenSource, issuer: Issuer) -> None:
    """By the first who needs it; all who come while it is under way share it, and so do all who come later."""
    tokens = await asyncio.gather(*(source.token() for _ in range(100)))

    assert ({"token 1"}, "token 1", 1) == (set(tokens), await source.token(), issuer.asked)


@pytest.mark.parametrize(
    ("life", "token", "later"),
    [
        pytest.param(0.69, "token 1", "token 1", id="young"),
        pytest.param(0.86, "token 1", "token 2", id="old-enough-to-be-replaced"),
        pytest.param(0.9899, "token 1", "token 2", id="nearly-over"),
        pytest.param(0.9901, "token 2", "token 2", id="about-to-end"),
        pytest.param(2, "token 2", "token 2", id="ended"),
    ],
)
async def test_a_token_is_replaced_early(
    source: TokenSource, clock: Clock, life: float, token: str, later: str
) -> None:
    """Nobody waits for it while the old one can be used; one that is about to end is not handed out."""
    await source.token()
    clock.seconds += life * _LIFETIME_SECONDS
    first = await source.token()
    await _settled()

    assert (token, later) == (first, await source.token())


@pytest.mark.parametrize(
    ("lifetime_seconds", "usable_seconds"),
    [pytest.param(10_000, 9_990, id="long"), pytest.param(50, 45, id="short"), pytest.param(1, 0.9, id="very-short")],
)
async def test_how_much_of_a_life_is_left_over_depends_on_it(
    source: TokenSource, issuer: Issuer, clock: Clock, lifetime_seconds: float, usable_seconds: float
) -> None:
    """Ten seconds of a long one, a tenth of a short one."""
    issuer.lifetime_seconds = lifetime_seconds
    await source.token()
    issuer.open.clear()
    clock.seconds += usable_seconds - 0.01
    before = await source.token()
    clock.seconds += 0.02
    after = asyncio.create_task(source.token())
    await _settled()

    assert ("token 1", False) == (before, after.done())
    issuer.open.set()
    assert await after == "token 2"


async def test_a_token_whose_life_is_over_when_it_comes_is_given_to_those_who_wait(
    source: TokenSource, issuer: Issuer
) -> None:
    """There is no better one; the next caller asks again, and nobody goes in circles."""
    issuer.lifetime_seconds = 0

    assert ["token 1", "token 2"] == [await source.token(), await source.token()]


async def test_sources_replace_their_tokens_at_different_moments(clock: Clock) -> None:
    """Of processes that started together not all ask together."""
    refreshed = []
    for _ in range(200):
        issuer = Issuer()
        source = TokenSource(issuer)
        await source.token()
        clock.seconds += 0.775 * _LIFETIME_SECONDS
        await source.token()
        await _settled()
        refreshed.append(issuer.asked == 2)
        await source.close()

    assert 50 < sum(refreshed) < 150


async def test_while_it_cannot_be_replaced_a_token_goes_on_being_used(
    source: TokenSource, issuer: Issuer, clock: Clock
) -> None:
    """It is tried again and again, with pauses, until one is about to be without a token; then the failure is told."""
    await source.token()
    issuer.failure = Unreachable("no core answered in time")
    outcomes = []
    for life in (0.86, 0.86, 0.9, 0.95, 0.989, 0.991):
        clock.seconds = 1_000_000 + life * _LIFETIME_SECONDS
        outcomes.append(await _outcome(source))
        await _settled()
    asked = issuer.asked
    issuer.failure = None
    clock.seconds += 5

    assert (["token 1"] * 5 + ["no core answered in time"], 6) == (outcomes, asked)
    assert await source.token() == "token 7"


async def test_after_a_failure_there_is_a_pause(source: TokenSource, issuer: Issuer, clock: Clock) -> None:
    """Whoever needs a token meanwhile is told of it at once; the pauses grow, up to five seconds."""
    issuer.failure = Unreachable("no core answered in time")
    asked_at = []
    for _ in range(4_000):
        asked = issuer.asked
        assert await _outcome(source) == "no core answered in time"
        if issuer.asked > asked:
            asked_at.append(clock.seconds)
        clock.seconds += 0.01
    pauses = [later - earlier for earlier, later in pairwise(asked_at)]

    assert pauses[0] < 0.12
    assert all(2.4 < pause < 5.1 for pause in pauses[6:])


async def test_a_pause_that_the_service_asks_for_is_kept(source: TokenSource, issuer: Issuer, clock: Clock) -> None:
    """As its Retry-After says."""
    issuer.failure = Refused(error_reason_pb2.ERROR_REASON_RATE_LIMITED, "Wait.", timedelta(seconds=60))
    outcomes = [await _outcome(source)]
    issuer.failure = None
    for seconds in (59, 2):
        clock.seconds += seconds
        outcomes.append(await _outcome(source))

    assert ["RATE_LIMITED: Wait.", "RATE_LIMITED: Wait.", "token 2"] == outcomes


async def test_an_error_of_any_kind_reaches_whoever_waits(source: TokenSource, issuer: Issuer) -> None:
    """And the next one asks again, after the pause."""
    issuer.failure = KeyError("not of ours")
    outcomes = await asyncio.gather(source.token(), source.token(), return_exceptions=True)

    assert [KeyError, KeyError] == [type(outcome) for outcome in outcomes]


async def test_a_token_that_was_rejected_is_replaced_once_for_all(source: TokenSource, issuer: Issuer) -> None:
    """Whoever was rejected with the old one and comes late is given the new one, without a question."""
    old = await source.token()
    renewed = await asyncio.gather(*(source.renewed(old) for _ in range(10)))

    assert ({"token 2"}, "token 2", "token 2", 2) == (
        set(renewed),
        await source.renewed(old),
        await source.token(),
        issuer.asked,
    )


async def test_a_token_that_was_rejected_is_never_handed_out_again(source: TokenSource, issuer: Issuer) -> None:
    """Also when there is no other."""
    old = await source.token()
    issuer.failure = Unreachable("no core answered in time")
    with pytest.raises(Unreachable):
        await source.renewed(old)

    assert await _outcome(source) == "no core answered in time"


async def test_an_api_that_rejects_every_token_gets_few(source: TokenSource, issuer: Issuer, clock: Clock) -> None:
    """The first one is replaced at once; then there are pauses, each twice as long, up to a minute."""
    token, asked_at = await source.token(), []
    began_at = clock.seconds
    while clock.seconds < began_at + 250:
        renewed = await source.renewed(token)
        if renewed != token:
            asked_at.append(clock.seconds - began_at)
        token = renewed
        clock.seconds += 0.25

    assert [0, 1, 3, 7, 15, 31, 63, 123, 183, 243] == asked_at
    assert issuer.asked == 1 + len(asked_at)


async def test_a_token_that_was_good_for_a_while_is_replaced_at_once(source: TokenSource, clock: Clock) -> None:
    """Whatever happened before: it was revoked."""
    tokens = [await source.token()]
    for seconds in (0, 0.5, 1, 61, 0.5, 61):
        clock.seconds += seconds
        tokens.append(await source.renewed(tokens[-1]))

    assert ["token 1", "token 2", "token 2", "token 3", "token 4", "token 4", "token 5"] == tokens


async def test_what_can_be_had_at_once_is_held(source: TokenSource, clock: Clock) -> None:
    """Not a token that is to be replaced: somebody has to ask."""
    outcomes = [source.held()]
    await source.token()
    outcomes.append(source.held())
    clock.seconds += 0.86 * _LIFETIME_SECONDS
    outcomes.append(source.held())

    assert [None, "token 1", None] == outcomes


async def test_a_caller_that_leaves_takes_nobody_with_it(source: TokenSource, issuer: Issuer) -> None:
    """The token comes all the same, for the next one."""
    issuer.open.clear()
    leaving = asyncio.create_task(source.token())
    await _settled()
    leaving.cancel()
    await asyncio.wait([leaving])
    issuer.open.set()

    assert (True, "token 1") == (leaving.cancelled(), await source.token())


async def test_closing_ends_the_waiting(issuer: Issuer) -> None:
    """With an error that says so; nothing is handed out any more."""
    issuer.open.clear()
    source = TokenSource(issuer)
    waiting = asyncio.create_task(_outcome(source))
    await _settled()
    await source.close()
    await source.close()

    assert ["the token source was closed"] * 2 == [await waiting, await _outcome(source)]
    assert issuer.closed


async def test_a_token_is_in_no_repr(source: TokenSource) -> None:
    """It may be logged with whatever holds it."""
    token = await source.token()

    assert token not in f"{vars(source)}{IssuedToken(token, 1)}"

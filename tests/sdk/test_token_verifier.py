"""`TokenVerifier` against a core whose answers and revocations the test decides."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self, cast

import pytest

from grantway import (
    GrantwayError,
    InsufficientScope,
    InvalidToken,
    Refused,
    TokenClient,
    TokenVerifier,
    Unreachable,
    VerifiedToken,
    bounded,
    stale_if_unreachable,
    strict,
    watched,
)
from grantway.check_modes import Mode
from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from tests.arrival import arrived
from tests.revocation_bound import RevocationBound
from tests.sdk.core_in_process import PATIENT, until_ready
from tests.sdk.told_core import (
    HEARTBEAT_SECONDS,
    ToldCore,
    a_token,
    active,
    changed_client,
    revoked_token,
    revoked_tokens,
    serving,
    token_id,
    told_core,
)

_TOKEN, _SIBLING, _STRANGER, _DEAD = map(a_token, range(4))
"""The first two are of one client, the third is of another, the fourth is not good."""

_TIMEOUT_SECONDS = 0.6
_WATCHED = watched(heartbeat_timeout_seconds=_TIMEOUT_SECONDS)
_MODES = [
    pytest.param(strict(), id="strict"),
    pytest.param(_WATCHED, id="watched"),
    pytest.param(bounded(60), id="bounded"),
]


@pytest.fixture(name="core")
async def _core() -> AsyncIterator[ToldCore]:
    async with told_core() as core:
        core.answers = {
            _TOKEN: active(_TOKEN),
            _SIBLING: active(_SIBLING),
            _STRANGER: active(_STRANGER, client_id="svc_live_b"),
        }
        yield core


@asynccontextmanager
async def _verifying(core: ToldCore, mode: Mode = _WATCHED, **options: object) -> AsyncIterator[TokenVerifier]:
    """A verifier that is connected, and whose watch, if it has one, is alive.

    gRPC gives a connection half a second and then fails what waits for it, whatever the timeout of the call.
    """
    async with TokenVerifier(core.address, mode=mode, timeout=PATIENT, **options) as verifier:  # type: ignore[arg-type]
        await until_ready(verifier._client)  # noqa: SLF001 - a verifier connects nobody before it is asked.
        if mode.heartbeat_timeout_seconds is not None:
            await _until(lambda: verifier.watching)
        yield verifier


async def _until(condition: Callable[[], bool], *, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is no event for it.
            await asyncio.sleep(0.002)


async def _outcome(verifier: TokenVerifier, token: str = _TOKEN) -> str:
    """What a check says, as a word that can be compared."""
    try:
        return "cached" if (await verifier.verify(token)).from_cache else "asked"
    except GrantwayError as error:
        return type(error).__name__


async def _outcomes(verifier: TokenVerifier, *tokens: str) -> list[str]:
    return [await _outcome(verifier, token) for token in tokens]


def _answer(caller: "asyncio.Task[VerifiedToken]") -> str:
    return "good" if caller.exception() is None else type(caller.exception()).__name__


async def test_a_good_token_is_seen_whole(core: ToldCore) -> None:
    """All that the core says, the second time from what is held; the token itself is in none of it."""
    async with _verifying(core, audiences=["https://api.example.com"]) as verifier:
        before = datetime.now(UTC)
        first, second = await verifier.verify(_TOKEN, ["a"]), await verifier.verify(_TOKEN, "a b")

    said = core.answers[_TOKEN]
    assert before <= first.checked_at <= datetime.now(UTC)
    assert first == VerifiedToken(
        client_id="svc_live_a",
        client_name="Concierge",
        organization="acme",
        scopes=frozenset({"a", "b"}),
        audiences=("https://api.example.com",),
        issued_at=said.issue_time.ToDatetime(UTC),
        expires_at=said.expire_time.ToDatetime(UTC),
        token_id=token_id(_TOKEN),
        environment="live",
        position=b"1-0:00000000",
        checked_at=first.checked_at,
        from_cache=False,
    )
    assert (replace(first, from_cache=True), [[_TOKEN]], ["https://api.example.com"]) == (
        second,
        core.asked,
        core.audiences,
    )
    assert _TOKEN not in f"{first!r}{vars(verifier)!r}"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("Bearer " + _TOKEN, id="with-the-scheme"),
        pytest.param(_TOKEN[:-1], id="cut-off"),
        pytest.param(_TOKEN[:-1] + ("0" if _TOKEN[-1] != "0" else "1"), id="with-a-wrong-checksum"),
        pytest.param(_TOKEN.upper(), id="in-capitals"),
        pytest.param(_TOKEN[:-1] + "\n", id="with-a-newline"),
        pytest.param(_TOKEN[:-1] + "é", id="not-ascii"),
        pytest.param(_TOKEN[:-1] + "\ud800", id="not-text"),
        pytest.param("x" * 10_000_000, id="enormous"),
    ],
)
@pytest.mark.parametrize("mode", _MODES)
async def test_what_is_no_token_is_refused_without_a_question(core: ToldCore, mode: Mode, token: str) -> None:
    """Its form or its checksum says so."""
    async with _verifying(core, mode) as verifier:
        with pytest.raises(InvalidToken) as caught:
            await verifier.verify(token)

    assert ("the token is malformed", []) == (str(caught.value), core.asked)


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        pytest.param(list, None, id="none"),
        pytest.param(lambda: ["a"], None, id="one-of-them"),
        pytest.param(lambda: ("b", "a"), None, id="all"),
        pytest.param(lambda: "a b", None, id="words-of-a-text"),
        pytest.param(lambda: iter(["a"]), None, id="an-iterator"),
        pytest.param(lambda: ["a", "c"], ("a", "c"), id="one-that-it-lacks"),
        pytest.param(lambda: "c", ("c",), id="a-text-that-it-lacks"),
        pytest.param(lambda: iter(["d"]), ("d",), id="an-iterator-that-it-lacks"),
    ],
)
@pytest.mark.parametrize("asked_before", [pytest.param(False, id="asked"), pytest.param(True, id="held")])
async def test_a_token_must_have_all_scopes(
    core: ToldCore, scopes: Callable[[], Iterable[str]], missing: tuple[str, ...] | None, *, asked_before: bool
) -> None:
    """Whether the answer was held or not. The error says what is needed."""
    async with _verifying(core) as verifier:
        if asked_before:
            await verifier.verify(_TOKEN)
        try:
            await verifier.verify(_TOKEN, scopes())
        except InsufficientScope as error:
            assert missing == error.required  # noqa: PT017 - it may be raised or not.
        else:
            assert missing is None


@pytest.mark.parametrize(
    ("mode", "questions"),
    [
        pytest.param(strict(), 6, id="strict"),
        pytest.param(_WATCHED, 2, id="watched"),
        pytest.param(bounded(60), 2, id="bounded"),
    ],
)
async def test_an_answer_is_used_again_as_the_mode_says(core: ToldCore, mode: Mode, questions: int) -> None:
    """Of a token that is good, and of one that is not."""
    async with _verifying(core, mode) as verifier:
        outcomes = await _outcomes(verifier, *[_TOKEN, _DEAD] * 3)

    later = "asked" if mode == strict() else "cached"
    assert (["asked", *["InvalidToken", later] * 2, "InvalidToken"], questions) == (outcomes, core.questions())


async def test_a_bounded_answer_is_used_for_so_long(core: ToldCore) -> None:
    """A token that was revoked lives for at most that time; nothing is watched."""
    async with _verifying(core, bounded(0.2)) as verifier:
        before = await _outcomes(verifier, _TOKEN, _TOKEN)
        core.answers.clear()
        core.tell(revoked_token(_TOKEN))
        meanwhile = await _outcome(verifier)
        await asyncio.sleep(0.2)
        after = await _outcome(verifier)

    assert (["asked", "cached"], "cached", "InvalidToken", []) == (before, meanwhile, after, core.positions)


async def test_nothing_is_held_before_the_stream_has_begun(core: ToldCore) -> None:
    """What was answered before may be overtaken by what was not told."""
    core.telling.clear()
    async with TokenVerifier(core.address, mode=_WATCHED, timeout=PATIENT) as verifier:
        before = await _outcomes(verifier, _TOKEN, _TOKEN)
        core.telling.set()
        await _until(lambda: verifier.watching)
        after = await _outcomes(verifier, _TOKEN, _TOKEN)

    assert (["asked", "asked"], ["asked", "cached"]) == (before, after)


@pytest.mark.parametrize(
    ("revocation", "still_held"),
    [
        pytest.param(revoked_token(_TOKEN), {_SIBLING, _STRANGER, _DEAD}, id="of-a-token"),
        pytest.param(revoked_tokens("svc_live_a"), {_STRANGER}, id="of-tokens-of-a-client"),
        pytest.param(changed_client("svc_live_a"), {_STRANGER}, id="of-something-else-of-a-client"),
        pytest.param(
            revoked_tokens("svc_live_c"), {_TOKEN, _SIBLING, _STRANGER}, id="of-a-client-that-nobody-asked-for"
        ),
        pytest.param(revoked_token(a_token(9)), {_TOKEN, _SIBLING, _STRANGER, _DEAD}, id="of-a-token-that-nobody-had"),
        pytest.param(pb.Revocation(), set(), id="of-a-kind-that-this-version-does-not-know"),
        pytest.param(
            pb.Revocation(token=pb.RevokedToken(token_id="somewhat else")), set(), id="named-in-an-unknown-way"
        ),
    ],
)
async def test_a_revocation_takes_away_what_it_makes_untrue(
    core: ToldCore, revocation: pb.Revocation, still_held: set[str]
) -> None:
    """And what it may make untrue, but nothing else."""
    tokens = (_TOKEN, _SIBLING, _STRANGER, _DEAD)
    async with _verifying(core) as verifier:
        await _outcomes(verifier, *tokens)
        core.tell(revocation)
        await asyncio.sleep(3 * HEARTBEAT_SECONDS)
        core.asked.clear()
        await _outcomes(verifier, *tokens)

    assert set(tokens) - still_held == {token for batch in core.asked for token in batch}


async def test_a_revocation_is_felt_at_once(core: ToldCore) -> None:
    """No heartbeat is waited for: the next check that the loop has time for asks."""
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        core.answers.clear()
        core.tell(revoked_token(_TOKEN))
        began = time.monotonic()
        await _until(lambda: verifier.held(_TOKEN) is None)

        assert time.monotonic() - began < HEARTBEAT_SECONDS
        assert await _outcome(verifier) == "InvalidToken"


def _nothing(_: ToldCore) -> None:
    """Nothing happens."""


@pytest.mark.parametrize(
    ("happening", "token", "then"),
    [
        pytest.param(_nothing, _TOKEN, "cached", id="nothing"),
        pytest.param(lambda core: core.tell(revoked_token(_TOKEN)), _TOKEN, "asked", id="its-revocation"),
        pytest.param(lambda core: core.tell(revoked_tokens("svc_live_a")), _TOKEN, "asked", id="that-of-its-client"),
        pytest.param(
            lambda core: core.tell(changed_client("svc_live_a")), _TOKEN, "asked", id="a-change-of-its-client"
        ),
        pytest.param(lambda core: core.tell(pb.Revocation()), _TOKEN, "asked", id="something-unknown"),
        pytest.param(lambda core: core.set_back(), _TOKEN, "asked", id="a-gap"),
        pytest.param(lambda core: core.tell(revoked_token(_SIBLING)), _TOKEN, "cached", id="that-of-another-token"),
        pytest.param(
            lambda core: core.tell(revoked_tokens("svc_live_b")), _TOKEN, "cached", id="that-of-another-client"
        ),
        pytest.param(lambda core: core.tell(changed_client("svc_live_b")), _DEAD, "asked", id="a-change-of-any-client"),
        pytest.param(
            lambda core: core.tell(revoked_token(_SIBLING)), _DEAD, "held", id="a-revocation-beside-a-dead-token"
        ),
    ],
)
async def test_an_answer_that_may_be_overtaken_is_given_and_not_held(
    core: ToldCore, happening: Callable[[ToldCore], None], token: str, then: str
) -> None:
    """What happens while the question is under way is not known to the answer: it was settled before."""
    async with _verifying(core) as verifier:
        core.open.clear()
        asking = asyncio.create_task(_outcome(verifier, token))
        await arrived(core.entered, asking)
        happening(core)
        await asyncio.sleep(3 * HEARTBEAT_SECONDS)
        core.open.set()
        first = await asking
        asked = core.questions()
        second = await _outcome(verifier, token)
        held = core.questions() == asked

    dead = token == _DEAD
    assert ("InvalidToken" if dead else "asked", then in {"cached", "held"}) == (first, held)
    assert ("InvalidToken" if dead else then) == second


async def test_a_gap_takes_everything(core: ToldCore) -> None:
    """And what is asked afterwards is held again."""
    async with _verifying(core) as verifier:
        await _outcomes(verifier, _TOKEN, _STRANGER, _DEAD)
        core.set_back()
        await asyncio.sleep(3 * HEARTBEAT_SECONDS)
        core.asked.clear()
        after = await _outcomes(verifier, _TOKEN, _TOKEN, _STRANGER, _DEAD, _DEAD)

    assert ["asked", "cached", "asked", "InvalidToken", "InvalidToken"] == after
    assert [[_TOKEN], [_STRANGER], [_DEAD]] == core.asked


async def test_a_stream_that_ends_ends_the_use_of_answers_and_one_that_goes_on_brings_them_back(core: ToldCore) -> None:
    """The next call begins where the one before ended; what happened between them is told."""
    async with _verifying(core) as verifier:
        await _outcomes(verifier, _TOKEN, _STRANGER)
        core.telling.clear()
        core.end_watches()
        await _until(lambda: not verifier.watching, seconds=_TIMEOUT_SECONDS / 2)
        without = await _outcomes(verifier, _TOKEN, _TOKEN)
        core.tell(revoked_token(_TOKEN))
        core.telling.set()
        await _until(lambda: verifier.watching)
        again = await _outcomes(verifier, _STRANGER, _TOKEN, _TOKEN)

    assert (["asked", "asked"], ["cached", "asked", "cached"]) == (without, again)
    assert [b"", b"0:0"] == core.positions[:2]


async def test_a_stream_that_goes_on_is_believed_once_it_has_told_everything(core: ToldCore) -> None:
    """A message that has no room for all that was missed says so; what is held may be revoked by the next."""
    async with _verifying(core) as verifier:
        await _outcomes(verifier, _TOKEN, _SIBLING, _STRANGER)
        core.telling.clear()
        core.end_watches()
        await _until(lambda: not verifier.watching)
        core.room = 1
        core.tell(revoked_token(_SIBLING), revoked_token(_TOKEN))
        core.telling_rest.clear()
        core.telling.set()
        core.asked.clear()
        await asyncio.sleep(2 * HEARTBEAT_SECONDS)
        meanwhile = (verifier.watching, await _outcome(verifier, _STRANGER))
        core.telling_rest.set()
        await _until(lambda: verifier.watching)

        assert (False, "asked") == meanwhile
        assert ["cached", "asked", "asked"] == await _outcomes(verifier, _STRANGER, _TOKEN, _SIBLING)


async def test_what_was_answered_without_a_stream_is_used_when_it_goes_on(core: ToldCore) -> None:
    """The stream goes on from before the question, so nothing can have been missed."""
    async with _verifying(core) as verifier:
        core.telling.clear()
        core.end_watches()
        await _until(lambda: not verifier.watching)
        without = await _outcome(verifier)
        core.telling.set()
        await _until(lambda: verifier.watching)

        assert ("asked", "cached") == (without, await _outcome(verifier))


async def test_a_stream_that_is_silent_is_believed_for_its_timeout(core: ToldCore) -> None:
    """Then every check asks, until there is another call that is not silent."""
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        core.telling.clear()
        began = time.monotonic()
        await _until(lambda: verifier.held(_TOKEN) is None)
        seconds = time.monotonic() - began
        without = await _outcomes(verifier, _TOKEN, _TOKEN)
        core.telling.set()
        await _until(lambda: verifier.watching)
        again = await _outcome(verifier)

    assert _TIMEOUT_SECONDS - 2 * HEARTBEAT_SECONDS < seconds < _TIMEOUT_SECONDS + HEARTBEAT_SECONDS
    assert (["asked", "asked"], "cached") == (without, again)


async def test_a_machine_that_was_suspended_believes_nothing_that_waited_for_it(
    core: ToldCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop does not know of it; what comes first may be of before. Another call is."""
    slept_seconds = 0.0
    for module in ("revocation_watch", "token_verifier"):
        monkeypatch.setattr(f"grantway.{module}.elapsed_seconds", lambda: time.monotonic() + slept_seconds)
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        slept_seconds = 60
        held = verifier.held(_TOKEN)
        await _until(lambda: verifier.watching)

        assert (None, "cached", [b"", b"0:0"]) == (held, await _outcome(verifier), core.positions)


async def test_a_message_that_is_old_when_it_comes_is_of_no_use(core: ToldCore) -> None:
    """It waited elsewhere, and all behind it: every check asks. A younger one brings back what is held."""
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        core.delay_seconds = _TIMEOUT_SECONDS + 0.1
        await _until(lambda: not verifier.watching)
        await asyncio.sleep(2 * core.delay_seconds)
        without = (verifier.watching, await _outcome(verifier))
        core.delay_seconds = 0
        await _until(lambda: verifier.watching)

        assert ((False, "asked"), "cached") == (without, await _outcome(verifier))


async def test_a_core_that_does_not_count_is_believed_from_the_beginning_of_the_call(core: ToldCore) -> None:
    """An older one. Calls are taken up anew, each before the one before is too old."""
    core.counts = False
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        await _until(lambda: len(core.positions) > 3)
        await _until(lambda: verifier.watching)

        assert await _outcome(verifier) == "cached"


async def test_a_call_is_renewed_before_the_clocks_drift_apart(core: ToldCore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held is used all the time."""
    monkeypatch.setattr("grantway.revocation_watch._RENEWED_AFTER_SECONDS", 0.5)
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        outcomes = set()
        while len(core.positions) < 3:
            outcomes.add(await _outcome(verifier))
            await asyncio.sleep(0.005)

    assert {"cached"} == outcomes


async def test_a_flood_of_revocations_is_believed_once_it_was_read(core: ToldCore) -> None:
    """30,000 at once, in messages of 100, before a loop with other work: the one that matters comes last."""
    core.room = 100
    bound = RevocationBound(_TIMEOUT_SECONDS)
    async with _verifying(core) as verifier:
        bound.answered(_TOKEN, began_at=time.monotonic(), good=await _is_good(verifier, _TOKEN))
        await verifier.verify(_STRANGER)
        core.tell(*(revoked_token(a_token(number)) for number in range(100, 30_100)))
        _revoke(core, _TOKEN, bound)
        good = True
        while good or not verifier.watching:
            began_at = time.monotonic()
            good = await _is_good(verifier, _TOKEN)
            bound.answered(_TOKEN, began_at=began_at, good=good)
            time.sleep(0.001)  # noqa: ASYNC251 - the other work.
            await asyncio.sleep(0)
        last = await _outcomes(verifier, _TOKEN, _STRANGER)

    assert ([], ["InvalidToken", "cached"]) == (bound.violations(), last)


def _revoke(core: ToldCore, token: str, bound: RevocationBound) -> None:
    """Ends *token*."""
    del core.answers[token]
    core.tell(revoked_token(token))
    bound.acknowledged(token, time.monotonic())


async def _is_good(verifier: TokenVerifier, token: str) -> bool:
    return await _outcome(verifier, token) in {"cached", "asked"}


async def test_a_position_that_the_core_does_not_take_is_given_up(core: ToldCore) -> None:
    """It was another core's: everything goes, and the stream begins anew."""
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        core.knows_positions = False
        core.end_watches()
        await _until(lambda: b"" in core.positions[1:])
        await _until(lambda: verifier.watching)

        assert await _outcomes(verifier, _TOKEN, _TOKEN) == ["asked", "cached"]


async def test_a_core_that_comes_back_is_watched_again() -> None:
    """On the same port, with the same history: what was held is held."""
    async with told_core() as core:
        core.answers = {_TOKEN: active(_TOKEN)}
    port = int(core.address.rpartition(":")[2])
    async with TokenVerifier(core.address, mode=_WATCHED) as verifier:
        async with serving(core, port=port):
            await _until(lambda: verifier.watching)
            await verifier.verify(_TOKEN)
        await _until(lambda: not verifier.watching, seconds=_TIMEOUT_SECONDS / 2)
        between = await _outcome(verifier)
        async with serving(core, port=port):
            await _until(lambda: verifier.watching)

            assert ("Unreachable", "cached") == (between, await _outcome(verifier))


async def test_a_token_is_never_good_past_its_time(core: ToldCore) -> None:
    """Whatever is held of it; then the core is asked."""
    core.answers[_TOKEN] = active(_TOKEN, expires_in=timedelta(seconds=0.3))
    async with _verifying(core) as verifier:
        held = await _outcomes(verifier, _TOKEN, _TOKEN)
        await asyncio.sleep(0.3)
        del core.answers[_TOKEN]
        after = await _outcome(verifier)

    assert (["asked", "cached"], "InvalidToken") == (held, after)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        pytest.param(lambda: time.time() + 7200, "asked", id="set-forward"),
        pytest.param(lambda: time.time() - 7200, "cached", id="set-back"),
    ],
)
async def test_a_clock_that_is_set_makes_no_token_live_longer(
    core: ToldCore, monkeypatch: pytest.MonkeyPatch, clock: Callable[[], float], expected: str
) -> None:
    """Set back, the time since the question counts; set forward, what is held is of no use and the core decides."""
    core.answers[_TOKEN] = active(_TOKEN, expires_in=timedelta(seconds=0.5))
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        monkeypatch.setattr("grantway.token_verifier.time", clock)
        soon = await _outcome(verifier)
        await asyncio.sleep(0.5)
        later = await _outcome(verifier)

    assert (expected, "asked") == (soon, later)


async def test_a_slow_clock_makes_no_token_live_longer(core: ToldCore, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was slow when the core was asked, and stays so: how long is left, the core says."""

    class SlowClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(time.time() - 30, tz)

    monkeypatch.setattr("grantway.token_verifier.datetime", SlowClock)
    monkeypatch.setattr("grantway.token_verifier.time", lambda: time.time() - 30)
    core.answers[_TOKEN] = active(_TOKEN, expires_in=timedelta(seconds=0.3))
    async with _verifying(core) as verifier:
        held = await _outcomes(verifier, _TOKEN, _TOKEN)
        await asyncio.sleep(0.3)
        del core.answers[_TOKEN]
        after = await _outcome(verifier)

    assert (["asked", "cached"], "InvalidToken") == (held, after)


async def test_a_core_that_does_not_say_how_long_is_left_is_believed_to_the_end(core: ToldCore) -> None:
    """An older one: what is left is found by this machine's clock."""
    core.answers[_TOKEN] = active(_TOKEN, expires_in=timedelta(seconds=0.3))
    core.answers[_TOKEN].ClearField("remaining_milliseconds")
    async with _verifying(core) as verifier:
        held = await _outcomes(verifier, _TOKEN, _TOKEN)
        await asyncio.sleep(0.3)
        del core.answers[_TOKEN]
        after = await _outcome(verifier)

    assert (["asked", "cached"], "InvalidToken") == (held, after)


_STORE_IS_GONE = refusal_pb2.Refusal(reason=error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE, description="Gone.")
_BROKEN = refusal_pb2.Refusal(reason=error_reason_pb2.ERROR_REASON_INTERNAL, description="Broken.")


@pytest.mark.parametrize("mode", _MODES[:2])
@pytest.mark.parametrize(
    ("refusal", "seconds", "revoked", "expected"),
    [
        pytest.param(_STORE_IS_GONE, 60, False, "cached", id="the-store-is-gone"),
        pytest.param(_BROKEN, 60, False, "Refused", id="the-core-is-broken"),
        pytest.param(_STORE_IS_GONE, 0.001, False, "Refused", id="for-longer-than-it-may-be"),
        pytest.param(_STORE_IS_GONE, 60, True, "Refused", id="and-the-token-was-never-asked-for"),
    ],
)
async def test_what_is_held_may_be_given_while_nobody_knows(
    core: ToldCore, mode: Mode, refusal: refusal_pb2.Refusal, seconds: float, expected: str, *, revoked: bool
) -> None:
    """For so long, if it was declared; and never instead of another answer."""
    async with _verifying(core, mode, if_unreachable=stale_if_unreachable(seconds)) as verifier:
        await verifier.verify(_SIBLING if revoked else _TOKEN)
        core.telling.clear()
        core.end_watches()
        await _until(lambda: not verifier.watching)
        await asyncio.sleep(0.002)
        core.refusal = refusal

        assert expected == await _outcome(verifier)


async def test_without_a_declaration_a_check_that_needs_a_core_fails(core: ToldCore) -> None:
    """Fail closed: what is held is of no use without a stream."""
    async with _verifying(core) as verifier:
        await verifier.verify(_TOKEN)
        core.telling.clear()
        core.end_watches()
        await _until(lambda: not verifier.watching)
        core.refusal = _STORE_IS_GONE

        with pytest.raises(Refused, match=r"STORAGE_UNAVAILABLE: Gone\."):
            await verifier.verify(_TOKEN)


async def test_a_stale_answer_is_none_that_a_revocation_reached(core: ToldCore) -> None:
    """It is not held any more, so it cannot be given."""
    async with _verifying(core, if_unreachable=stale_if_unreachable(60)) as verifier:
        await _outcomes(verifier, _TOKEN, _SIBLING, _STRANGER)
        core.tell(revoked_token(_TOKEN), changed_client("svc_live_b"))
        await _until(lambda: verifier.held(_STRANGER) is None)
        core.refusal = _STORE_IS_GONE
        core.telling.clear()
        core.end_watches()
        await _until(lambda: not verifier.watching)

        assert await _outcomes(verifier, _TOKEN, _SIBLING, _STRANGER) == ["Refused", "cached", "Refused"]


async def test_a_stale_answer_counts_from_when_the_stream_was_last_heard() -> None:
    """Held for long and watched until now, it was true a moment ago."""
    async with told_core() as core:
        core.answers = {_TOKEN: active(_TOKEN)}
        verifier = TokenVerifier(core.address, mode=_WATCHED, if_unreachable=stale_if_unreachable(1))
        async with asyncio.timeout(5):
            while not verifier.watching:
                await _outcome(verifier)
        await verifier.verify(_TOKEN)
        await asyncio.sleep(1)
    soon = await _outcome(verifier)
    await asyncio.sleep(1)
    later = await _outcome(verifier)
    await verifier.close()

    assert ("cached", "Unreachable") == (soon, later)


@pytest.mark.parametrize("mode", _MODES)
async def test_callers_who_ask_at_the_same_time_share_a_question(core: ToldCore, mode: Mode) -> None:
    """And questions about many tokens share a call."""
    async with _verifying(core, mode) as verifier:
        tokens = [_TOKEN, _STRANGER] * 50
        await asyncio.gather(*(verifier.verify(token) for token in tokens))

    assert [sorted([_TOKEN, _STRANGER])] == [sorted(batch) for batch in core.asked]


@pytest.mark.parametrize(
    ("mode", "second", "questions"),
    [
        pytest.param(strict(), "InvalidToken", 2, id="strict-the-answer-under-way-is-too-old"),
        pytest.param(_WATCHED, "good", 1, id="watched-nothing-was-told-so-it-is-as-good-as-one-that-is-held"),
        pytest.param(bounded(60), "good", 1, id="bounded-it-is-young-enough"),
        pytest.param(bounded(0.01), "InvalidToken", 2, id="bounded-it-is-not-young-enough"),
    ],
)
async def test_a_question_that_is_under_way_is_shared_if_its_answer_will_do(
    core: ToldCore, mode: Mode, second: str, questions: int
) -> None:
    """A token is revoked after the core has settled its answer: whoever asks after that must not be given it."""
    async with _verifying(core, mode) as verifier:
        core.open.clear()
        early = asyncio.create_task(verifier.verify(_TOKEN))
        await arrived(core.entered, early)
        core.answers.clear()
        await asyncio.sleep(0.02)
        late = [asyncio.create_task(verifier.verify(_TOKEN)) for _ in range(10)]
        await asyncio.sleep(0.02)
        core.open.set()
        await asyncio.wait([early, *late])

    assert ("good", {second}, questions) == (_answer(early), {_answer(one) for one in late}, core.questions())


async def test_a_question_that_a_revocation_has_overtaken_is_shared_no_more(core: ToldCore) -> None:
    """Watched: whoever asks once it was told gets an answer of later."""
    async with _verifying(core) as verifier:
        core.open.clear()
        early = asyncio.create_task(verifier.verify(_TOKEN))
        await arrived(core.entered, early)
        core.answers.clear()
        core.tell(revoked_token(_TOKEN))
        await asyncio.sleep(3 * HEARTBEAT_SECONDS)
        late = asyncio.create_task(verifier.verify(_TOKEN))
        await asyncio.sleep(0.02)
        core.open.set()
        await asyncio.wait([early, late])

    assert ("good", "InvalidToken") == (_answer(early), _answer(late))


@pytest.mark.parametrize("mode", _MODES)
async def test_a_caller_that_leaves_takes_nobody_with_it(core: ToldCore, mode: Mode) -> None:
    """The others get their answer; when all have left, the next one asks anew."""
    async with _verifying(core, mode) as verifier:
        core.open.clear()
        first, second = (asyncio.create_task(verifier.verify(_TOKEN)) for _ in range(2))
        await arrived(core.entered, first, second)
        first.cancel()
        third = asyncio.create_task(verifier.verify(_STRANGER))
        await asyncio.sleep(0.01)
        third.cancel()
        core.open.set()
        outcomes = await asyncio.gather(first, second, third, return_exceptions=True)

        assert [asyncio.CancelledError, VerifiedToken, asyncio.CancelledError] == [type(one) for one in outcomes]
        assert await _outcome(verifier, _STRANGER) == "asked"


@pytest.mark.parametrize("mode", _MODES)
async def test_thousands_of_checks_at_once_are_answered_each_for_itself(core: ToldCore, mode: Mode) -> None:
    """5,000 checks of 500 tokens, a tenth of them dead, while a fifth of the callers leaves and clients change."""
    chance = random.Random(7662)  # noqa: S311 - nothing secret.
    tokens = [a_token(number) for number in range(500)]
    core.answers = {
        token: active(token, client_id=f"svc_live_{number % 20}") for number, token in enumerate(tokens) if number % 10
    }

    async def check(verifier: TokenVerifier, number: int) -> str:
        await asyncio.sleep(chance.random() / 2)
        try:
            return (await verifier.verify(tokens[number])).client_id
        except InvalidToken:
            return ""

    async with _verifying(core, mode) as verifier:
        numbers = [chance.randrange(500) for _ in range(5_000)]
        callers = [asyncio.create_task(check(verifier, number)) for number in numbers]
        for caller in chance.sample(callers, 1_000):
            asyncio.get_running_loop().call_later(chance.random() / 2, caller.cancel)
        for client in range(20):
            await asyncio.sleep(0.02)
            core.tell(changed_client(f"svc_live_{client}"), revoked_token(chance.choice(tokens)))
        outcomes = await asyncio.gather(*callers, return_exceptions=True)

    wrong = [
        outcome
        for number, outcome in zip(numbers, outcomes, strict=True)
        if outcome != (f"svc_live_{number % 20}" if number % 10 else "")
        and not isinstance(outcome, asyncio.CancelledError)
    ]
    assert [] == wrong


async def test_tokens_that_somebody_invents_push_out_no_good_one(core: ToldCore) -> None:
    """They have room of their own."""
    async with _verifying(core, max_entries=10) as verifier:
        await verifier.verify(_TOKEN)
        for number in range(100, 200):
            await _outcome(verifier, a_token(number))

        assert await _outcome(verifier) == "cached"


async def test_a_client_that_was_given_stays_open(core: ToldCore) -> None:
    """Its owner closes it. The verifier answers nothing any more."""
    async with TokenClient(core.address, timeout=PATIENT) as client:
        async with TokenVerifier(client, mode=_WATCHED) as verifier:
            await _until(lambda: verifier.watching)
            await verifier.verify(_TOKEN)
        await verifier.close()

        assert (await client.introspect(_TOKEN)).active
        assert await _outcome(verifier) == "Unreachable"
    await _until(lambda: not core.watching)


@pytest.mark.parametrize("mode", _MODES)
async def test_closing_ends_every_check_that_is_under_way(core: ToldCore, mode: Mode) -> None:
    """With an error that says so, not with a cancellation that nobody asked for."""
    async with _verifying(core, mode) as verifier:
        core.open.clear()
        asking = asyncio.create_task(_outcome(verifier))
        await arrived(core.entered, asking)

    assert (await asking, await _outcome(verifier)) == ("Unreachable", "Unreachable")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: bounded(0), "seconds must be a number above 0", id="no-time"),
        pytest.param(lambda: bounded(float("nan")), "seconds must be a number above 0", id="no-number"),
        pytest.param(lambda: bounded(float("inf")), "seconds must be a number above 0", id="for-ever"),
        pytest.param(lambda: stale_if_unreachable(-1), "seconds must be a number above 0", id="before-the-question"),
        pytest.param(
            lambda: watched(heartbeat_timeout_seconds=0.5),
            "heartbeat_timeout_seconds must be more than 0.5",
            id="a-timeout-that-a-heartbeat-cannot-keep",
        ),
        pytest.param(lambda: TokenVerifier("core:1", max_entries=0), "max_entries must be at least 1", id="no-room"),
        pytest.param(
            lambda: TokenVerifier("core:1", max_entries=cast("Any", "9")),
            "max_entries must be an int, not str",
            id="room-in-words",
        ),
        pytest.param(
            lambda: TokenVerifier("core:1", mode=cast("Any", strict)),
            r"mode must be what watched\(\), strict\(\) or bounded\(seconds\) returns",
            id="a-mode-without-brackets",
        ),
        pytest.param(
            lambda: TokenVerifier("core:1", if_unreachable=cast("Any", None)),
            r"if_unreachable must be what fail_closed\(\) or stale_if_unreachable\(seconds\) returns",
            id="nothing-for-what-happens-then",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_said(make: Callable[[], object], message: str) -> None:
    """Not at the first check."""
    with pytest.raises((ValueError, TypeError), match=f"^{message}$"):
        make()


def test_making_a_verifier_needs_no_loop() -> None:
    """So one may stand at the top of a module."""
    assert not TokenVerifier("core.internal:50051").watching


async def test_a_verifier_opens_with_its_first_check(core: ToldCore) -> None:
    """Where there is no place for `async with`."""
    verifier = TokenVerifier(core.address, mode=_WATCHED, timeout=PATIENT)
    await verifier.verify(_TOKEN)
    await _until(lambda: verifier.watching)
    await verifier.close()

    assert not verifier.watching


def test_a_client_that_was_made_before_the_loop_serves_a_verifier() -> None:
    """Both stand at the top of a module; they live on the loop of their first use, and on no other one."""

    async def main() -> list[str]:
        async with told_core() as core:
            core.answers = {_TOKEN: active(_TOKEN)}
            client = TokenClient(core.address, timeout=PATIENT)
            verifier = TokenVerifier(client, mode=_WATCHED)
            return await asyncio.to_thread(asyncio.run, check(client, verifier)) + await on_another_loop(client)

    async def check(client: TokenClient, verifier: TokenVerifier) -> list[str]:
        async with client, verifier:
            await _until(lambda: verifier.watching)
            return await _outcomes(verifier, _TOKEN, _TOKEN)

    async def on_another_loop(client: TokenClient) -> list[str]:
        seen = []
        for call in (client.introspect(_TOKEN), client.revoke(_TOKEN), TokenVerifier(client).verify(_TOKEN)):
            with pytest.raises(RuntimeError) as caught:
                await call
            seen.append(str(caught.value))
        return seen

    refusal = (
        "this TokenClient, or the TokenVerifier or TokenSource that it belongs to, is in use on another event loop: "
        "make one for each loop"
    )
    assert ["asked", "cached", refusal, refusal, refusal] == asyncio.run(main())


async def test_an_unreachable_core_is_told(core: ToldCore) -> None:
    """As by `TokenClient`."""
    async with TokenVerifier("127.0.0.1:1", timeout=timedelta(milliseconds=200)) as verifier:
        with pytest.raises(Unreachable):
            await verifier.verify(_TOKEN)
    assert [] == core.asked

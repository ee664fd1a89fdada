"""Joining calls into batches: the rules at the head of `grantway.batching`, one after the other."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantway.batching import Batcher
from grantway.errors import Refused, Unreachable
from tests.sdk.controlled_calls import (
    ControlledCalls,
    Outcome,
    answer_to,
    new_batcher,
    other_tasks,
    outcomes,
    rounds,
    settled,
    submit,
)

_SHORT = timedelta(milliseconds=20)
_CANCELLED: Outcome = (asyncio.CancelledError, "")
_CLOSED: Outcome = (Unreachable, "the client was closed")
_TOO_LATE: Outcome = (Unreachable, "no core took the request in time")
_SURPRISE: Outcome = (ZeroDivisionError, "surprise")
_TOO_MANY: Outcome = (Unreachable, "too many requests wait for the core: this one was not sent")


@pytest.fixture(name="complaints", autouse=True)
async def _complaints() -> AsyncIterator[list[str]]:
    """What the loop complains of (errors that nobody fetched, callbacks that raised): there must be nothing."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(str(context)))
    yield complaints
    gc.collect()  # An error that nobody fetched is noticed when it is thrown away.
    assert [] == complaints


@pytest.fixture(name="calls")
def _calls() -> ControlledCalls:
    return ControlledCalls()


# Rule 1: a lone request leaves at once.


async def test_a_lone_request_leaves_at_once(calls: ControlledCalls) -> None:
    """Two rounds of the loop after it was submitted its call is under way: no timer had a part in it."""
    (caller,) = submit(new_batcher(calls), "a")
    await rounds(1)  # The caller runs, and the sender is made.
    await rounds(2)  # The sender runs, and makes the call; the call runs.

    assert calls.batches == [["a"]]

    calls.answer(0)
    assert [answer_to("a")] == await outcomes([caller])


async def test_a_second_lone_request_leaves_as_fast_as_the_first(calls: ControlledCalls) -> None:
    """After a batch has been answered the batcher is as it was in the beginning."""
    batcher = new_batcher(calls)
    for number in range(3):
        (caller,) = submit(batcher, "a")
        await rounds(3)
        calls.answer(number)
        await outcomes([caller])

    assert ([["a"]] * 3, set()) == (calls.batches, other_tasks())


async def test_requests_of_one_round_leave_together(calls: ControlledCalls) -> None:
    """What is submitted in the same round of the loop makes one call, in the order of arrival."""
    callers = submit(new_batcher(calls), "a", "b", "c")
    await settled()
    calls.answer(0)

    assert list(map(answer_to, "abc")) == await outcomes(callers)
    assert calls.batches == [["a", "b", "c"]]


# Rule 2: a batch is what queued while the call before it was under way, and who was just answered and is back at once.


async def test_the_next_batch_is_what_queued_during_a_call(calls: ControlledCalls) -> None:
    """While one call is under way no other starts; what comes meanwhile makes the next, whenever it came."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a")
    await settled()
    for request in "bcd":
        callers += submit(batcher, request)
        await settled()
    during = list(calls.batches)
    calls.answer(0)
    await settled()
    after = list(calls.batches)
    calls.answer(1)

    assert ([["a"]], [["a"], ["b", "c", "d"]]) == (during, after)
    assert list(map(answer_to, "abcd")) == await outcomes(callers)


async def _answered(batcher: Batcher[str, str], calls: ControlledCalls, requests: str) -> None:
    """A batch of *requests* that was answered just now."""
    callers = submit(batcher, *requests)
    await settled()
    calls.answer(0)
    await outcomes(callers)


async def _late(batcher: Batcher[str, str], request: str, *, after: int) -> str:
    """A caller that comes so many rounds after the others."""
    await rounds(after)
    return await batcher.submit(request)


def _come(batcher: Batcher[str, str], arrivals: Sequence[int]) -> list[asyncio.Task[str]]:
    """The callers of a, b, c and so on, each so many rounds from now."""
    return [
        asyncio.create_task(_late(batcher, request, after=after))
        for request, after in zip("abcd", arrivals, strict=False)
    ]


async def _rounds_to_the_next_call(calls: ControlledCalls, *, each: Callable[[], object] = lambda: None) -> int:
    """How many rounds go by until one more call is under way; *each* happens before each of them."""
    made, count = len(calls.batches), 0
    while len(calls.batches) == made:
        each()
        await rounds(1)
        count += 1
    return count


@pytest.mark.parametrize(
    ("arrivals", "first"),
    [
        pytest.param([0, 0], "ab", id="two-at-once"),
        pytest.param([0, 0, 1, 2], "abcd", id="two-at-once-and-one-in-each-of-the-next-rounds"),
        pytest.param([0, 0, 5], "ab", id="one-that-comes-when-a-round-was-quiet"),
        pytest.param([0, 5], "a", id="one-behind-a-lone-one"),
    ],
)
async def test_several_take_along_what_the_loop_has_ready(
    calls: ControlledCalls, arrivals: list[int], first: str
) -> None:
    """Once two wait, a batch grows until a round of the loop brings nothing new; whoever is later makes the next."""
    batcher = new_batcher(calls)
    callers = _come(batcher, arrivals)
    await settled()
    calls.answer(0)
    await settled()
    for number in calls.under_way():
        calls.answer(number)

    assert list(map(answer_to, "abcd"[: len(arrivals)])) == await outcomes(callers)
    assert list(first) == calls.batches[0]


@pytest.mark.parametrize(
    ("back_after", "second"),
    [
        pytest.param([0, 1, 2], "abc", id="one-after-the-other"),
        pytest.param([0, 0, 4], "abc", id="the-last-after-quiet-rounds"),
        pytest.param([2, 3, 4], "abc", id="all-after-quiet-rounds"),
        pytest.param([0, 1, 2, 2], "abcd", id="one-more-in-the-same-round"),
        pytest.param([0, 1, 2, 3], "abcd", id="one-more-in-the-next"),
        pytest.param([0, 1, 2, 5], "abc", id="one-more-after-a-round-that-brought-nothing"),
        pytest.param([0, 1], "ab", id="one-never"),
        pytest.param([0, 1, 30], "ab", id="one-too-late"),
    ],
)
async def test_those_who_were_just_answered_come_along(
    calls: ControlledCalls, back_after: list[int], second: str
) -> None:
    """After a batch of three the next one is given the rounds in which the three may be back."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "xyz")
    callers = _come(batcher, back_after)
    await settled()
    calls.answer(1)
    await settled()
    for number in calls.under_way():
        calls.answer(number)

    assert list(second) == calls.batches[1]
    assert list(map(answer_to, "abcd"[: len(back_after)])) == await outcomes(callers)


async def test_those_who_queued_wait_for_the_one_that_was_just_answered(calls: ControlledCalls) -> None:
    """One was under way and two queued: they leave as three, and so those who ask again and again stay together."""
    batcher = new_batcher(calls)
    (first,) = submit(batcher, "a")
    await settled()
    callers = submit(batcher, "b", "c")
    await settled()
    calls.answer(0)
    await outcomes([first])
    callers += submit(batcher, "d")
    await settled()
    calls.answer(1)

    assert calls.batches == [["a"], ["b", "c", "d"]]
    assert list(map(answer_to, "bcd")) == await outcomes(callers)


async def test_two_come_along_with_each_other(calls: ControlledCalls) -> None:
    """Two who were answered together are back one after the other, and leave together."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "xy")
    callers = _come(batcher, [0, 1])
    await settled()
    calls.answer(1)

    assert calls.batches == [["x", "y"], ["a", "b"]]
    assert list(map(answer_to, "ab")) == await outcomes(callers)


async def test_who_stays_away_is_waited_for_in_a_few_rounds_only(calls: ControlledCalls) -> None:
    """Of three who were answered one is back: its call is under way four rounds later than a lone one's would be."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "xyz")
    (caller,) = submit(batcher, "a")
    count = await _rounds_to_the_next_call(calls)
    calls.answer(1)

    # Eight in all, of which some were over when the caller came. A lone request takes three to be under way.
    assert count == 3 + 4
    assert [answer_to("a")] == await outcomes([caller])


async def test_where_rounds_are_long_nobody_is_waited_for_in_several(calls: ControlledCalls) -> None:
    """In a loop that does other work, of 0.9 ms in each round: none begins when two milliseconds are over."""
    gone_by: list[float] = []
    batcher = new_batcher(calls, clock=lambda: sum(gone_by))
    await _answered(batcher, calls, "xyz")
    (caller,) = submit(batcher, "a")
    count = await _rounds_to_the_next_call(calls, each=lambda: gone_by.append(0.0009))
    calls.answer(1)

    assert count == 3 + 1
    assert [answer_to("a")] == await outcomes([caller])


async def test_a_batch_that_is_full_waits_for_nobody(calls: ControlledCalls) -> None:
    """Three were answered and two had queued, but a call holds three: with the first who is back they leave."""
    batcher = new_batcher(calls, max_size=3)
    callers = submit(batcher, *"vwxyz")
    await settled()
    calls.answer(0)
    await outcomes(callers[:3])
    callers += submit(batcher, "a")
    await rounds(3)

    assert calls.batches[1:] == [["y", "z", "a"]]

    calls.answer(1)
    assert list(map(answer_to, "vwxyza")) == await outcomes(callers)


async def test_who_went_away_is_not_waited_for(calls: ControlledCalls) -> None:
    """Two of three leave while their call is under way: the next request is as alone as behind a lone one."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "x", "y", "z")
    await settled()
    for caller in callers[1:]:
        caller.cancel()
    calls.answer(0)
    assert [answer_to("x"), _CANCELLED, _CANCELLED] == await outcomes(callers)
    (caller,) = submit(batcher, "a")
    await rounds(3)

    assert calls.batches == [["x", "y", "z"], ["a"]]

    calls.answer(1)
    assert [answer_to("a")] == await outcomes([caller])


@pytest.mark.parametrize("later", [pytest.param(rounds_, id=f"{rounds_}-rounds-after-it") for rounds_ in range(9)])
async def test_one_who_leaves_while_others_are_waited_for_is_not_sent(calls: ControlledCalls, later: int) -> None:
    """In any round after a batch was answered: no call for it is made, or it is cancelled, and no task is left."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "xyz")
    (caller,) = submit(batcher, "a")
    await rounds(later)
    caller.cancel()
    got = await outcomes([caller])
    await settled()

    made = range(1, len(calls.batches))
    assert ([_CANCELLED], list(made), set()) == (got, calls.cancelled, other_tasks())


async def test_a_large_batch_waits_for_nobody(calls: ControlledCalls) -> None:
    """After a call for forty, thirty-two who are back leave at once."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "x" * 40)
    callers = submit(batcher, *"a" * 32)
    await rounds(3)

    assert [40, 32] == [len(batch) for batch in calls.batches]

    calls.answer(1)
    assert [answer_to("a")] * 32 == await outcomes(callers)


async def test_a_lone_request_leaves_at_once_when_a_batch_is_long_gone(calls: ControlledCalls) -> None:
    """Whoever was answered is expected back for some rounds only: then the batcher is as it was in the beginning."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "xyz")
    await settled()
    left = other_tasks()
    (caller,) = submit(batcher, "a")
    await rounds(3)

    assert (set(), [["x", "y", "z"], ["a"]]) == (left, calls.batches)

    calls.answer(1)
    assert [answer_to("a")] == await outcomes([caller])


async def test_a_steady_trickle_does_not_hold_a_batch_back(calls: ControlledCalls) -> None:
    """Somebody new in every second round, fewer than were answered: the batch leaves after a few all the same."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "x" * 30)
    callers = [asyncio.create_task(_late(batcher, str(number), after=2 * number)) for number in range(50)]
    while len(calls.batches) == 1:
        await rounds(1)
    in_the_second = len(calls.batches[1])
    while not all(caller.done() for caller in callers):
        for number in calls.under_way():
            calls.answer(number)
        await rounds(1)

    assert 2 < in_the_second < 6
    assert [answer_to(str(number)) for number in range(50)] == await outcomes(callers)


async def test_a_batch_holds_no_more_than_its_size(calls: ControlledCalls) -> None:
    """What is too much for one call is split, in order, and each call waits for the one before."""
    callers = submit(new_batcher(calls, max_size=3), *"abcdefgh")
    for number in range(3):
        await settled()
        assert calls.under_way() == [number]
        calls.answer(number)

    assert list(map(answer_to, "abcdefgh")) == await outcomes(callers)
    assert calls.batches == [["a", "b", "c"], ["d", "e", "f"], ["g", "h"]]


async def test_a_caller_that_asks_again_at_once_is_served(calls: ControlledCalls) -> None:
    """A request that is submitted from the done callback of an answer gets a call of its own, with nobody waiting."""
    batcher = new_batcher(calls)
    again: list[asyncio.Task[str]] = []
    (first,) = submit(batcher, "a")
    first.add_done_callback(lambda _: again.extend(submit(batcher, "b")))
    await settled()
    calls.answer(0)
    await settled()
    calls.answer(1)

    assert [answer_to("a"), answer_to("b")] == await outcomes([first, *again])


async def test_a_caller_that_asks_again_does_not_overtake(calls: ControlledCalls) -> None:
    """Who waits already goes first, and who has just been answered comes along behind."""
    batcher = new_batcher(calls)

    async def twice() -> str:
        return f"{await batcher.submit('a')}, {await batcher.submit('b')}"

    caller = asyncio.create_task(twice())
    await settled()
    (other,) = submit(batcher, "x")
    await settled()
    for number in range(2):
        calls.answer(number)
        await settled()

    assert calls.batches == [["a"], ["x", "b"]]
    assert ["answer to a, answer to b", "answer to x"] == await outcomes([caller, other])


# Rule 3: each caller gets the answer to its own request, or its own error.


async def test_one_failing_call_fails_its_own_callers_only(calls: ControlledCalls) -> None:
    """Everyone whose request was in the call gets its error, and nobody else."""
    callers = submit(new_batcher(calls, max_size=2), *"abcdef")
    await settled()
    calls.answer(0)
    await settled()
    calls.fail(1, Refused(8, "the store did not answer"))  # type: ignore[arg-type]  # STORAGE_UNAVAILABLE.
    await settled()
    calls.answer(2)

    error: Outcome = (Refused, "STORAGE_UNAVAILABLE: the store did not answer")
    assert [answer_to("a"), answer_to("b"), error, error, answer_to("e"), answer_to("f")] == await outcomes(callers)


async def test_any_error_of_a_call_reaches_its_callers(calls: ControlledCalls) -> None:
    """Also one that nobody foresaw; and the batcher goes on."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a")
    await settled()
    calls.fail(0, ZeroDivisionError("surprise"))
    await settled()
    callers += submit(batcher, "b")
    await settled()
    calls.answer(1)

    assert [(ZeroDivisionError, "surprise"), answer_to("b")] == await outcomes(callers)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([], id="none"),
        pytest.param(["answer to a"], id="one-too-few"),
        pytest.param(["answer to a", "answer to b", "answer to c"], id="one-too-many"),
    ],
)
async def test_answers_that_do_not_match_the_requests_are_given_to_nobody(
    calls: ControlledCalls, answers: list[str]
) -> None:
    """Another number of answers than of requests: whose they are cannot be told, so all fail, and nobody hangs."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a", "b")
    await settled()
    calls.answer_with(0, answers)
    await settled()
    callers += submit(batcher, "c")
    await settled()
    calls.answer(1)

    error: Outcome = (Refused, "INTERNAL: the core did not answer each request of a batch")
    assert [error, error, answer_to("c")] == await outcomes(callers)


async def test_a_caller_that_goes_away_takes_nobody_with_it(calls: ControlledCalls) -> None:
    """One of three leaves during the call: the call goes on, and the others get their answers."""
    callers = submit(new_batcher(calls), *"abc")
    await settled()
    callers[1].cancel()
    await settled()
    under_way = calls.under_way()
    calls.answer(0)

    assert [0] == under_way
    assert [answer_to("a"), _CANCELLED, answer_to("c")] == await outcomes(callers)


async def test_a_caller_that_left_the_queue_is_not_sent(calls: ControlledCalls) -> None:
    """A request whose caller went away before its call costs the core nothing."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a")
    await settled()
    callers += submit(batcher, *"bcd")
    await settled()
    callers[2].cancel()
    await settled()
    calls.answer(0)
    await settled()
    calls.answer(1)

    assert [answer_to("a"), answer_to("b"), _CANCELLED, answer_to("d")] == await outcomes(callers)
    assert calls.batches == [["a"], ["b", "d"]]


async def test_a_caller_that_leaves_in_the_round_of_its_call_is_not_sent(calls: ControlledCalls) -> None:
    """Cancelled between being queued and being taken, in the very round in which the sender takes the queue."""
    callers = submit(new_batcher(calls), "a", "b")
    await rounds(1)
    callers[0].cancel()
    await settled()
    calls.answer(0)

    assert [_CANCELLED, answer_to("b")] == await outcomes(callers)
    assert calls.batches == [["b"]]


async def test_a_caller_that_leaves_before_it_was_queued_is_not_sent(calls: ControlledCalls) -> None:
    """A caller that never ran submits nothing."""
    callers = submit(new_batcher(calls), "a")
    callers[0].cancel()
    await settled()

    assert ([_CANCELLED], []) == (await outcomes(callers), calls.batches)


@pytest.mark.parametrize("later", [pytest.param(rounds_, id=f"{rounds_}-rounds-after-it") for rounds_ in range(4)])
@pytest.mark.parametrize("fails", [pytest.param(False, id="by-an-answer"), pytest.param(True, id="by-an-error")])
@pytest.mark.parametrize("leaving", [pytest.param(1, id="one-leaves"), pytest.param(2, id="all-leave")])
async def test_a_caller_may_leave_just_as_its_call_ends(
    calls: ControlledCalls,
    fails: bool,  # noqa: FBT001 - a column of the table.
    later: int,
    leaving: int,
) -> None:
    """In any round from the end of the call to its outcome's arrival: who stays gets it, and the batcher goes on."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a", "b")
    await settled()
    if fails:
        calls.fail(0, ZeroDivisionError("surprise"))
    else:
        calls.answer(0)
    await rounds(later)
    for caller in callers[:leaving]:
        caller.cancel()
    got = await outcomes(callers)
    next_callers = submit(batcher, "c")
    await settled()
    calls.answer(1)

    arrived = [_SURPRISE, _SURPRISE] if fails else [answer_to("a"), answer_to("b")]
    assert arrived[leaving:] == got[leaving:]
    assert [True] * leaving == [got[place] in (_CANCELLED, arrived[place]) for place in range(leaving)]
    assert [answer_to("c")] == await outcomes(next_callers)


# Rule 4: a call that nobody waits for any more is cancelled.


async def test_a_call_that_everybody_left_is_cancelled(calls: ControlledCalls) -> None:
    """The last of its callers takes the call along; what queued meanwhile leaves at once."""
    batcher = new_batcher(calls)
    leaving = submit(batcher, "a", "b")
    await settled()
    staying = submit(batcher, "c")
    await settled()
    leaving[0].cancel()
    await settled()
    after_one = list(calls.cancelled)
    leaving[1].cancel()
    await settled()
    calls.answer(1)

    assert ([], [0]) == (after_one, calls.cancelled)
    assert [_CANCELLED, _CANCELLED, answer_to("c")] == await outcomes([*leaving, *staying])


async def test_a_call_that_everybody_left_leaves_no_task(calls: ControlledCalls) -> None:
    """With nobody in the queue the sender ends, and the next request starts it again."""
    batcher = new_batcher(calls)
    leaving = submit(batcher, "a")
    await settled()
    leaving[0].cancel()
    await outcomes(leaving)
    await settled()
    tasks = other_tasks()
    staying = submit(batcher, "b")
    await settled()
    calls.answer(1)

    assert (set(), [answer_to("b")]) == (tasks, await outcomes(staying))


async def test_a_call_that_cancels_itself_is_an_error_of_its_callers(calls: ControlledCalls) -> None:
    """A channel that is closed under a call cancels it: its callers are told, and who queued meanwhile is served."""

    async def call(requests: list[str]) -> Sequence[str]:
        if "a" in requests:
            await rounds(3)
            raise asyncio.CancelledError
        return await calls(requests)

    batcher = Batcher(call, max_size=100, max_wait=timedelta(hours=1), max_waiting=100)
    callers = submit(batcher, "a")
    await rounds(4)
    callers += submit(batcher, "b")
    await settled()
    calls.answer(0)

    assert [_CLOSED, answer_to("b")] == await outcomes(callers)


# Rule 5: nobody waits too long, and not too many wait.


async def test_nobody_waits_longer_than_allowed(calls: ControlledCalls) -> None:
    """What queues behind a call that does not end is told so; the call itself is nobody's business here."""
    batcher = new_batcher(calls, max_wait=_SHORT)
    served = submit(batcher, "a")
    await settled()
    started = asyncio.get_running_loop().time()

    late = await outcomes(submit(batcher, "b", "c"))
    waited = asyncio.get_running_loop().time() - started
    calls.answer(0)

    assert [_TOO_LATE, _TOO_LATE] == late
    assert _SHORT.total_seconds() <= waited < 1
    assert ([answer_to("a")], [["a"]]) == (await outcomes(served), calls.batches)


async def test_each_waits_for_its_own_time(calls: ControlledCalls) -> None:
    """Who came later is let go later."""
    batcher = new_batcher(calls, max_wait=_SHORT)
    submitted = submit(batcher, "a")
    await settled()
    loop = asyncio.get_running_loop()
    waits = []

    async def wait(request: str) -> None:
        started = loop.time()
        with pytest.raises(Unreachable):
            await batcher.submit(request)
        waits.append(loop.time() - started)

    first = asyncio.create_task(wait("b"))
    middle = loop.create_future()
    loop.call_later(_SHORT.total_seconds() / 2, middle.set_result, None)
    await middle
    second = asyncio.create_task(wait("c"))
    await asyncio.gather(first, second)
    calls.answer(0)

    # A second is what a busy machine may add.
    assert [True, True] == [_SHORT.total_seconds() <= wait < 1 for wait in waits]
    assert [answer_to("a")] == await outcomes(submitted)


async def test_after_a_time_out_the_batcher_goes_on(calls: ControlledCalls) -> None:
    """Those whose time ran out are forgotten; those who come later are served, and may run out of time again."""
    batcher = new_batcher(calls, max_wait=_SHORT)
    callers = submit(batcher, "a")
    await settled()
    late = await outcomes(submit(batcher, "b"))
    too = await outcomes(submit(batcher, "c"))
    callers += submit(batcher, "d")
    await settled()
    calls.answer(0)
    await settled()
    calls.answer(1)

    assert ([_TOO_LATE], [_TOO_LATE]) == (late, too)
    assert ([answer_to("a"), answer_to("d")], [["a"], ["d"]]) == (await outcomes(callers), calls.batches)


async def test_no_more_wait_than_allowed(calls: ControlledCalls) -> None:
    """One request too many fails at once; it disturbs nobody who waits."""
    batcher = new_batcher(calls, max_waiting=2)
    callers = submit(batcher, "a")
    await settled()  # Under way: it no longer waits.
    callers += submit(batcher, "b", "c", "d")
    await settled()
    refused = callers.pop()
    calls.answer(0)
    await settled()
    calls.answer(1)

    assert ([_TOO_MANY], True) == (await outcomes([refused]), refused.done())
    assert list(map(answer_to, "abc")) == await outcomes(callers)


async def test_who_went_away_does_not_wait(calls: ControlledCalls) -> None:
    """Places of callers that left, from wherever in the queue, are free at once."""
    batcher = new_batcher(calls, max_waiting=3)
    callers = submit(batcher, "a")
    await settled()
    callers += submit(batcher, "b", "c", "d")
    await settled()
    callers[2].cancel()
    callers[3].cancel()
    await settled()
    callers += submit(batcher, "e", "f", "g")
    await settled()
    calls.answer(0)
    await settled()
    calls.answer(1)

    assert [
        answer_to("a"),
        answer_to("b"),
        _CANCELLED,
        _CANCELLED,
        answer_to("e"),
        answer_to("f"),
        _TOO_MANY,
    ] == await outcomes(callers)


# Rule 6: everybody gets an answer or an error, also when the batcher is closed.


async def test_closing_fails_everyone_who_waits(calls: ControlledCalls) -> None:
    """Those in the call and those in the queue are told; the call is cancelled, and no task is left."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a", "b")
    await settled()
    callers += submit(batcher, "c")
    await settled()

    await batcher.close()

    assert [_CLOSED] * 3 == await outcomes(callers)
    assert ([["a", "b"]], [0], set()) == (calls.batches, calls.cancelled, other_tasks())


@pytest.mark.parametrize("later", [pytest.param(rounds_, id=f"{rounds_}-rounds-after-it") for rounds_ in range(6)])
@pytest.mark.parametrize("requests", [pytest.param("a", id="one"), pytest.param("abc", id="several")])
async def test_closing_just_after_a_request_answers_it(calls: ControlledCalls, requests: str, later: int) -> None:
    """In any round from the submission to the call: everybody is told, and no task is left."""
    batcher = new_batcher(calls)
    callers = submit(batcher, *requests)
    await rounds(later)

    await batcher.close()

    assert ([_CLOSED] * len(requests), set()) == (await outcomes(callers), other_tasks())


@pytest.mark.parametrize("later", [pytest.param(rounds_, id=f"{rounds_}-rounds-after-it") for rounds_ in range(4)])
async def test_closing_as_a_call_ends_answers_everybody(calls: ControlledCalls, later: int) -> None:
    """The answer that has arrived already, or the news that it will not; nothing more is sent."""
    batcher = new_batcher(calls, max_size=1)
    callers = submit(batcher, "a", "b")
    await settled()
    calls.answer(0)
    await rounds(later)

    await batcher.close()

    assert await outcomes(callers) in ([_CLOSED, _CLOSED], [answer_to("a"), _CLOSED])
    assert set() == other_tasks()


@pytest.mark.parametrize("later", [pytest.param(rounds_, id=f"{rounds_}-rounds-after-it") for rounds_ in range(9)])
@pytest.mark.parametrize("requests", [pytest.param("", id="nobody-waits"), pytest.param("a", id="one-waits")])
async def test_closing_while_others_are_waited_for_answers_everybody(
    calls: ControlledCalls, requests: str, later: int
) -> None:
    """In any round after a batch was answered: who came since is told, and no task is left."""
    batcher = new_batcher(calls)
    await _answered(batcher, calls, "xyz")
    callers = submit(batcher, *requests)
    await rounds(later)
    await batcher.close()

    assert ([_CLOSED] * len(requests), set()) == (await outcomes(callers), other_tasks())


async def test_closing_as_the_last_caller_leaves_sends_nothing_more(calls: ControlledCalls) -> None:
    """The call is cancelled by its caller and by the closing in one round: what queued is failed, not sent."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a")
    await settled()
    callers += submit(batcher, "b")
    await settled()
    callers[0].cancel()
    await rounds(1)

    await asyncio.wait_for(batcher.close(), timeout=5)

    assert [_CANCELLED, _CLOSED] == await outcomes(callers)
    assert ([["a"]], set()) == (calls.batches, other_tasks())


async def test_nothing_is_sent_after_closing(calls: ControlledCalls) -> None:
    """Who comes too late is told at once, also while the closing is under way."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a")
    await settled()
    closing = asyncio.create_task(batcher.close())
    await rounds(1)
    callers += submit(batcher, "b")
    await closing
    callers += submit(batcher, "c")

    assert [_CLOSED] * 3 == await outcomes(callers)
    assert ([["a"]], set()) == (calls.batches, other_tasks())


async def test_closing_twice_is_closing_once(calls: ControlledCalls) -> None:
    """Also both at once, and also without ever having been used."""
    batcher = new_batcher(calls)
    callers = submit(batcher, "a")
    await settled()

    await asyncio.gather(batcher.close(), batcher.close())
    await batcher.close()
    await new_batcher(calls).close()

    assert ([_CLOSED], set()) == (await outcomes(callers), other_tasks())


async def test_a_call_that_will_not_be_cancelled_holds_up_the_closing_only_until_it_ends() -> None:
    """Its callers are answered, those behind it are told; nothing more is sent."""
    ending, batches = asyncio.Event(), list[list[str]]()

    async def call(requests: list[str]) -> Sequence[str]:
        batches.append(requests)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await ending.wait()
        return [answer_to(request) for request in requests]

    batcher = Batcher(call, max_size=1, max_wait=timedelta(hours=1), max_waiting=100)
    callers = submit(batcher, "a", "b")
    await settled()
    closing = asyncio.create_task(batcher.close())
    await settled()
    still_closing = not closing.done()
    ending.set()
    await closing

    assert (True, [["a"]]) == (still_closing, batches)
    assert [answer_to("a"), _CLOSED] == await outcomes(callers)


# All rules at once.


async def test_five_thousand_callers_never_get_each_others_answers() -> None:
    """Callers come in waves and leave at random, calls take their time, some fail, some batches are left by all."""
    random = Random(20261124)  # noqa: S311 - the same every time.
    batches: list[list[int]] = []

    async def call(requests: list[int]) -> Sequence[str]:
        number = len(batches)
        batches.append(requests)
        await rounds(random.randrange(6))
        if number % 7 == 3:
            raise ZeroDivisionError(f"call {number}")
        return [answer_to(str(request)) for request in requests]

    batcher = Batcher(call, max_size=32, max_wait=timedelta(minutes=1), max_waiting=10_000)
    callers: list[asyncio.Task[str]] = []
    cancelled: set[int] = set()
    while len(callers) < 5000:
        wave = random.choice((1, 1, 5, 50, 200))
        callers += [asyncio.create_task(batcher.submit(len(callers) + place)) for place in range(wave)]
        await rounds(random.randrange(4))
        for number in random.sample(range(len(callers)), len(callers) // 50):
            if callers[number].cancel():
                cancelled.add(number)

    got = await outcomes(callers)
    await settled()

    call_of = {request: number for number, requests in enumerate(batches) for request in requests}
    expected: list[Outcome] = [
        _CANCELLED
        if number in cancelled
        else answer_to(str(number))
        if call_of[number] % 7 != 3
        else (ZeroDivisionError, f"call {call_of[number]}")
        for number in range(len(callers))
    ]
    assert expected == got
    assert set() == other_tasks()
    # The test is worth something only if all of it happened.
    assert 500 < len(cancelled) < 4000
    assert 100 < sum(isinstance(outcome, tuple) and outcome[0] is ZeroDivisionError for outcome in got)
    assert sorted(call_of) == sorted(request for requests in batches for request in requests)


class _Play:
    """Callers, calls and what has happened to each of them, step by step."""

    def __init__(self) -> None:
        self.calls = ControlledCalls()
        self.batcher = new_batcher(self.calls, max_size=3)
        self.callers: list[asyncio.Task[str]] = []
        self.cancelled: set[int] = set()
        self._failed: set[int] = set()
        self.complaints: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.complaints.append(str(context)))

    async def submit(self, _: int) -> None:
        """One more caller."""
        self.callers += submit(self.batcher, str(len(self.callers)))

    async def cancel(self, number: int) -> None:
        """That caller goes away, if it is there."""
        if number < len(self.callers) and self.callers[number].cancel():
            self.cancelled.add(number)

    async def answer(self, _: int) -> None:
        """The call under way, if any, is answered."""
        for number in self.calls.under_way():
            self.calls.answer(number)

    async def fail(self, _: int) -> None:
        """The call under way, if any, fails."""
        for number in self.calls.under_way():
            self.calls.fail(number, ZeroDivisionError("surprise"))
            self._failed.add(number)

    async def rounds(self, count: int) -> None:
        """The loop goes round."""
        await rounds(count)

    async def finish(self) -> None:
        """Every call is answered."""
        await settled()
        while self.calls.under_way():
            await self.answer(0)
            await settled()

    def own_outcomes(self) -> list[Outcome]:
        """What each caller gets if it stays."""
        call_of = {int(request): number for number, requests in enumerate(self.calls.batches) for request in requests}
        return [
            _SURPRISE if call_of.get(number) in self._failed else answer_to(str(number))
            for number in range(len(self.callers))
        ]


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.sampled_from([_Play.submit, _Play.answer, _Play.fail]), st.just(0)),
            st.tuples(st.just(_Play.cancel), st.integers(0, 20)),
            st.tuples(st.just(_Play.rounds), st.integers(1, 3)),
        ),
        max_size=40,
    ),
    close=st.booleans(),
)
@settings(max_examples=500, deadline=None)
async def test_any_interleaving_leaves_nobody_behind(
    steps: list[tuple[Callable[[_Play, int], Awaitable[None]], int]],
    close: bool,  # noqa: FBT001 - drawn.
) -> None:
    """Whatever happens in one round of the loop or in several: each caller ends, with what is its own, once."""
    play = _Play()
    for step, argument in steps:
        await step(play, argument)

    await asyncio.wait_for(play.batcher.close() if close else play.finish(), timeout=5)
    got = await asyncio.wait_for(outcomes(play.callers), timeout=5)

    for number, own in enumerate(play.own_outcomes()):
        possible = [_CANCELLED] if number in play.cancelled else [own, _CLOSED] if close else [own]
        assert got[number] in possible
    sent = [request for requests in play.calls.batches for request in requests]
    assert (len(set(sent)), set(), []) == (len(sent), other_tasks(), play.complaints)

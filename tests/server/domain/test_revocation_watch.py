"""Many subscribers and one reader: who is told what, and when nobody is."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from grantway_server.domain import revocation_watch
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.revocation_events import Position, RevocationEvent, RevocationPortion, RevokedToken
from grantway_server.domain.revocation_watch import RevocationWatch
from grantway_server.storage.memory_revocation_log import MemoryRevocationLog

_Subscription = AsyncGenerator[RevocationPortion | None, None]


class _Log:
    """A log that can fail, and be exchanged for one with another history."""

    def __init__(self) -> None:
        self.log = MemoryRevocationLog()
        self.error: Exception | None = None
        self.reads = 0

    def add(self, *names: str) -> None:
        """Writes down that tokens of these names were revoked."""
        self.log.add(map(RevokedToken, names))

    async def read(self, after: Position | None) -> RevocationPortion:
        """See `RevocationLog.read`."""
        self.reads += 1
        if self.error is not None:
            raise self.error
        return await self.log.read(after)

    async def wait(self, after: Position) -> None:
        """See `RevocationLog.wait`."""
        if self.error is not None:
            raise self.error
        await self.log.wait(after)


@pytest.fixture(name="log")
def _log() -> _Log:
    return _Log()


@pytest.fixture(name="watch")
def _watch(log: _Log) -> RevocationWatch:
    return RevocationWatch(log)


async def _next(subscription: _Subscription) -> RevocationPortion:
    """The next portion, with or without events."""
    async with asyncio.timeout(5):
        while (portion := await anext(subscription)) is None:
            pass
    return portion


def _names(events: tuple[tuple[Position, RevocationEvent], ...]) -> list[str]:
    return [event.token_id for _, event in events if isinstance(event, RevokedToken)]


async def _told(subscription: _Subscription, count: int) -> list[str]:
    """The names of the next *count* events; fails on a gap."""
    names: list[str] = []
    while len(names) < count:
        portion = await _next(subscription)
        assert not portion.gap
        names += _names(portion.events)
    return names


async def test_everybody_is_told_of_everything_from_now_on(log: _Log, watch: RevocationWatch) -> None:
    """The first portion comes at once, and is where it begins: what was before is not told."""
    log.add("before")
    subscriptions = [watch.subscribe(None) for _ in range(50)]
    first = [await _next(one) for one in subscriptions]
    log.add("a")
    log.add("b", "c")
    told = await asyncio.gather(*(_told(one, 3) for one in subscriptions))
    for one in subscriptions:
        await one.aclose()

    assert [()] * 50 == [portion.events for portion in first]
    assert [["a", "b", "c"]] * 50 == told


async def test_a_portion_comes_twice_a_second_at_least(watch: RevocationWatch) -> None:
    """Though nothing happens, to each subscriber, and it stays where it is."""
    async with aclosing(watch.subscribe(None)) as one, aclosing(watch.subscribe(None)) as other:
        first = await _next(one)
        assert first == await _next(other)
        for _ in range(3):
            started = time.monotonic()
            portions = await asyncio.gather(_next(one), _next(other))
            assert [first, first] == list(portions)
            assert time.monotonic() - started < 1  # It asks for 0.4 on an idle machine.


async def test_who_comes_back_is_told_of_what_happened_meanwhile(log: _Log, watch: RevocationWatch) -> None:
    """At any of its positions, however much there is: in parts, then what comes."""
    async with aclosing(watch.subscribe(None)) as subscription:
        before = (await _next(subscription)).position
    names = [str(number) for number in range(2500)]
    log.add(*names)
    async with aclosing(watch.subscribe(before)) as subscription:
        part = await _next(subscription)
        parts = [part, await _next(subscription), await _next(subscription)]
        log.add("last")
        last = await _told(subscription, 1)
    async with aclosing(watch.subscribe(part.position)) as subscription:
        again = await _told(subscription, 1501)

    assert [(True, 1000), (True, 1000), (False, 500)] == [(one.more, len(one.events)) for one in parts]
    assert (names, ["last"]) == ([name for one in parts for name in _names(one.events)], last)
    assert [*names[1000:], "last"] == again


async def test_nobody_misses_anything_whenever_they_come(log: _Log, watch: RevocationWatch) -> None:
    """Each is told once of all that is behind the place from which they go on, while more is written all the time."""
    names = [str(number) for number in range(400)]
    places = [(await log.read(None)).position]

    async def write() -> None:
        for name in names:
            log.add(name)
            places.append((await log.read(None)).position)
            await asyncio.sleep(0 if len(places) % 7 else 0.001)

    async def subscribe(delay: float) -> None:
        await asyncio.sleep(delay)
        start = max(0, len(places) - 5)
        async with aclosing(watch.subscribe(places[start])) as subscription:
            assert names[start:] == await _told(subscription, len(names) - start)

    await asyncio.gather(write(), *(subscribe(0.001 * number) for number in range(40)))


async def test_a_place_that_is_not_known_is_a_gap(log: _Log, watch: RevocationWatch) -> None:
    """At once, and only once."""
    log.add("a")
    async with aclosing(watch.subscribe(Position(7, 7, "0123abcd"))) as subscription:
        first = await _next(subscription)
        log.add("b")
        assert ["b"] == await _told(subscription, 1)

    assert (True, ()) == (first.gap, first.events)


async def test_a_log_that_was_set_back_is_a_gap_to_everybody(log: _Log, watch: RevocationWatch) -> None:
    """Then it goes on."""
    log.add("a")
    subscriptions = [watch.subscribe(None) for _ in range(3)]
    for one in subscriptions:
        await _next(one)
    log.log = MemoryRevocationLog()
    log.add("b", "c", "d")

    gaps = [await _next(one) for one in subscriptions]
    while not all(portion.gap for portion in gaps):
        gaps = [portion if portion.gap else await _next(one) for portion, one in zip(gaps, subscriptions, strict=True)]
    log.add("e")

    assert [["e"]] * 3 == [await _told(one, 1) for one in subscriptions]
    for one in subscriptions:
        await one.aclose()


async def test_while_the_store_does_not_answer_nobody_is_told_anything(log: _Log, watch: RevocationWatch) -> None:
    """They may go at each turn. Once it answers again they are told of all that happened, without a gap."""
    async with aclosing(watch.subscribe(None)) as subscription:
        await _next(subscription)
        log.error = StorageUnavailable()
        log.log.add([])  # Wakes the reader.
        silence: list[RevocationPortion | None] = []
        async with asyncio.timeout(5):
            while silence[-4:] != [None] * 4:
                silence.append(await anext(subscription))
        log.add("a")
        log.error = None

        assert ["a"] == await _told(subscription, 1)
    assert len([portion for portion in silence if portion]) <= 1


@pytest.mark.parametrize("error", [StorageUnavailable(), RuntimeError()], ids=["the store", "the core"])
async def test_a_failure_at_the_start_is_everybodys(log: _Log, watch: RevocationWatch, error: Exception) -> None:
    """Whoever comes when it is over is served."""
    log.error = error
    subscriptions = [watch.subscribe(None) for _ in range(3)]
    outcomes = await asyncio.gather(*map(anext, subscriptions), return_exceptions=True)
    log.error = None

    assert [error] * 3 == outcomes
    async with aclosing(watch.subscribe(None)) as subscription:
        assert not (await _next(subscription)).gap


async def test_a_reader_that_breaks_breaks_its_subscribers(log: _Log, watch: RevocationWatch) -> None:
    """A silent one would keep them waiting for ever."""
    async with aclosing(watch.subscribe(None)) as subscription:
        await _next(subscription)
        log.error = RuntimeError()
        log.log.add([])
        with pytest.raises(RuntimeError):
            await _told(subscription, 1)


async def test_who_is_slow_is_told_of_everything_together(log: _Log, watch: RevocationWatch) -> None:
    """In one portion, if it is not too much for one."""
    async with aclosing(watch.subscribe(None)) as slow, aclosing(watch.subscribe(None)) as fast:
        await _next(slow)
        await _next(fast)
        for number in range(1200):
            log.add(str(number))
            if number % 100 == 99:
                await _told(fast, 100)
        portions = [await _next(slow), await _next(slow)]

    assert [(True, 1000), (False, 200)] == [(portion.more, len(portion.events)) for portion in portions]
    assert [*map(str, range(1200))] == [name for portion in portions for name in _names(portion.events)]


async def test_who_is_too_slow_is_let_go(log: _Log, watch: RevocationWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """When what they were not told yet is not kept any more; nobody else notices."""
    monkeypatch.setattr(revocation_watch, "_MAX_KEPT", 10)
    async with aclosing(watch.subscribe(None)) as slow, aclosing(watch.subscribe(None)) as fast:
        await _next(slow)
        await _next(fast)
        for number in range(20):
            log.add(str(number))
            assert [str(number)] == await _told(fast, 1)

        with pytest.raises(StopAsyncIteration):
            await _next(slow)


async def test_there_is_room_for_so_many(watch: RevocationWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is refused, and told when to try again; whoever leaves makes room."""
    monkeypatch.setattr(revocation_watch, "MAX_SUBSCRIBERS", 2)
    async with (
        aclosing(watch.subscribe(None)) as one,
        aclosing(watch.subscribe(None)) as other,
        aclosing(watch.subscribe(None)) as third,
    ):
        await _next(one)
        await _next(other)
        with pytest.raises(Refusal) as caught:
            await _next(third)
        await one.aclose()
        async with aclosing(watch.subscribe(None)) as fourth:
            await _next(fourth)

    assert Reason.RATE_LIMITED is caught.value.reason
    assert caught.value.retry_after is not None


async def test_nobody_reads_when_nobody_subscribes(log: _Log, watch: RevocationWatch) -> None:
    """The reader ends with the last subscriber; the next one starts another."""
    async with aclosing(watch.subscribe(None)) as subscription:
        await _next(subscription)
    reads = log.reads
    log.add("a")
    await asyncio.sleep(0.5)
    assert reads == log.reads

    async with aclosing(watch.subscribe(None)) as subscription:
        await _next(subscription)
        log.add("b")
        assert ["b"] == await _told(subscription, 1)

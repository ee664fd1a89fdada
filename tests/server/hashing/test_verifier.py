"""Foreign secrets are verified without holding up anybody else."""

import asyncio
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import pbkdf2_hmac, sha256

import pytest

from grantway_server.domain.foreign_secrets import ForeignSecrets, UnsupportedHash, VerifierBusy
from grantway_server.hashing.verifier import ForeignSecretVerifier

_RIGHT = "the right secret"
_SLOW = 200_000
"""Iterations that take some hundredths of a second."""


def _hash_of(text: str, *, iterations: int = _SLOW) -> str:
    """As Django stores it."""
    digest = pbkdf2_hmac("sha256", text.encode(), b"salt", iterations)
    return f"pbkdf2_sha256${iterations}$salt${b64encode(digest).decode()}"


_STORED = _hash_of(_RIGHT)
_FAST = "{SHA-256}" + sha256(_RIGHT.encode()).hexdigest()


@asynccontextmanager
async def _open(verifier: ForeignSecretVerifier) -> AsyncIterator[ForeignSecretVerifier]:
    try:
        yield verifier
    finally:
        await verifier.close()


@pytest.fixture(name="verifier")
async def _verifier() -> AsyncIterator[ForeignSecretVerifier]:
    """As the core runs it."""
    async with _open(ForeignSecretVerifier()) as verifier:
        yield verifier


@pytest.fixture(name="one_thread")
async def _one_thread() -> AsyncIterator[ForeignSecretVerifier]:
    """One that lets two clients wait, each for the whole hash of the one before."""
    async with _open(ForeignSecretVerifier(threads=1, max_waiting=2)) as verifier:
        yield verifier


class _Asked:
    """Questions under way, each begun before the next line of the test."""

    def __init__(self, verifier: ForeignSecrets) -> None:
        self._verifier = verifier

    async def __call__(
        self, client_id: str, text: str = _RIGHT, *, stored: str = _STORED, source: str = "here"
    ) -> asyncio.Task[bool]:
        task = asyncio.create_task(self._verifier.verify(stored, text, client_id=client_id, source=source))
        await asyncio.sleep(0)
        return task


async def _gone(task: asyncio.Task[bool]) -> None:
    """The caller goes away."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("stored", [pytest.param(_STORED, id="slow"), pytest.param(_FAST, id="fast")])
async def test_the_right_secret_is_told_from_a_wrong_one(verifier: ForeignSecretVerifier, stored: str) -> None:
    """True for the secret that the hash is of, False for any other."""
    answers = [await verifier.verify(stored, text, client_id="a", source="here") for text in (_RIGHT, "another", "")]

    assert [True, False, False] == answers


async def test_what_cannot_be_checked_is_refused_and_takes_no_place(one_thread: ForeignSecretVerifier) -> None:
    """`check` says at import time what `verify` would say later."""
    one_thread.check(_STORED)
    for _ in range(10):
        with pytest.raises(UnsupportedHash):
            one_thread.check("clear text")
        with pytest.raises(UnsupportedHash):
            await one_thread.verify("clear text", "clear text", client_id="a", source="here")

    assert await one_thread.verify(_FAST, _RIGHT, client_id="a", source="here")


async def test_the_event_loop_goes_on_while_secrets_are_hashed(verifier: ForeignSecretVerifier) -> None:
    """Two hashes at a time are computed, and hundreds of other things are done meanwhile."""
    stored = _hash_of(_RIGHT, iterations=400_000)
    verifications = asyncio.gather(*(verifier.verify(stored, _RIGHT, client_id=name, source="here") for name in "ab"))
    turns = 0
    while not verifications.done():
        await asyncio.sleep(0.001)
        turns += 1

    assert [True, True] == await verifications
    assert turns > 20


async def test_a_second_secret_of_a_client_from_one_source_is_turned_away(verifier: ForeignSecretVerifier) -> None:
    """One hash of a client from there at a time, running or waiting, though threads are to spare; then the next."""
    asked = _Asked(verifier)
    first = await asked("a", "wrong")

    with pytest.raises(VerifierBusy):
        await verifier.verify(_STORED, "wrong again", client_id="a", source="here")

    assert [False, False] == [await first, await verifier.verify(_STORED, "wrong again", client_id="a", source="here")]


async def test_the_flood_of_one_client_delays_another_by_one_hash_at_most(one_thread: ForeignSecretVerifier) -> None:
    """A client that sends wrong secrets without end gets every second hash of a thread at best."""
    hashed = turned_away = 0

    async def flood(number: int) -> None:
        nonlocal hashed, turned_away
        attempt = 0
        while True:
            attempt += 1
            try:
                await one_thread.verify(_STORED, f"wrong {number} {attempt}", client_id="flooded", source="here")
                hashed += 1
            except VerifierBusy:
                turned_away += 1
                await asyncio.sleep(0.0005)

    floods = [asyncio.create_task(flood(number)) for number in range(20)]
    delays = []
    for number in range(5):
        await asyncio.sleep(0.02)
        before = hashed
        assert await one_thread.verify(
            _hash_of(f"secret {number}"), f"secret {number}", client_id="another", source="here"
        )
        delays.append(hashed - before)
    for task in floods:
        task.cancel()
    await asyncio.gather(*floods, return_exceptions=True)

    assert max(delays) <= 1
    assert hashed >= 2
    assert turned_away > 100


async def test_a_flood_leaves_a_thread_to_the_others(verifier: ForeignSecretVerifier) -> None:
    """Of two threads one client takes one: another is answered before the flooded client's slow hash is done."""
    asked = _Asked(verifier)
    slow = await asked("flooded", stored=_hash_of(_RIGHT, iterations=1_000_000))

    assert (True, False) == (await verifier.verify(_STORED, _RIGHT, client_id="another", source="here"), slow.done())
    assert await slow


async def test_clients_have_their_turns_however_many_sources_ask_about_one(one_thread: ForeignSecretVerifier) -> None:
    """One hash of the flooded client goes before another client's, and its sources wait as they came."""
    asked = _Asked(one_thread)
    order: list[str] = []

    async def ask(name: str, client_id: str) -> asyncio.Task[bool]:
        task = await asked(client_id, f"wrong {name}", source=name)
        task.add_done_callback(lambda _: order.append(name))
        return task

    tasks = [await ask(f"flood {number}", "flooded") for number in range(5)]
    tasks += [await ask("owner", "another")]

    assert [False] * 6 == await asyncio.gather(*tasks)
    assert ["flood 0", "flood 1", "owner", "flood 2", "flood 3", "flood 4"] == order


async def test_a_flood_from_many_sources_leaves_a_thread_to_the_others(verifier: ForeignSecretVerifier) -> None:
    """Of one client one hash runs, though there is another thread that nobody uses."""
    asked = _Asked(verifier)
    stored = _hash_of(_RIGHT, iterations=1_000_000)
    slow = [await asked("flooded", f"wrong {number}", stored=stored, source=str(number)) for number in range(2)]

    assert await verifier.verify(_STORED, _RIGHT, client_id="another", source="here")
    assert [False, False] == [one.done() for one in slow]
    assert [False, False] == await asyncio.gather(*slow)


async def test_from_so_many_sources_a_client_may_wait_and_no_more() -> None:
    """Who comes beyond is turned away at once, and so is nobody of another client."""
    async with _open(ForeignSecretVerifier(threads=1, max_waiting=2, max_sources=2)) as verifier:
        asked = _Asked(verifier)
        tasks = [await asked("a", f"wrong {source}", source=source) for source in "123"]

        with pytest.raises(VerifierBusy):
            await verifier.verify(_STORED, _RIGHT, client_id="a", source="4")
        assert await verifier.verify(_STORED, _RIGHT, client_id="b", source="4")

        assert [False] * 3 == await asyncio.gather(*tasks)


async def test_so_many_clients_may_wait_and_no_more(one_thread: ForeignSecretVerifier) -> None:
    """Who comes beyond is turned away at once; the others are answered in the order in which they came."""
    asked = _Asked(one_thread)
    order: list[str] = []
    tasks = {name: await asked(name) for name in "abc"}
    for name, task in tasks.items():
        task.add_done_callback(lambda _, name=name: order.append(name))  # type: ignore[misc]

    with pytest.raises(VerifierBusy):
        await one_thread.verify(_STORED, _RIGHT, client_id="d", source="here")

    assert [True] * 3 == await asyncio.gather(*tasks.values())
    assert ["a", "b", "c"] == order
    assert await one_thread.verify(_STORED, "x", client_id="d", source="here") is False


async def test_the_same_question_is_asked_once(one_thread: ForeignSecretVerifier) -> None:
    """A client that starts a hundred processes at once is verified once for them all, running or waiting."""
    asked = _Asked(one_thread)
    running = [await asked("a", source=str(number)) for number in range(100)]
    waiting = [await asked("b", "wrong") for _ in range(100)]

    assert [True] * 100 + [False] * 100 == await asyncio.gather(*running, *waiting)


async def test_who_stops_waiting_gives_the_place_back(one_thread: ForeignSecretVerifier) -> None:
    """Another client gets it, and the client itself may ask something else."""
    asked = _Asked(one_thread)
    first = await asked("a")
    leaving = [await asked("b", "b"), await asked("c", "c")]
    for task in leaving:
        await _gone(task)

    staying = [await asked("d"), await asked("b")]

    assert [True, True, True] == await asyncio.gather(first, *staying)


async def test_who_leaves_takes_nothing_from_who_stays(one_thread: ForeignSecretVerifier) -> None:
    """Of several who wait for one answer, running or waiting, those who stay get it."""
    asked = _Asked(one_thread)
    running = [await asked("a"), await asked("a")]
    waiting = [await asked("b"), await asked("b")]
    await _gone(running[0])
    await _gone(waiting[0])

    assert [True, True] == [await running[1], await waiting[1]]


async def test_a_hash_that_nobody_waits_for_any_more_still_takes_its_thread(one_thread: ForeignSecretVerifier) -> None:
    """Who asks and hangs up, over and over, gets no more hashes at a time than who waits."""
    asked = _Asked(one_thread)
    await _gone(await asked("a", "wrong"))

    with pytest.raises(VerifierBusy):
        await one_thread.verify(_STORED, "wrong again", client_id="a", source="here")
    other = await asked("b")

    assert not other.done()
    assert await other
    assert await one_thread.verify(_STORED, _RIGHT, client_id="a", source="here")


async def test_who_went_away_too_early_gets_the_answer_at_the_next_try(one_thread: ForeignSecretVerifier) -> None:
    """A hash may take longer than any call; what it says is not lost, and needs no place."""
    asked = _Asked(one_thread)
    await _gone(await asked("a"))
    assert await one_thread.verify(_STORED, _RIGHT, client_id="b", source="here")
    others = [await asked(name, name) for name in "acd"]  # There is no place any more.
    began = time.perf_counter()

    assert await one_thread.verify(_STORED, _RIGHT, client_id="a", source="here")
    assert [False] * 3 == [other.done() for other in others]
    assert time.perf_counter() - began < 0.02
    await asyncio.gather(*others)


async def test_a_wrong_secret_that_is_tried_again_costs_nothing(one_thread: ForeignSecretVerifier) -> None:
    """A client that was set up wrongly takes one hash, not one for every try; of another hash the text may be right."""
    await one_thread.verify(_STORED, "wrong", client_id="a", source="here")
    began = time.process_time()
    answers = {await one_thread.verify(_STORED, "wrong", client_id="a", source="here") for _ in range(1000)}

    assert ({False}, True) == (
        answers,
        await one_thread.verify(_hash_of("wrong"), "wrong", client_id="a", source="here"),
    )
    assert time.process_time() - began < 5


async def test_memory_is_bounded_and_holds_no_secrets(verifier: ForeignSecretVerifier) -> None:
    """A flood of secrets leaves no more than 1024 answers behind, and of no text anything to guess it by."""
    for number in range(1030):
        await verifier.verify(_FAST, f"wrong {number}", client_id="a", source="here")

    kept = verifier._answers  # noqa: SLF001 - memory has no other face.

    assert 1024 == len(kept)
    assert not {sha256(f"{stored}\0wrong 1029".encode()).digest() for stored in ("", _FAST)} & kept.keys()
    assert {32} == {len(question) for question in kept}


def _hashing_threads() -> set[threading.Thread]:
    """Those of the whole process: another test may have left some to end with it."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("foreign-secrets")}


async def test_close_ends_the_threads() -> None:
    """What runs is answered, what waits is turned away, and so is whoever comes later."""
    before = _hashing_threads()
    verifier = ForeignSecretVerifier(threads=1)
    asked = _Asked(verifier)
    running, left = await asked("a"), await asked("b")
    waiting = [await asked(name) for name in "cd"]
    await _gone(left)

    await verifier.close()

    outcomes = await asyncio.gather(running, *waiting, return_exceptions=True)
    assert [True, VerifierBusy, VerifierBusy] == [
        outcome if isinstance(outcome, bool) else type(outcome) for outcome in outcomes
    ]
    with pytest.raises(VerifierBusy):
        await verifier.verify(_STORED, "another", client_id="e", source="here")
    assert set() == _hashing_threads() - before


async def test_close_waits_for_a_hash_that_its_caller_has_left() -> None:
    """Nothing is computed any more when it returns."""
    before = _hashing_threads()
    verifier = ForeignSecretVerifier()
    await _gone(await _Asked(verifier)("a"))

    await verifier.close()
    await verifier.close()

    assert set() == _hashing_threads() - before


_WITHOUT_MEMORY = """
import asyncio, resource
from grantway_server.hashing.verifier import ForeignSecretVerifier

GREEDY = "$argon2id$v=19$m=262144,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
MODEST = "$argon2id$v=19$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw"

async def main():
    verifier = ForeignSecretVerifier(threads=1)
    print(await verifier.verify(MODEST, "wrong", client_id="a", source="here"))
    in_use = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + 128 * 1024 * 1024,) * 2)
    try:
        await verifier.verify(GREEDY, "a secret", client_id="a", source="here")
    except RuntimeError as error:
        print(error)
    print(await verifier.verify(MODEST, "test", client_id="a", source="here"))
    await verifier.close()

asyncio.run(main())
"""


def test_a_hash_that_fails_gives_its_place_back() -> None:
    """Where there is no memory for a hash, its caller hears so, without the secret, and the next is verified."""
    ran = subprocess.run(
        [sys.executable, "-c", _WITHOUT_MEMORY], capture_output=True, text=True, check=False, timeout=30
    )

    assert ("False\nargon2: Memory allocation error\nTrue\n", "", 0) == (ran.stdout, ran.stderr, ran.returncode)

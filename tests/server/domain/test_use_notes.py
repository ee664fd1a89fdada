"""Notes of the use of secrets: written at once where a verdict may rest on it, and gathered where none can."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from grantway_server.domain import gathered_uses, use_notes
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.client_uses import ClientUses
from grantway_server.domain.introspection import IntrospectionRequest
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.secret_use import NewUse, SecretUse
from grantway_server.domain.token_revocation import RevocationRequest
from grantway_server.domain.use_notes import UseNotes
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import Credentials, Grant, check, issue, token_of
from tests.server.samples import NOON, WELL_FORMED_TOKEN, a_client

_INTERVAL = timedelta(milliseconds=50)
_NEVER = timedelta(days=1)

_Use = Callable[[Grant, Credentials], Awaitable[None]]


class _Store(MemoryTokenStore):
    """Remembers what was written in which step.

    Attributes:
        steps: What was written, in steps.
        asked: How often it was asked to write under a number.
        error: What it raises instead of writing, if anything.
        answers: Whether it says that it has written.
        open: While this is not set it takes its time.
    """

    def __init__(self) -> None:
        super().__init__(FakeClock().now)
        self.steps: list[list[NewUse]] = []
        self.asked = 0
        self.error: BaseException | None = None
        self.answers = True
        self.open = asyncio.Event()
        self.open.set()
        self._last: tuple[str, int] = ("", 0)

    async def add_uses(self, uses: Collection[NewUse], *, writer: str = "", number: int = 0) -> None:
        """See `TokenStore.add_uses`."""
        self.asked += bool(writer)
        await self.open.wait()
        if self.error is not None:
            raise self.error
        if not writer or (writer, number) != self._last:
            self.steps.append([replace(use) for use in uses])
        self._last = writer, number
        if not self.answers:
            raise StorageUnavailable


_SECRET = Secret(secret_id="abcdefgh", digest=bytes(32), created_at=NOON)
_ONE_SECRET = a_client("one", secrets=(_SECRET,))
_TWO_SECRETS = a_client("two", secrets=(_SECRET, replace(_SECRET, secret_id="ijklmnop")))


@pytest.fixture(name="store")
def _store() -> _Store:
    return _Store()


def _notes(store: _Store, interval: timedelta = _NEVER) -> UseNotes:
    return UseNotes(store, interval=interval)


def _use(number: int = 0, *, after: int = 0) -> NewUse:
    """A use that a verdict may rest on, so many seconds after noon."""
    return NewUse("one", f"secret {number}", 0, "here", NOON + timedelta(seconds=after))


def _gathered(client: str = "one", *, count: int = 1, after: int = 0, source: str = "here") -> NewUse:
    """A use that no verdict rests on, so many seconds after noon."""
    return NewUse(client, f"secret of {client}", count, source, NOON + timedelta(seconds=after))


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110 - the store says to nobody that it was written to.
            await asyncio.sleep(0.005)


async def _some_intervals() -> None:
    await asyncio.sleep(5 * _INTERVAL.total_seconds())


async def test_what_a_verdict_may_rest_on_is_written_at_once(store: _Store) -> None:
    """Each time; those that come together in one step."""
    notes = _notes(store)

    await notes.write([_use(1), _use(2)])
    await notes.write([_use(1, after=1)])

    assert [[_use(1), _use(2)], [_use(1, after=1)]] == store.steps


@pytest.mark.parametrize("error", [StorageUnavailable(), asyncio.CancelledError()], ids=["refused", "broken off"])
async def test_what_could_not_be_written_at_once_is_written_later(store: _Store, error: BaseException) -> None:
    """Whoever uses the secret does not notice that the store refused; who goes away keeps nothing back."""
    notes = _notes(store, _INTERVAL)
    store.error = error
    for use in (_use(), _use(after=1)):
        try:
            await notes.write([use])
        except asyncio.CancelledError:
            assert isinstance(error, asyncio.CancelledError)

    store.error = None
    await _until(lambda: bool(store.steps))

    assert [[replace(_use(after=1), first_at=NOON)]] == store.steps


async def test_what_no_verdict_rests_on_is_written_within_an_interval(store: _Store) -> None:
    """As one use from the first to the last, whatever their order; uses without tokens are one for themselves."""
    notes = _notes(store, _INTERVAL)

    notes.gather([_gathered(count=2, after=1), _gathered("two")])
    notes.gather([_gathered(count=3, after=5, source="there"), _gathered(after=3)])
    notes.gather([_gathered(count=0, after=7), _gathered(count=0, after=8)])
    assert [] == store.steps
    await _until(lambda: bool(store.steps))
    await _some_intervals()

    assert [
        [
            replace(_gathered(count=6, after=5, source="there"), first_at=NOON + timedelta(seconds=1)),
            replace(_gathered(count=0, after=8), first_at=NOON + timedelta(seconds=7)),
            _gathered("two"),
        ]
    ] == store.steps


async def test_whoever_is_about_to_look_has_it_written(store: _Store) -> None:
    """Of the clients that are looked at; others may wait."""
    notes = _notes(store)
    notes.gather([_gathered("one"), _gathered("two"), _gathered("three")])

    await notes.write_of(["three", "one", "nobody"])
    await notes.write_of(["three"])

    assert [_gathered("three"), _gathered("one")] == [use for step in store.steps for use in step]


async def test_whoever_looks_while_it_is_written_waits(store: _Store) -> None:
    """Else they would see less than was seen a moment ago."""
    notes = _notes(store, timedelta(0))
    store.open.clear()
    notes.gather([_gathered()])
    await _until(lambda: store.asked > 0)
    looking = asyncio.create_task(notes.write_of(["one"]))
    await asyncio.sleep(0.01)
    assert not looking.done()
    store.open.set()
    await looking

    assert [[_gathered()]] == store.steps


async def test_whoever_looks_and_goes_away_takes_nothing_along(store: _Store) -> None:
    """What they had written is written, and once."""
    notes = _notes(store)
    notes.gather([_gathered()])
    store.open.clear()
    looking = asyncio.create_task(notes.write_of(["one"]))
    await _until(lambda: store.asked > 0)
    looking.cancel()
    await asyncio.wait([looking])
    store.open.set()

    assert await notes.close()
    assert [[_gathered()]] == store.steps


async def test_the_store_is_not_rushed(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has waited the longest is written first; the others wait for a later interval, and go on gathering."""
    monkeypatch.setattr(use_notes, "_MORE_WHEN_WAITING", 4)
    monkeypatch.setattr(use_notes, "_MAX_WRITTEN", 2)
    notes = _notes(store, _INTERVAL)

    notes.gather([_gathered(name) for name in "abcde"])
    await _until(lambda: len(store.steps) == 2)
    notes.gather([_gathered(name, after=1) for name in "ea"])
    await _until(lambda: len(store.steps) == 3)

    assert [
        [_gathered("a"), _gathered("b")],
        [_gathered("c"), _gathered("d")],
        [replace(_gathered("e", count=2, after=1), first_at=NOON), _gathered("a", after=1)],
    ] == store.steps


@pytest.mark.parametrize(
    ("waiting", "written"),
    [
        pytest.param(3, 1, id="one while few wait"),
        pytest.param(4, 2, id="one more when four do"),
        pytest.param(9, 3, id="two more when nine do"),
    ],
)
async def test_the_more_wait_the_more_is_written_in_an_interval(
    store: _Store, monkeypatch: pytest.MonkeyPatch, waiting: int, written: int
) -> None:
    """Scripts of one client each here, in the first of many intervals."""
    monkeypatch.setattr(use_notes, "_MORE_WHEN_WAITING", 4)
    monkeypatch.setattr(use_notes, "_MAX_WRITTEN", 1)
    notes = _notes(store, timedelta(seconds=0.6))
    notes.gather([_gathered(f"client-{number}") for number in range(waiting)])

    await _until(lambda: bool(store.steps))
    await asyncio.sleep(0.1)

    assert written == len(store.steps)


async def test_a_store_that_is_away_loses_nothing(store: _Store) -> None:
    """What came first is written first."""
    notes = _notes(store, _INTERVAL)
    store.error = StorageUnavailable()
    notes.gather([_gathered()])
    await _some_intervals()
    notes.gather([_gathered(after=1)])
    await notes.write_of(["one"])

    store.error = None
    await _until(lambda: len(store.steps) == 2)

    assert [[_gathered()], [_gathered(after=1)]] == store.steps


async def test_what_was_done_and_not_acknowledged_is_not_done_again(store: _Store) -> None:
    """It is repeated as it was, under its number, and what comes after it waits."""
    notes = _notes(store, _INTERVAL)
    store.answers = False
    notes.gather([_gathered()])
    await _until(lambda: store.asked > 2)
    notes.gather([_gathered(after=1)])
    await _until(lambda: store.asked > 4)
    while_away = list(store.steps)

    store.answers = True
    await _until(lambda: len(store.steps) == 2)

    assert ([[_gathered()]], [[_gathered()], [_gathered(after=1)]]) == (while_away, store.steps)


async def test_nobody_is_told_what_is_not_all(store: _Store) -> None:
    """While the store refuses what is noted of a client its use is not known: a verdict could be wrong."""
    notes = _notes(store)
    uses = ClientUses(store.clients, notes)
    notes.gather([_gathered("one")])
    store.error = StorageUnavailable()
    with pytest.raises(StorageUnavailable):
        await uses.of_all(["one"])

    store.error = None
    await uses.of_all(["one"])

    assert [[_gathered("one")]] == store.steps


async def test_the_end_writes_all(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much it is, also what the store refuses at first; nothing is gathered any more."""
    monkeypatch.setattr(use_notes, "_MAX_WRITTEN", 1)
    notes = _notes(store)
    notes.gather([_gathered("one"), _gathered("two")])
    store.error = StorageUnavailable()

    closing = asyncio.create_task(notes.close())
    await asyncio.sleep(0.05)
    store.error = None

    assert await closing
    assert [[_gathered("one")], [_gathered("two")]] == store.steps
    assert {"one"} == notes.must_be_written([_ONE_SECRET])


async def test_the_end_breaks_no_write_off(store: _Store) -> None:
    """One that is under way is waited for, and not done again."""
    notes = _notes(store, timedelta(0))
    store.open.clear()
    notes.gather([_gathered()])
    await _until(lambda: store.asked > 0)
    closing = asyncio.create_task(notes.close())
    await asyncio.sleep(0.01)
    store.open.set()

    assert await closing
    assert ([[_gathered()]], 1) == (store.steps, store.asked)


async def test_the_end_does_not_wait_for_ever(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is away loses it, and the core is told."""
    monkeypatch.setattr(use_notes, "_CLOSING_PAUSE_SECONDS", 0)
    notes = _notes(store)
    store.error = StorageUnavailable()
    notes.gather([_gathered()])

    assert not await notes.close()


async def test_there_is_a_bound_to_what_is_gathered(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """While so many wait everybody's uses are to be written at once; else only those that a verdict may rest on."""
    monkeypatch.setattr(gathered_uses, "MAX_GATHERED", 1)
    notes, clients = _notes(store), (_ONE_SECRET, _TWO_SECRETS)

    before = notes.must_be_written(clients)
    notes.gather([_gathered()])

    assert ({"two"}, {"one", "two"}) == (before, notes.must_be_written(clients))


async def _uses(grant: Grant, credentials: Credentials) -> Mapping[str, SecretUse]:
    uses = await grant.service.uses(credentials.client)
    assert all(use.last_token_at is None for use in uses.values())
    return {secret_id: one for use in uses.values() for secret_id, one in use.secrets.items()}


async def _introspect(grant: Grant, credentials: Credentials, **changes: object) -> None:
    await check(grant, IntrospectionRequest(WELL_FORMED_TOKEN, (), credentials.presented(**changes)))


async def _revoke(grant: Grant, credentials: Credentials) -> None:
    await grant.revocation.revoke_own(RevocationRequest(WELL_FORMED_TOKEN, credentials.presented()))


def _once(credentials: Credentials, at: datetime) -> Mapping[str, SecretUse]:
    (secret,) = credentials.client.secrets
    return {secret.secret_id: SecretUse(count=0, first_at=at, last_at=at, source="here")}


@pytest.mark.parametrize("use", [_introspect, _revoke], ids=["a check", "a revocation"])
async def test_what_authenticates_is_a_use(grant: Grant, credentials: Credentials, use: _Use) -> None:
    """Whatever it is answered: also a client that may not ask, or asks about what is no token, is one that needs it."""
    await use(grant, credentials)

    assert _once(credentials, grant.clock.now()) == await _uses(grant, credentials)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_secret": "wrong"}, id="a wrong secret"),
        pytest.param({"client_secret": ""}, id="no secret"),
        pytest.param({"source": "x" * 65}, id="a source that is too long"),
    ],
)
async def test_what_does_not_authenticate_is_none(
    grant: Grant, credentials: Credentials, changes: dict[str, object]
) -> None:
    """And no token request that is refused is one."""
    await _introspect(grant, credentials, **changes)
    await issue(grant, credentials.request(scope="unknown"))

    assert {} == await _uses(grant, credentials)


async def _written(grant: Grant, credentials: Credentials) -> Mapping[str, int]:
    """What the store knows: how many tokens each secret obtained."""
    uses = await grant.client_store.uses([credentials.client.client_id])
    return {secret_id: one.count for use in uses.values() for secret_id, one in use.secrets.items()}


async def test_a_token_writes_its_use_where_a_verdict_may_rest_on_it(grant: Grant, credentials: Credentials) -> None:
    """In the step that stores the token: it may be the old secret's last, and a core that dies must not lose it."""
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)
    both = Credentials(rotation.client, rotation.text), Credentials(rotation.client, credentials.secret)

    for one in both:
        await token_of(grant, one)

    assert {secret.secret_id: 1 for secret in rotation.client.secrets} == await _written(grant, credentials)


async def test_other_tokens_leave_it_to_the_notes(grant: Grant, credentials: Credentials) -> None:
    """Whoever looks sees it all the same; so it is before the rotation, too."""
    await token_of(grant, credentials)
    before = await _written(grant, credentials)
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)

    (secret,) = credentials.client.secrets
    assert ({}, {secret.secret_id: 1}) == (before, await _written(grant, credentials))
    assert [(secret.secret_id, 1)] == [(one.secret.secret_id, one.use.count) for one in rotation.old_secrets if one.use]


async def test_what_is_beyond_the_bound_is_written_with_its_token(
    grant: Grant, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And once."""
    monkeypatch.setattr(gathered_uses, "MAX_GATHERED", 0)
    await token_of(grant, credentials)

    (secret,) = credentials.client.secrets
    assert {secret.secret_id: 1} == await _written(grant, credentials)
    assert {credentials.client.client_id: 1} == {
        client_id: use.secrets[secret.secret_id].count
        for client_id, use in (await grant.service.uses(credentials.client)).items()
    }


async def test_a_token_that_is_not_stored_is_no_use(grant: Grant, credentials: Credentials) -> None:
    """Whoever asked got none."""
    await grant.clients.disable(credentials.client.client_id)

    await issue(grant, credentials.request())

    assert {} == dict(await grant.service.uses(credentials.client))

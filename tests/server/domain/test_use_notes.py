"""Notes of the use of secrets: written at once where a verdict may rest on it, and gathered where none can."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from grantway_server.domain import gathered_uses, use_notes
from grantway_server.domain.introspection import IntrospectionRequest
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.secret_use import NewUse, SecretUse
from grantway_server.domain.token_revocation import RevocationRequest
from grantway_server.domain.use_notes import UseNotes
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import Credentials, Grant, check, issue, new_grant, register, token_of
from tests.server.samples import NOON, WELL_FORMED_TOKEN

_INTERVAL = timedelta(milliseconds=50)
_NEVER = timedelta(days=1)

_Use = Callable[[Grant, Credentials], Awaitable[None]]


class _Store(MemoryTokenStore):
    """Remembers what was written in which step; raises `error` instead, if there is one."""

    def __init__(self) -> None:
        super().__init__(FakeClock().now)
        self.steps: list[list[NewUse]] = []
        self.error: BaseException | None = None

    async def add_uses(self, uses: Collection[NewUse]) -> None:
        """See `TokenStore.add_uses`."""
        if self.error is not None:
            raise self.error
        if uses:
            self.steps.append([replace(use) for use in uses])


@pytest.fixture(name="store")
def _store() -> _Store:
    return _Store()


def _use(number: int = 0, *, after: int = 0) -> NewUse:
    """A use of a secret, so many seconds after noon."""
    return NewUse("one", f"secret {number}", 0, "here", NOON + timedelta(seconds=after))


async def _until_written(store: _Store, steps: int) -> None:
    async with asyncio.timeout(10):
        while len(store.steps) < steps:  # noqa: ASYNC110 - the store says to nobody that it was written to.
            await asyncio.sleep(0.005)


async def test_the_first_use_is_written_at_once(store: _Store) -> None:
    """Of each secret; those that come together in one step."""
    notes = UseNotes(store, interval=_NEVER)

    await notes.take([_use(1), _use(2)])
    await notes.take([_use(1), _use(3)])

    assert [[_use(1), _use(2)], [_use(3)]] == store.steps


async def test_a_thousand_uses_are_two_writes(store: _Store) -> None:
    """The first one, and the last one at the end of the interval; then nothing is left to do."""
    notes = UseNotes(store, interval=_INTERVAL)

    for second in range(1000):
        await notes.take([_use(after=second)])
    await _until_written(store, 2)
    await asyncio.sleep(3 * _INTERVAL.total_seconds())

    assert [[_use()], [replace(_use(after=999), first_at=NOON + timedelta(seconds=1))]] == store.steps


async def test_a_use_after_a_quiet_time_is_a_first_one(store: _Store) -> None:
    """It is written at once again."""
    notes = UseNotes(store, interval=_INTERVAL)
    await notes.take([_use()])
    await asyncio.sleep(10 * _INTERVAL.total_seconds())

    await notes.take([_use(after=1)])

    assert [[_use()], [_use(after=1)]] == store.steps


@pytest.mark.parametrize(
    ("later", "written"),
    [
        pytest.param([], _use(), id="as it was"),
        pytest.param(
            [_use(after=1)], replace(_use(after=1), first_at=NOON), id="with the last one since, and when the first was"
        ),
    ],
)
async def test_what_could_not_be_written_is_written_later(store: _Store, later: list[NewUse], written: NewUse) -> None:
    """Whoever uses the secret does not notice; the store is not asked more often either."""
    notes = UseNotes(store, interval=_INTERVAL)
    store.error = StorageUnavailable()
    await notes.take([_use()])
    for use in later:
        await notes.take([use])
    await asyncio.sleep(3 * _INTERVAL.total_seconds())

    store.error = None
    await _until_written(store, 1)

    assert [[written]] == store.steps


async def test_what_was_broken_off_is_written_later(store: _Store) -> None:
    """Its caller is gone."""
    notes = UseNotes(store, interval=_INTERVAL)
    store.error = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await notes.take([_use()])

    store.error = None
    await _until_written(store, 1)

    assert [[_use()]] == store.steps


async def test_there_is_a_bound_to_what_is_noted(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond is written each time: nothing is lost. No step is longer than the store may be kept busy."""
    monkeypatch.setattr(use_notes, "_MAX_NOTES", 3)
    monkeypatch.setattr(use_notes, "_MAX_WRITTEN", 2)
    notes = UseNotes(store, interval=_NEVER)
    uses = [_use(number) for number in range(5)]

    await notes.take(uses)
    await notes.take(uses)

    assert [uses[:2], uses[2:4], uses[4:], uses[3:]] == store.steps


def _gathered(client: str = "one", *, count: int = 1, after: int = 0, source: str = "here") -> NewUse:
    """A use that no verdict rests on, so many seconds after noon."""
    return NewUse(client, f"secret of {client}", count, source, NOON + timedelta(seconds=after), decides=False)


async def test_what_no_verdict_rests_on_is_written_within_an_interval(store: _Store) -> None:
    """As one use from the first to the last, whatever their order; uses without tokens are one for themselves."""
    notes = UseNotes(store, interval=_INTERVAL)

    notes.gather([_gathered(count=2, after=1), _gathered("two")])
    notes.gather([_gathered(count=3, after=5, source="there"), _gathered(after=3)])
    await notes.take([_gathered(count=0, after=7), _gathered(count=0, after=8)])
    assert [] == store.steps
    await _until_written(store, 1)
    await asyncio.sleep(3 * _INTERVAL.total_seconds())

    assert [
        [
            replace(_gathered(count=6, after=5, source="there"), first_at=NOON + timedelta(seconds=1)),
            replace(_gathered(count=0, after=8), first_at=NOON + timedelta(seconds=7)),
            _gathered("two"),
        ]
    ] == store.steps


async def test_whoever_is_about_to_look_has_it_written(store: _Store) -> None:
    """Of the clients that are looked at; others may wait."""
    notes = UseNotes(store, interval=_NEVER)
    notes.gather([_gathered("one"), _gathered("two"), _gathered("three")])

    await notes.write_of(["three", "one", "nobody"])
    await notes.write_of(["three"])

    assert [[_gathered("three"), _gathered("one")]] == store.steps


async def test_whoever_is_about_to_look_has_the_last_use_of_a_second_written(store: _Store) -> None:
    """A verdict rests on it."""
    notes = UseNotes(store, interval=_NEVER)
    await notes.take([_use(1)])
    await notes.take([_use(1, after=1), _use(2, after=1)])

    await notes.write_of(["one"])
    await notes.write_of(["one"])

    assert [[_use(1)], [_use(2, after=1)], [_use(1, after=1)]] == store.steps


async def test_a_store_that_did_not_answer_is_asked_for_an_answer_first(store: _Store) -> None:
    """It may have done the last write, or do it when it wakes up: each further one would be counted, too."""
    notes = UseNotes(store, interval=_INTERVAL)
    written: list[list[NewUse]] = []
    answers = True

    async def add_uses(uses: Collection[NewUse]) -> None:
        if uses:
            written.append([replace(use) for use in uses])
        if not answers:
            raise StorageUnavailable

    store.add_uses = add_uses  # type: ignore[method-assign]
    answers = False
    notes.gather([_gathered()])
    await asyncio.sleep(5 * _INTERVAL.total_seconds())
    while_away = list(written)
    answers = True
    await asyncio.sleep(3 * _INTERVAL.total_seconds())

    assert ([[_gathered()]], [[_gathered()], [_gathered()]]) == (while_away, written)


async def test_whoever_looks_while_it_is_written_waits(store: _Store) -> None:
    """Else they would see less than was seen a moment ago."""
    notes = UseNotes(store, interval=timedelta(0))
    entered, leave = asyncio.Event(), asyncio.Event()
    add_uses = store.add_uses

    async def slowly(uses: Collection[NewUse]) -> None:
        entered.set()
        await leave.wait()
        await add_uses(uses)

    store.add_uses = slowly  # type: ignore[method-assign]
    notes.gather([_gathered()])
    await entered.wait()
    looking = asyncio.create_task(notes.write_of(["one"]))
    await asyncio.sleep(0.01)
    assert not looking.done()
    leave.set()
    await looking

    assert [[_gathered()]] == store.steps


async def test_the_store_is_not_rushed(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has waited the longest is written first; the others wait for a later interval, and go on gathering."""
    monkeypatch.setattr(use_notes, "_MAX_GATHERED_WRITTEN", 3)
    monkeypatch.setattr(use_notes, "_MAX_WRITTEN", 2)
    notes = UseNotes(store, interval=_INTERVAL)

    notes.gather([_gathered(name) for name in "abcd"])
    await _until_written(store, 2)
    notes.gather([_gathered(name, after=1) for name in "da"])
    await _until_written(store, 3)

    assert [
        [_gathered("a"), _gathered("b")],
        [_gathered("c")],
        [replace(_gathered("d", count=2, after=1), first_at=NOON), _gathered("a", after=1)],
    ] == store.steps


async def test_what_could_not_be_written_is_gathered_still(store: _Store) -> None:
    """A store that is away for a while costs nothing of the count."""
    notes = UseNotes(store, interval=_INTERVAL)
    store.error = StorageUnavailable()
    notes.gather([_gathered()])
    await asyncio.sleep(3 * _INTERVAL.total_seconds())
    notes.gather([_gathered(after=1)])
    await notes.write_of(["one"])

    store.error = None
    await _until_written(store, 1)

    assert [[replace(_gathered(count=2, after=1), first_at=NOON)]] == store.steps


async def test_the_end_writes_all(store: _Store) -> None:
    """Also what the store refuses at first, and what is the last use of a second; nothing is begun any more."""
    notes = UseNotes(store, interval=_NEVER)
    await notes.take([_use()])
    await notes.take([_use(after=1)])
    notes.gather([_gathered("two")])
    store.error = StorageUnavailable()

    closing = asyncio.create_task(notes.close())
    await asyncio.sleep(0.05)
    store.error = None

    assert await closing
    assert [[_use()], [_use(after=1), _gathered("two")]] == store.steps
    assert notes.is_full


async def test_the_end_does_not_wait_for_ever(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is away loses it, and the core is told."""
    monkeypatch.setattr(use_notes, "_CLOSING_PAUSE_SECONDS", 0)
    notes = UseNotes(store, interval=_NEVER)
    store.error = StorageUnavailable()
    notes.gather([_gathered()])

    assert not await notes.close()


async def test_there_is_a_bound_to_what_is_gathered(store: _Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uses of further clients are written at once."""
    monkeypatch.setattr(gathered_uses, "MAX_GATHERED", 1)
    notes = UseNotes(store, interval=_NEVER)

    await notes.take([_gathered("one"), _gathered("two")])

    assert ([[_gathered("two")]], True) == (store.steps, notes.is_full)


@pytest.fixture(name="grant")
def _grant() -> Grant:
    return new_grant()


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    return await register(grant)


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

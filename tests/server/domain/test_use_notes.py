"""Notes of the use of secrets that obtains no tokens: written at once, then about once a second."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

import pytest

from grantway_server.domain import use_notes
from grantway_server.domain.introspection import IntrospectionRequest
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.secret_use import NewUse, SecretUse
from grantway_server.domain.token_revocation import RevocationRequest
from grantway_server.domain.use_notes import UseNotes
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.server.domain.grant import Credentials, Grant, check, issue, new_grant, register
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
        self.steps.append(list(uses))


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

    assert [[_use()], [_use(after=999)]] == store.steps


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
        pytest.param([_use(after=1)], _use(after=1), id="or the last one since"),
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


@pytest.fixture(name="grant")
def _grant() -> Grant:
    return new_grant()


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    return await register(grant)


async def _uses(grant: Grant, credentials: Credentials) -> Mapping[str, SecretUse]:
    uses = await grant.client_store.uses([credentials.client.client_id])
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

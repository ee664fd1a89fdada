"""Another secret: what the rotation answers, what it refuses, and what the old ones are good for meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from secrets import token_bytes
from unittest.mock import ANY

import pytest

from grantway_server.domain.audit import Kind
from grantway_server.domain.client_import import ForeignClient
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.impact import SecretState
from grantway_server.domain.refusals import Reason
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_rotation import Rotation
from grantway_server.domain.secret_use import Basis, SecretUse, Verdict
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.counting_random import CountingRandom
from tests.server.domain.good_secrets import are_good
from tests.server.domain.grant import (
    FIELDS,
    MAX_SECRETS,
    Credentials,
    Grant,
    grant_on,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import Said, outcome_of
from tests.server.samples import NOON, a_client
from tests.server.storage.writes import stored

_SECRET_ID_BYTES = 5

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_BAD_OVERLAP: Said = (Reason.INVALID_REQUEST, "overlap must be whole seconds from 0 to 365 days.", None)
_FULL: Said = (
    Reason.INVALID_REQUEST,
    "A client has at most 5 good secrets: retire one first, or rotate with overlap 0.",
    None,
)


async def test_a_rotation_is_seen_whole() -> None:
    """The client with a second secret, its text, and the first one's deadline and use."""
    grant = new_grant(random_bytes=CountingRandom())
    credentials = await register(grant)
    (first,) = credentials.client.secrets
    await token_of(grant, credentials)
    grant.clock.advance(_MINUTE)

    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)

    second = Secret("aaaaaaaf", ANY, NOON + _MINUTE)
    ending = replace(first, expires_at=NOON + _MINUTE + timedelta(days=7))
    client = replace(credentials.client, secrets=(ending, second), updated_at=NOON + _MINUTE, version=ANY)
    use = SecretUse(count=1, first_at=NOON, last_at=NOON, source="here")
    assert (
        Rotation(
            client,
            ANY,
            SecretState(second, None, Verdict(Basis.NEWEST)),
            [SecretState(ending, use, Verdict(Basis.NEWER_UNUSED))],
        )
        == rotation
    )
    assert client == await grant.clients.get(client.client_id)
    assert rotation.text.startswith("gws_live_aaaaaaaf_")
    assert rotation.text not in repr(rotation)


@pytest.mark.parametrize(
    ("overlap", "until"),
    [
        pytest.param(timedelta(seconds=1), timedelta(seconds=1), id="a-second"),
        pytest.param(timedelta(days=7), timedelta(days=7), id="a-week"),
        pytest.param(timedelta(days=365), timedelta(days=365), id="a-year"),
        pytest.param(timedelta(0), timedelta(0), id="none"),
    ],
)
async def test_both_secrets_work_until_the_deadline(
    grant: Grant, credentials: Credentials, overlap: timedelta, until: timedelta
) -> None:
    """And from then on the new one alone."""
    text = (await grant.rotations.rotate(credentials.client.client_id, by=ALICE, overlap=overlap)).text
    both = []
    if overlap:
        grant.clock.advance(until - timedelta(microseconds=1))
        both = await are_good(grant, credentials, credentials.secret, text)
        grant.clock.advance(timedelta(microseconds=1))

    assert ([True, True] if overlap else [], [False, True]) == (
        both,
        await are_good(grant, credentials, credentials.secret, text),
    )


async def test_a_rotation_without_overlap_says_what_was_using_the_old_secrets(
    grant: Grant, credentials: Credentials
) -> None:
    """They are gone from the client, and what is known of their use with them: the answer has the last word."""
    await token_of(grant, credentials)
    grant.clock.advance(_MINUTE)

    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE, overlap=timedelta(0))

    ended = replace(credentials.client.secrets[0], expires_at=NOON + _MINUTE)
    use = SecretUse(count=1, first_at=NOON, last_at=NOON, source="here")
    assert [SecretState(ended, use, Verdict(Basis.EXPIRED))] == list(rotation.old_secrets)
    assert [rotation.secret] == await grant.secrets.all_of(credentials.client.client_id)


async def test_a_deadline_is_never_put_off(grant: Grant, credentials: Credentials) -> None:
    """A secret that expires before the deadline expires as before; one that expires later, at the deadline."""
    client_id = credentials.client.client_id
    await grant.rotations.rotate(client_id, by=ALICE, overlap=_DAY)
    await grant.rotations.rotate(client_id, by=ALICE, overlap=_DAY * 2)
    await grant.rotations.rotate(client_id, by=ALICE, overlap=_DAY * 3)

    client = await grant.clients.get(client_id)

    assert [NOON + _DAY, NOON + _DAY * 2, NOON + _DAY * 3, None] == [secret.expires_at for secret in client.secrets]


@pytest.mark.parametrize(
    "overlap",
    [
        pytest.param(timedelta(seconds=-1), id="negative"),
        pytest.param(timedelta(days=365, seconds=1), id="more-than-a-year"),
        pytest.param(timedelta(seconds=1, microseconds=1), id="a-fraction-of-a-second"),
        pytest.param(timedelta.max, id="for-ever"),
    ],
)
async def test_an_overlap_that_cannot_be_is_refused(grant: Grant, credentials: Credentials, overlap: timedelta) -> None:
    """Nothing is changed."""
    outcome = await outcome_of(grant.rotations.rotate(credentials.client.client_id, by=ALICE, overlap=overlap))

    assert (_BAD_OVERLAP, credentials.client) == (outcome, await grant.clients.get(credentials.client.client_id))


async def test_a_client_has_so_many_good_secrets_and_no_more(grant: Grant, credentials: Credentials) -> None:
    """All of them work; the next rotation is refused, until one is retired, or all old ones end by it."""
    client_id = credentials.client.client_id
    texts = [credentials.secret]
    texts += [(await grant.rotations.rotate(client_id, by=ALICE)).text for _ in range(MAX_SECRETS - 1)]
    before = await grant.clients.get(client_id)
    refused = await outcome_of(grant.rotations.rotate(client_id, by=ALICE))
    unchanged = await grant.clients.get(client_id)
    works = await are_good(grant, credentials, *texts)
    await grant.secrets.retire(client_id, texts[0][9:17], by=ALICE)
    texts.append((await grant.rotations.rotate(client_id, by=ALICE)).text)
    texts.append((await grant.rotations.rotate(client_id, by=ALICE, overlap=timedelta(0))).text)

    assert (_FULL, before, [True] * MAX_SECRETS) == (refused, unchanged, works)
    assert [False, False, False, True] == await are_good(grant, credentials, texts[0], *texts[-3:])


async def test_expired_secrets_do_not_count_and_go(grant: Grant, credentials: Credentials) -> None:
    """A rotation takes away what is no good any more, and needs no place for it."""
    client_id = credentials.client.client_id
    for _ in range(MAX_SECRETS - 1):
        await grant.rotations.rotate(client_id, by=ALICE, overlap=_DAY)
    grant.clock.advance(_DAY)

    rotation = await grant.rotations.rotate(client_id, by=ALICE)

    assert 2 == len(rotation.client.secrets)
    assert [NOON + _DAY + timedelta(days=7), None] == [secret.expires_at for secret in rotation.client.secrets]
    assert 1 == len(rotation.old_secrets)


async def test_a_policy_gives_new_secrets_an_end() -> None:
    """Those that are made under it, at creation and at rotation; the deadline of a rotation may be sooner."""
    policy = SecretExpiry(max_age=timedelta(days=90), warning=timedelta(days=30))
    store = MemoryClientStore()
    before = new_grant(client_store=store)
    free = (await register(before)).client
    grant = new_grant(client_store=store, secret_expiry=policy)
    bound = (await register(grant)).client

    rotated = await grant.rotations.rotate(free.client_id, by=ALICE, overlap=_DAY)

    assert [None] == [secret.expires_at for secret in free.secrets]
    assert [NOON + timedelta(days=90)] == [secret.expires_at for secret in bound.secrets]
    assert [NOON + _DAY, NOON + timedelta(days=90)] == [secret.expires_at for secret in rotated.client.secrets]


async def test_a_disabled_client_stays_disabled_through_a_rotation(grant: Grant, credentials: Credentials) -> None:
    """S04: it has a new secret, gets no token with it, and since when it is disabled is as it was."""
    client_id = credentials.client.client_id
    disabled = await grant.clients.disable(client_id)
    grant.clock.advance(_MINUTE)

    rotation = await grant.rotations.rotate(client_id, by=ALICE)

    expected = replace(disabled, secrets=ANY, updated_at=NOON + _MINUTE, version=ANY)
    assert expected == rotation.client
    assert [False, False] == await are_good(grant, credentials, credentials.secret, rotation.text)


async def test_a_client_that_is_disabled_during_a_rotation_stays_so() -> None:
    """S04: whoever was faster."""
    shared = MemoryClientStore()
    store = CrowdedClientStore(shared)
    grant, others = new_grant(client_store=store), new_grant(client_store=shared)
    credentials = await register(grant)
    store.before_writes = [lambda: others.clients.disable(credentials.client.client_id)]

    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)

    assert (NOON, 2) == (rotation.client.disabled_at, len(rotation.client.secrets))


async def test_rotations_at_the_same_moment_leave_what_they_acknowledged(connections: RedisConnections) -> None:
    """I5: on two cores over one store, each acknowledged secret works, and there is no other one."""
    one, other = grant_on(connections), grant_on(connections)
    credentials = await register(one)
    client_id = credentials.client.client_id

    rotations = await asyncio.gather(
        *(core.rotations.rotate(client_id, by=ALICE, overlap=_DAY) for core in (one, other))
    )

    client = await one.clients.get(client_id)
    assert {credentials.client.secrets[0].secret_id, *(one.secret.secret.secret_id for one in rotations)} == {
        secret.secret_id for secret in client.secrets
    }
    assert [True] * 3 == await are_good(other, credentials, credentials.secret, *(one.text for one in rotations))
    assert [Kind.SECRET_ROTATED] * 2 == [
        record.kind for core in (one, other) for record in core.announced if record.kind is not Kind.CLIENT_CREATED
    ]


async def test_rotations_without_overlap_at_the_same_moment_leave_what_they_acknowledged(
    connections: RedisConnections,
) -> None:
    """I5: one of them is made, and the other one is a conflict, rather than an answer with a secret that is dead."""
    one, other = grant_on(connections), grant_on(connections)
    credentials = await register(one)
    starts = await one.clients.get(credentials.client.client_id)
    store = CrowdedClientStore(one.client_store)
    crowded = new_grant(client_store=store, clock=one.clock)
    acknowledged: list[Rotation] = []

    async def faster() -> None:
        acknowledged.append(await other.rotations.rotate(starts.client_id, by=ALICE, overlap=timedelta(0)))

    store.before_writes = [faster]
    outcome = await outcome_of(crowded.rotations.rotate(starts.client_id, by=ALICE, overlap=timedelta(0)))

    text = "Somebody else made a secret at the same moment, which this would end: look first."
    assert (Reason.CONFLICT, text, None) == outcome
    assert [False, True] == await are_good(one, credentials, credentials.secret, acknowledged[0].text)
    again = await crowded.rotations.rotate(starts.client_id, by=ALICE, overlap=timedelta(0))
    assert [True] == await are_good(one, credentials, again.text)


async def test_a_rotation_without_overlap_is_made_over_other_changes_of_the_moment(grant: Grant) -> None:
    """No acknowledged secret is in its way: a new name is none, nor is the end of a secret."""
    store = CrowdedClientStore(grant.client_store)
    crowded = new_grant(client_store=store)
    client_id = (await register(grant)).client.client_id
    second = await grant.rotations.rotate(client_id, by=ALICE)
    store.before_writes = [
        lambda: grant.secrets.retire(client_id, second.old_secrets[0].secret.secret_id, by=ALICE),
        lambda: grant.clients.update(client_id, replace(FIELDS, name="New"), mask={"name"}),
    ]

    rotation = await crowded.rotations.rotate(client_id, by=ALICE, overlap=timedelta(0))

    assert ("New", 1) == (rotation.client.name, len(rotation.client.secrets))


class _MintsAnIdTwice:
    """`RandomBytes` whose first secret ids are the same."""

    def __init__(self, times: int) -> None:
        self._left = times

    def __call__(self, length: int) -> bytes:
        if length == _SECRET_ID_BYTES and self._left:
            self._left -= 1
            return bytes(length)
        return token_bytes(length)


_MAKES = {
    "create": lambda grant, _: grant.clients.create(FIELDS),
    "rotate": lambda grant, client_id: grant.rotations.rotate(client_id, by=ALICE),
    "import": lambda grant, _: grant.imports.bring_in(
        [ForeignClient("legacy-1", "{SHA-256}" + "0" * 64, FIELDS)], by=ALICE
    ),
}


@pytest.mark.parametrize("make", _MAKES.values(), ids=_MAKES.keys())
async def test_an_id_of_a_secret_that_is_taken_is_minted_again(make: Callable[..., Awaitable[object]]) -> None:
    """40 random bits meet among millions: the new secret gets another id, and the old one stays where it is found."""
    store = MemoryClientStore()
    first = await register(new_grant(client_store=store, random_bytes=_MintsAnIdTwice(1)))
    grant = new_grant(client_store=store, random_bytes=_MintsAnIdTwice(2))
    (taken,) = first.client.secrets
    other = await stored(store, a_client(secrets=()))

    await make(grant, other.client_id)

    assert "aaaaaaaa" == taken.secret_id
    assert first.client.client_id == await store.client_of_secret("aaaaaaaa")
    made = [record for record in grant.announced if record.changes]
    assert 1 == len(made)
    assert "aaaaaaaa" not in str(made[0].changes)

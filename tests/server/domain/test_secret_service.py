"""Secrets: another one, the end of one, which there are, and which expire soon."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from unittest.mock import ANY

import pytest

from grantway_server.domain.audit import Failure, Kind
from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.impact import Impact, SecretState
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.ports import Page, StorageUnavailable
from grantway_server.domain.refusals import Reason
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_rotation import Rotation
from grantway_server.domain.secret_use import Basis, SecretUse, Verdict
from grantway_server.storage.memory import MemoryClientStore
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.failing_stores import FailingClientStore
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.counting_random import CountingRandom
from tests.server.domain.grant import (
    MAX_SECRETS,
    Credentials,
    Grant,
    are_active,
    grant_on,
    issue,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import INVALID_CLIENT, Said, outcome_of
from tests.server.samples import NOON
from tests.server.storage.writes import stored

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_NOBODY = "svc_live_zzzzzzzzzzzzzzzz"
_NOT_FOUND: Said = (Reason.CLIENT_NOT_FOUND, "There is no client with this client_id in this environment.", None)
_NO_SECRET: Said = (Reason.SECRET_NOT_FOUND, "The client has no secret with this secret_id.", None)
_STALE: Said = (Reason.CONFLICT, "The client was changed since this etag was read: read it again, then decide.", None)
_BAD_OVERLAP: Said = (Reason.INVALID_REQUEST, "overlap must be whole seconds from 0 to 365 days.", None)
_FULL: Said = (
    Reason.INVALID_REQUEST,
    "A client has at most 5 good secrets: retire one first, or rotate with overlap 0.",
    None,
)


@pytest.fixture(name="grant")
def _grant() -> Grant:
    return new_grant()


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    return await register(grant)


async def _works(grant: Grant, credentials: Credentials, *texts: str) -> list[bool]:
    """Which of *texts* are good secrets of the client."""
    outcomes = [await issue(grant, credentials.request(client_secret=text)) for text in texts]
    assert {INVALID_CLIENT} >= {outcome for outcome in outcomes if not isinstance(outcome, IssuedToken)}
    return [isinstance(outcome, IssuedToken) for outcome in outcomes]


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
        both = await _works(grant, credentials, credentials.secret, text)
        grant.clock.advance(timedelta(microseconds=1))

    assert ([True, True] if overlap else [], [False, True]) == (
        both,
        await _works(grant, credentials, credentials.secret, text),
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
    works = await _works(grant, credentials, *texts)
    await grant.secrets.retire(client_id, texts[0][9:17], by=ALICE)
    texts.append((await grant.rotations.rotate(client_id, by=ALICE)).text)
    texts.append((await grant.rotations.rotate(client_id, by=ALICE, overlap=timedelta(0))).text)

    assert (_FULL, before, [True] * MAX_SECRETS) == (refused, unchanged, works)
    assert [False, False, False, True] == await _works(grant, credentials, texts[0], *texts[-3:])


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


@pytest.mark.parametrize(
    ("ends_in", "warning"),
    [
        pytest.param(timedelta(days=31), None, id="later-than-the-warning-time"),
        pytest.param(timedelta(days=30), NOON + timedelta(days=30), id="at-the-warning-time"),
        pytest.param(_MINUTE, NOON + _MINUTE, id="soon"),
        pytest.param(None, None, id="never"),
    ],
)
async def test_who_uses_a_secret_that_ends_soon_is_told(
    grant: Grant, credentials: Credentials, ends_in: timedelta | None, warning: object
) -> None:
    """With the token."""
    (secret,) = credentials.client.secrets
    ending = replace(secret, expires_at=None if ends_in is None else NOON + ends_in)
    await stored(grant.client_store, replace(credentials.client, secrets=(ending,)), before=credentials.client)

    outcome = await issue(grant, credentials.request())

    assert isinstance(outcome, IssuedToken)
    assert warning == outcome.secret_expires_at


async def test_a_retired_secret_is_dead_at_once_and_its_tokens_live_on(grant: Grant, credentials: Credentials) -> None:
    """The answer is the secret as it was, its use, and no token hit."""
    client_id, (old, new) = credentials.client.client_id, await _two_secrets(grant, credentials)
    token = await token_of(grant, credentials)
    grant.clock.advance(_MINUTE)

    client, state, impact = await grant.secrets.retire(client_id, old.secret_id, by=ALICE)

    expected = SecretState(old, SecretUse(1, NOON, NOON, "here"), Verdict(Basis.NEWER_UNUSED))
    assert (expected, Impact(secrets=[expected])) == (state, impact)
    assert (new,) == client.secrets
    assert client == await grant.clients.get(client_id)
    assert [False] == await _works(grant, credentials, credentials.secret)
    assert [True] == await are_active(grant, token)


async def _two_secrets(grant: Grant, credentials: Credentials) -> tuple[Secret, Secret]:
    """The old secret of the client, with its deadline, and a new one."""
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)
    old, new = rotation.client.secrets
    return old, new


async def test_the_tokens_of_a_retired_secret_may_end_with_it(grant: Grant, credentials: Credentials) -> None:
    """Those, and not the tokens that the other secret obtained, not even in the same second."""
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)
    old_tokens = [await token_of(grant, credentials) for _ in range(2)]
    other = await token_of(grant, Credentials(rotation.client, rotation.text))

    _, state, impact = await grant.secrets.retire(
        credentials.client.client_id, rotation.old_secrets[0].secret.secret_id, by=ALICE, revoke_tokens=True
    )

    assert [False, False, True] == await are_active(grant, *old_tokens, other)
    assert (
        Impact(secrets=[state], tokens_issued=2, last_token_at=NOON, last_expires_at=NOON + timedelta(minutes=5))
        == impact
    )


async def test_ended_secrets_are_remembered(grant: Grant, credentials: Credentials) -> None:
    """However they end: retired, replaced at once, or cleared away expired; the newest first, since when they are."""
    client_id = credentials.client.client_id
    second = await grant.rotations.rotate(client_id, by=ALICE, overlap=timedelta(seconds=1))
    grant.clock.advance(timedelta(seconds=1))
    third = await grant.rotations.rotate(client_id, by=ALICE)
    await grant.secrets.retire(client_id, second.secret.secret.secret_id, by=ALICE)
    grant.clock.advance(timedelta(seconds=1))
    client = (await grant.rotations.rotate(client_id, by=ALICE, overlap=timedelta(0))).client

    ended = [
        (third.secret.secret, NOON + timedelta(seconds=2)),
        (second.secret.secret, NOON + timedelta(seconds=1)),
        (credentials.client.secrets[0], NOON + timedelta(seconds=1)),
    ]
    assert [RetiredSecret(secret.secret_id, secret.digest, at) for secret, at in ended] == list(client.retired_secrets)
    assert 1 == len(client.secrets)


async def test_the_last_twenty_ended_secrets_are_remembered(grant: Grant, credentials: Credentials) -> None:
    """With their use; the one before them is a wrong secret like any, and its tokens are still counted."""
    client_id = credentials.client.client_id
    await token_of(grant, credentials)
    made = [credentials.secret]
    for _ in range(21):
        rotation = await grant.rotations.rotate(client_id, by=ALICE, overlap=timedelta(0))
        made.append(rotation.text)
        await token_of(grant, Credentials(rotation.client, rotation.text))

    for text in made[:2]:
        await issue(grant, Credentials(rotation.client, text).request())

    use = (await grant.client_store.uses([client_id]))[client_id]
    assert [text[9:17] for text in reversed(made[1:21])] == [one.secret_id for one in rotation.client.retired_secrets]
    assert ({text[9:17] for text in made[1:]}, 1) == (set(use.secrets), use.retired_count)
    assert [(Failure.WRONG_SECRET, ""), (Failure.RETIRED_SECRET, made[1][9:17])] == [
        (record.failure, record.secret_id) for record in grant.announced if record.failure
    ]


async def test_the_last_secret_may_be_retired(grant: Grant, credentials: Credentials) -> None:
    """The client has none then, and gets one by a rotation."""
    client, _, _ = await grant.secrets.retire(
        credentials.client.client_id, credentials.client.secrets[0].secret_id, by=ALICE
    )
    none = await grant.secrets.all_of(client.client_id)
    text = (await grant.rotations.rotate(client.client_id, by=ALICE)).text

    assert ((), []) == (client.secrets, none)
    assert [False, True] == await _works(grant, credentials, credentials.secret, text)


_CALLS = [
    pytest.param(lambda grant, client_id, **how: grant.rotations.rotate(client_id, by=ALICE, **how), id="rotate"),
    pytest.param(
        lambda grant, client_id, **how: grant.secrets.retire(client_id, "abcdefgh", by=ALICE, **how), id="retire"
    ),
]
_Call = Callable[..., Awaitable[object]]


@pytest.mark.parametrize(
    "call", [*_CALLS, pytest.param(lambda grant, client_id: grant.secrets.all_of(client_id), id="list")]
)
async def test_nobody_has_no_secrets(grant: Grant, call: _Call) -> None:
    """Every call on one client says so; a store that fails is no absence."""
    outcomes = [await outcome_of(call(grant, client_id)) for client_id in ("", _NOBODY, "no id\n", "x" * 10_000)]

    assert [(Reason.INVALID_REQUEST, "client_id is missing.", None), *[_NOT_FOUND] * 3] == outcomes
    with pytest.raises(StorageUnavailable):
        await call(new_grant(client_store=FailingClientStore()), _NOBODY)


@pytest.mark.parametrize("call", _CALLS)
async def test_a_change_that_was_decided_on_another_state_is_a_conflict(
    grant: Grant, credentials: Credentials, call: _Call
) -> None:
    """Nothing is changed; over the state that is named it is made."""
    client_id, stale = credentials.client.client_id, credentials.client.etag
    (secret,) = credentials.client.secrets
    named = replace(credentials.client, secrets=(replace(secret, secret_id="abcdefgh"),))
    now = await stored(grant.client_store, named, before=credentials.client)

    assert (_STALE, now) == (await outcome_of(call(grant, client_id, etag=stale)), await grant.clients.get(client_id))
    await call(grant, client_id, etag=now.etag)
    assert now.etag != (await grant.clients.get(client_id)).etag


@pytest.mark.parametrize(
    ("secret_id", "expected"),
    [
        pytest.param("", (Reason.INVALID_REQUEST, "secret_id is missing.", None), id="none"),
        pytest.param("zzzzzzzz", _NO_SECRET, id="another-ones"),
        pytest.param("no id\n" * 1000, _NO_SECRET, id="no-id-at-all"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False], ids=["asking", "doing"])
async def test_a_secret_that_is_not_there_is_not_found(
    grant: Grant,
    credentials: Credentials,
    secret_id: str,
    expected: Said,
    dry_run: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    """Nothing is changed."""
    outcome = await outcome_of(grant.secrets.retire(credentials.client.client_id, secret_id, by=ALICE, dry_run=dry_run))

    assert (expected, credentials.client) == (outcome, await grant.clients.get(credentials.client.client_id))


async def test_a_secret_is_retired_once(grant: Grant, credentials: Credentials) -> None:
    """The second call says that there is none."""
    client_id, secret_id = credentials.client.client_id, credentials.client.secrets[0].secret_id
    await grant.secrets.retire(client_id, secret_id, by=ALICE)

    assert _NO_SECRET == await outcome_of(grant.secrets.retire(client_id, secret_id, by=ALICE))
    assert [Kind.CLIENT_CREATED, Kind.SECRET_RETIRED] == [record.kind for record in grant.announced]


@pytest.mark.parametrize("revoke_tokens", [True, False], ids=["with-its-tokens", "alone"])
async def test_asking_what_a_retirement_would_hit_changes_nothing(
    grant: Grant,
    credentials: Credentials,
    revoke_tokens: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    """And it says what the retirement then says."""
    client_id, (old, _) = credentials.client.client_id, await _two_secrets(grant, credentials)
    token = await token_of(grant, credentials)
    before, records = await grant.clients.get(client_id), len(grant.announced)

    asked, asked_state, asked_impact = await grant.secrets.retire(
        client_id, old.secret_id, by=ALICE, dry_run=True, revoke_tokens=revoke_tokens
    )

    assert (before, before, records) == (asked, await grant.clients.get(client_id), len(grant.announced))
    assert [True] == await are_active(grant, token)
    assert [True] == await _works(grant, credentials, credentials.secret)
    grant = new_grant(client_store=grant.client_store, token_store=grant.token_store)
    uses_between = 1  # The token that was just issued.
    _, state, impact = await grant.secrets.retire(client_id, old.secret_id, by=ALICE, revoke_tokens=revoke_tokens)
    assert asked_state.use
    assert state.use == replace(asked_state.use, count=asked_state.use.count + uses_between)
    assert (asked_impact.tokens_issued + (uses_between if revoke_tokens else 0), asked_impact.last_expires_at) == (
        impact.tokens_issued,
        impact.last_expires_at,
    )


@pytest.mark.parametrize("call", [_CALLS[0]])
async def test_a_disabled_client_stays_disabled_through_a_rotation(
    grant: Grant, credentials: Credentials, call: _Call
) -> None:
    """S04: it has a new secret, gets no token with it, and since when it is disabled is as it was."""
    client_id = credentials.client.client_id
    disabled = await grant.clients.disable(client_id)
    grant.clock.advance(_MINUTE)

    rotation = await call(grant, client_id)

    assert isinstance(rotation, Rotation)
    expected = replace(disabled, secrets=ANY, updated_at=NOON + _MINUTE, version=ANY)
    assert expected == rotation.client
    assert [False, False] == await _works(grant, credentials, credentials.secret, rotation.text)


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
    assert [True] * 3 == await _works(other, credentials, credentials.secret, *(one.text for one in rotations))
    assert [Kind.SECRET_ROTATED] * 2 == [
        record.kind for core in (one, other) for record in core.announced if record.kind is not Kind.CLIENT_CREATED
    ]


async def test_rotations_without_overlap_at_the_same_moment_leave_the_last_one(connections: RedisConnections) -> None:
    """I5: the later one ends the earlier one's secret, as it says."""
    one, other = grant_on(connections), grant_on(connections)
    credentials = await register(one)

    rotations = await asyncio.gather(
        *(core.rotations.rotate(credentials.client.client_id, by=ALICE, overlap=timedelta(0)) for core in (one, other))
    )

    (left,) = (await one.clients.get(credentials.client.client_id)).secrets
    works = await _works(one, credentials, credentials.secret, *(rotation.text for rotation in rotations))
    last = [rotation.secret.secret.secret_id == left.secret_id for rotation in rotations]
    assert [False, *last] == works
    assert 1 == sum(last)


async def test_secrets_that_expire_soon_are_listed_with_use_and_verdict(grant: Grant, credentials: Credentials) -> None:
    """Within the time, page by page; others are not."""
    other = await register(grant)
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE, overlap=_DAY)
    later = await grant.rotations.rotate(other.client.client_id, by=ALICE, overlap=_DAY * 2)
    await token_of(grant, credentials)

    first = await grant.secrets.expiring(within=_DAY * 3, after=b"", size=1)
    second = await grant.secrets.expiring(within=_DAY * 3, after=first.next_page, size=1)
    sooner = await grant.secrets.expiring(within=_DAY + timedelta(seconds=1), after=b"", size=1000)

    (ending,) = rotation.old_secrets
    used = replace(ending, use=SecretUse(1, NOON, NOON, "here"))
    assert [(rotation.client, used)] == list(first.items)
    assert Page([(later.client, later.old_secrets[0])], b"") == second
    assert Page([(rotation.client, used)], b"") == sooner


@pytest.mark.parametrize(
    ("within", "size", "expected"),
    [
        pytest.param(
            _DAY, 0, (Reason.INVALID_REQUEST, "page_size must be 1 or more, or unset.", None), id="a-page-of-nothing"
        ),
        pytest.param(-_DAY, 1, (Reason.INVALID_REQUEST, "within must not be negative.", None), id="in-the-past"),
    ],
)
async def test_a_list_of_expiring_secrets_that_cannot_be_is_refused(
    within: timedelta, size: int, expected: Said
) -> None:
    """Before the store is asked."""
    grant = new_grant(client_store=FailingClientStore())

    assert expected == await outcome_of(grant.secrets.expiring(within=within, after=b"", size=size))


async def test_any_time_may_be_asked_for(grant: Grant, credentials: Credentials) -> None:
    """Longer than there are dates: all that expire at all."""
    await grant.rotations.rotate(credentials.client.client_id, by=ALICE)

    page = await grant.secrets.expiring(within=timedelta.max, after=b"", size=10)

    assert 1 == len(page.items)

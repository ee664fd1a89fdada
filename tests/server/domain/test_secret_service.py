"""Secrets: the end of one, which there are, and which expire soon."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from grantway_server.domain.audit import Failure, Kind
from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.impact import Impact, SecretState
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.ports import Page, StorageUnavailable
from grantway_server.domain.refusals import Reason
from grantway_server.domain.secret_use import Basis, SecretUse, Verdict
from tests.fakes.failing_stores import FailingClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.good_secrets import are_good
from tests.server.domain.grant import (
    Credentials,
    Grant,
    are_active,
    issue,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import Said, outcome_of
from tests.server.samples import NOON
from tests.server.storage.writes import stored

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_NOBODY = "svc_live_zzzzzzzzzzzzzzzz"
_NOT_FOUND: Said = (Reason.CLIENT_NOT_FOUND, "There is no client with this client_id in this environment.", None)
_NO_SECRET: Said = (Reason.SECRET_NOT_FOUND, "The client has no secret with this secret_id.", None)
_STALE: Said = (Reason.CONFLICT, "The client was changed since this etag was read: read it again, then decide.", None)


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
    assert [False] == await are_good(grant, credentials, credentials.secret)
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

    use = (await grant.service.uses(rotation.client))[client_id]
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
    assert [False, True] == await are_good(grant, credentials, credentials.secret, text)


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
    assert [True] == await are_good(grant, credentials, credentials.secret)
    grant = new_grant(client_store=grant.client_store, token_store=grant.token_store)
    uses_between = 1  # The token that was just issued.
    _, state, impact = await grant.secrets.retire(client_id, old.secret_id, by=ALICE, revoke_tokens=revoke_tokens)
    assert asked_state.use
    assert state.use == replace(asked_state.use, count=asked_state.use.count + uses_between)
    assert (asked_impact.tokens_issued + (uses_between if revoke_tokens else 0), asked_impact.last_expires_at) == (
        impact.tokens_issued,
        impact.last_expires_at,
    )


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

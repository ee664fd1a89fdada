"""What is done to a client that leaked, what it hits, and what asking for that says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest

from grantway_server.domain.audit import Kind
from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.clients import Client
from grantway_server.domain.impact import Impact, SecretState
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.partial_revocations import MAX_PARTIAL_REVOCATIONS
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from grantway_server.domain.secret_use import Basis, SecretUse, Verdict
from grantway_server.domain.tokens import KEPT_AFTER_EXPIRY
from grantway_server.storage.memory_client_store import MemoryClientStore
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingClientStore
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import (
    FIELDS,
    Credentials,
    Grant,
    are_active,
    issue,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import INVALID_CLIENT, Said, outcome_of
from tests.server.samples import FIRST_EPOCH, NOON
from tests.server.storage.writes import stored

_LIFETIME = timedelta(minutes=5)
_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
_NOBODY = "svc_live_zzzzzzzzzzzzzzzz"
_NOT_FOUND: Said = (Reason.CLIENT_NOT_FOUND, "There is no client with this client_id in this environment.", None)
_STALE: Said = (Reason.CONFLICT, "The client was changed since this etag was read: read it again, then decide.", None)


def _invalid(description: str) -> Said:
    return (Reason.INVALID_REQUEST, description, None)


@dataclass
class _Account:
    """A client with two secrets and four tokens: of each secret one issued at noon, and one a minute later."""

    grant: Grant
    client: Client
    texts: list[str]
    tokens: list[str]
    bystander: str
    """Another client's token."""

    @property
    def old(self) -> Secret:
        """The secret that was made first."""
        return self.client.secrets[0]

    @property
    def new(self) -> Secret:
        """The other one."""
        return self.client.secrets[1]

    async def alive(self) -> list[bool]:
        """Which of its tokens are active, in their order; another client's always is."""
        *alive, bystander = await are_active(self.grant, *self.tokens, self.bystander)
        assert bystander
        return alive

    async def seen(self) -> tuple[Client | None, list[bool], int]:
        """All that an action could change: the client, its tokens, the audit trail."""
        known = await self.grant.client_store.get_many([self.client.client_id])
        records = (await self.grant.audit_trail.portion(since=None, after=b"")).items
        return known.get(self.client.client_id), await self.alive(), len(records)

    async def token(self, number: int = 0) -> str:
        """A new token, by the secret of that number."""
        return await token_of(self.grant, Credentials(self.client, self.texts[number]))


@pytest.fixture(name="account")
async def _account() -> _Account:
    grant = new_grant()
    credentials = await register(grant)
    bystander = await token_of(grant, await register(grant))
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)
    account = _Account(grant, rotation.client, [credentials.secret, rotation.text], [], bystander)
    for _ in range(2):
        account.tokens += [await account.token(0), await account.token(1)]
        grant.clock.advance(_MINUTE)
    return account


_EVERYTHING = TokenSelection()
_OLD_ONE = TokenSelection(secret_id="{old}")

_SELECTIONS = {
    "all": (_EVERYTHING, [False, False, False, False]),
    "of one secret": (_OLD_ONE, [False, True, False, True]),
    "before a moment": (TokenSelection(issued_before=NOON + _SECOND), [False, False, True, True]),
    "before the first": (TokenSelection(issued_before=NOON), [True, True, True, True]),
    "before there were computers": (
        TokenSelection(issued_before=datetime(1970, 1, 1, tzinfo=UTC)),
        [True, True, True, True],
    ),
    "from a moment on": (TokenSelection(issued_from=NOON + _SECOND), [True, True, False, False]),
    "from within the second of the last ones on": (
        TokenSelection(issued_from=NOON + _MINUTE + timedelta(milliseconds=999)),
        [True, True, False, False],
    ),
    "in a window": (
        TokenSelection(issued_from=NOON + _SECOND, issued_before=NOON + 2 * _MINUTE),
        [True, True, False, False],
    ),
    "of one secret in a window": (replace(_OLD_ONE, issued_from=NOON + _SECOND), [True, True, False, True]),
}


def _of(account: _Account, selection: TokenSelection) -> TokenSelection:
    return replace(selection, secret_id=selection.secret_id.format(old=account.old.secret_id))


@pytest.mark.parametrize(("selection", "alive"), _SELECTIONS.values(), ids=_SELECTIONS.keys())
async def test_a_revocation_ends_what_is_selected(
    account: _Account, selection: TokenSelection, alive: list[bool]
) -> None:
    """At once; both secrets go on, and the tokens that they obtain in the same second live."""
    client, _ = await account.grant.incidents.revoke_tokens(account.client.client_id, _of(account, selection), by=ALICE)
    later = [await account.token(number) for number in (0, 1)]

    assert (client, alive) == (await account.grant.clients.get(client.client_id), await account.alive())
    assert [True, True] == await are_active(account.grant, *later)


async def test_revocations_add_up(account: _Account) -> None:
    """What one has ended another does not bring back; what was issued between them is ended by the second alone."""
    for selection, alive in [
        (TokenSelection(issued_from=NOON + _SECOND), [True, True, False, False]),
        (_of(account, _OLD_ONE), [False, True, False, False]),
        (TokenSelection(issued_before=NOON), [False, True, False, False]),
        (_EVERYTHING, [False, False, False, False]),
    ]:
        await account.grant.incidents.revoke_tokens(account.client.client_id, selection, by=ALICE)
        assert alive == await account.alive()


async def test_a_revocation_hits_no_token_that_is_issued_in_the_same_second(account: _Account) -> None:
    """Over and over: each ends the token before it and not the one after it."""
    tokens = []
    for selection in (_EVERYTHING, _of(account, _OLD_ONE), TokenSelection(issued_from=NOON), _EVERYTHING):
        tokens.append(await account.token())
        await account.grant.incidents.revoke_tokens(account.client.client_id, selection, by=ALICE)
    tokens.append(await account.token())

    assert [False] * 4 + [True] == await are_active(account.grant, *tokens)


async def test_a_revocation_is_seen_whole(account: _Account) -> None:
    """The client with a rule and the next epoch, and what was hit."""
    client, impact = await account.grant.incidents.revoke_tokens(
        account.client.client_id, _of(account, _OLD_ONE), by=ALICE
    )

    last, now = NOON + _MINUTE, NOON + 2 * _MINUTE
    rule = PartialRevocation(
        below_epoch=FIRST_EPOCH + 1,
        selection=TokenSelection(secret_id=account.old.secret_id),
        forget_at=now + _LIFETIME + KEPT_AFTER_EXPIRY,
        revoked_at=now,
    )
    assert replace(account.client, epoch=FIRST_EPOCH + 1, revocations=(rule,), updated_at=now, version=ANY) == client
    hit = Impact(secrets=[], tokens_issued=2, last_token_at=last, last_expires_at=last + _LIFETIME)
    assert hit == impact


async def test_a_revocation_of_everything_needs_no_rules(account: _Account) -> None:
    """Those that stand are forgotten with it."""
    await account.grant.incidents.revoke_tokens(account.client.client_id, _of(account, _OLD_ONE), by=ALICE)

    client, _ = await account.grant.incidents.revoke_tokens(account.client.client_id, _EVERYTHING, by=ALICE)

    assert (FIRST_EPOCH + 2, FIRST_EPOCH + 2, ()) == (client.epoch, client.min_epoch, client.revocations)


async def _fill(account: _Account) -> None:
    """As many revocations of parts as may stand, none of which says what another one does, and which end nothing."""
    for number in range(MAX_PARTIAL_REVOCATIONS):
        window = TokenSelection(issued_from=NOON + (number + 2) * _MINUTE, issued_before=NOON + (number + 3) * _MINUTE)
        await account.grant.incidents.revoke_tokens(account.client.client_id, window, by=ALICE)


async def test_so_many_rules_stand_and_no_more(account: _Account) -> None:
    """The next one is refused and ends nothing; everything can be ended still, and then there is room again."""
    incidents, client_id = account.grant.incidents, account.client.client_id
    await _fill(account)
    before = await account.seen()

    refused = [
        await outcome_of(incidents.revoke_tokens(client_id, _of(account, _OLD_ONE), by=ALICE, dry_run=dry_run))
        for dry_run in (True, False)
    ]

    full = _invalid("64 revocations of parts of its tokens stand already: revoke all of them.")
    assert ([full, full], before) == (refused, await account.seen())
    await incidents.revoke_tokens(client_id, _EVERYTHING, by=ALICE)
    client, _ = await incidents.revoke_tokens(client_id, _of(account, _OLD_ONE), by=ALICE)
    assert ([False] * 4, 1) == (await account.alive(), len(client.revocations))


async def test_one_secret_after_the_other_may_be_ended_with_its_tokens(account: _Account) -> None:
    """A hundred rotations after which the old secret goes with its tokens never end a token of the one in use."""
    grant, client_id = account.grant, account.client.client_id
    before = account.client
    for _ in range(100):
        rotation = await grant.rotations.rotate(client_id, by=ALICE)
        token = await token_of(grant, Credentials(rotation.client, rotation.text))
        for secret in before.secrets:
            _, _, impact = await grant.secrets.retire(client_id, secret.secret_id, by=ALICE, revoke_tokens=True)
            assert not impact.all_tokens
        before = await grant.clients.get(client_id)
        assert [True] == await are_active(grant, token)
        grant.clock.advance(_MINUTE)


async def test_again_and_again_the_same_is_one_rule(account: _Account) -> None:
    """That of the last time; one of a whole secret takes the place of those of its times, and no other one does."""
    grant, client_id = account.grant, account.client.client_id
    of_old, of_new = _of(account, _OLD_ONE), TokenSelection(secret_id=account.new.secret_id)
    for selection in (replace(of_old, issued_before=NOON + _MINUTE), of_old, of_new, of_old):
        client, _ = await grant.incidents.revoke_tokens(client_id, selection, by=ALICE)
    tokens = [await account.token(0), await account.token(1)]

    await grant.incidents.revoke_tokens(client_id, replace(of_old, issued_before=NOON + _MINUTE), by=ALICE)

    assert [(of_new, FIRST_EPOCH + 3), (of_old, FIRST_EPOCH + 4)] == [
        (rule.selection, rule.below_epoch) for rule in client.revocations
    ]
    assert [False] * 4 + [True] * 2 == [*await account.alive(), *await are_active(grant, *tokens)]


async def test_where_too_many_rules_stand_a_secret_that_leaked_ends_all_tokens(account: _Account) -> None:
    """It is never refused; asking says so before, the answer says so, and the trail has no rules any more."""
    grant, client_id, secret_id = account.grant, account.client.client_id, account.old.secret_id
    await _fill(account)
    before = await account.seen()

    _, _, asked = await grant.secrets.retire(client_id, secret_id, by=ALICE, revoke_tokens=True, dry_run=True)
    unchanged = await account.seen()
    client, _, done = await grant.secrets.retire(client_id, secret_id, by=ALICE, revoke_tokens=True)

    assert (before, asked, [False] * 4) == (unchanged, done, await account.alive())
    assert (True, 4, client.epoch) == (done.all_tokens, done.tokens_issued, client.min_epoch)
    (told,) = [change for change in grant.announced[-1].changes if change.name == "revocations"]
    assert (MAX_PARTIAL_REVOCATIONS, "") == (told.before.count("below_epoch"), told.after)


@pytest.mark.parametrize(
    ("lifetimes", "longest"),
    [
        pytest.param([], _LIFETIME, id="the one that it has"),
        pytest.param([timedelta(hours=2), _MINUTE], timedelta(hours=2), id="the longest that it had"),
    ],
)
async def test_a_rule_is_forgotten_when_no_token_can_be_alive_that_it_ends(
    account: _Account, lifetimes: list[timedelta], longest: timedelta
) -> None:
    """After the longest life that the client gave a token, and the time to forget it; with the next revocation."""
    incidents, client_id = account.grant.incidents, account.client.client_id
    for lifetime in lifetimes:
        given = replace(FIELDS, token_lifetime=lifetime)
        await account.grant.clients.update(client_id, given, mask={"token_lifetime"})
    await _fill(account)
    account.grant.clock.advance(longest + KEPT_AFTER_EXPIRY - _SECOND)
    still = await outcome_of(incidents.revoke_tokens(client_id, _of(account, _OLD_ONE), by=ALICE))
    account.grant.clock.advance(_SECOND)

    client, _ = await incidents.revoke_tokens(client_id, _of(account, _OLD_ONE), by=ALICE)

    assert isinstance(still, tuple)
    assert 1 == len(client.revocations)


async def test_a_revocation_of_everything_forgets_what_lifetimes_there_were(account: _Account) -> None:
    """No token of one is alive any more."""
    for lifetime in (timedelta(hours=2), _MINUTE):
        given = replace(FIELDS, token_lifetime=lifetime)
        await account.grant.clients.update(account.client.client_id, given, mask={"token_lifetime"})

    client, _ = await account.grant.incidents.revoke_tokens(account.client.client_id, _EVERYTHING, by=ALICE)

    assert _MINUTE == client.longest_token_lifetime


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(
            TokenSelection(issued_from=NOON, issued_before=NOON),
            _invalid("issued_from must be before issued_before."),
            id="a-window-of-no-time",
        ),
        pytest.param(
            TokenSelection(issued_from=NOON + _SECOND, issued_before=NOON),
            _invalid("issued_from must be before issued_before."),
            id="a-window-the-wrong-way-round",
        ),
        pytest.param(
            TokenSelection(secret_id="x" * 1_000_000),
            _invalid("secret_id must be 8 characters of [a-z2-7]."),
            id="a-secret-id-that-is-none",
        ),
        pytest.param(
            TokenSelection(secret_id="zzzzzzzz"),
            (
                Reason.SECRET_NOT_FOUND,
                "The client has no secret with this secret_id, nor is it one of the last 20 that were retired.",
                None,
            ),
            id="a-secret-that-is-none-of-the-client's",
        ),
    ],
)
async def test_a_selection_that_cannot_be_is_refused(
    account: _Account, selection: TokenSelection, expected: Said
) -> None:
    """Nothing is ended, and nothing of it is kept."""
    before = await account.seen()

    outcomes = [
        await outcome_of(
            account.grant.incidents.revoke_tokens(account.client.client_id, selection, by=ALICE, dry_run=dry_run)
        )
        for dry_run in (True, False)
    ]

    assert ([expected] * 2, before) == (outcomes, await account.seen())


@pytest.mark.parametrize(
    ("before", "quiet"),
    [
        pytest.param(NOON - KEPT_AFTER_EXPIRY, timedelta(0), id="before the client was made"),
        pytest.param(NOON + _MINUTE, _MINUTE + _LIFETIME + KEPT_AFTER_EXPIRY, id="so long ago that all have expired"),
    ],
)
async def test_where_there_can_be_no_token_nothing_is_written(
    account: _Account, before: datetime, quiet: timedelta
) -> None:
    """No rule, no record: the client is answered as it is, and nothing is hit."""
    account.grant.clock.advance(quiet)
    records = len(account.grant.announced)
    selection = TokenSelection(issued_before=before)

    client, impact = await account.grant.incidents.revoke_tokens(account.client.client_id, selection, by=ALICE)

    stored_now = await account.grant.clients.get(client.client_id)
    assert (account.client, account.client, records) == (client, stored_now, len(account.grant.announced))
    assert (0, None) == (impact.tokens_issued, impact.last_token_at)


async def test_tokens_of_a_retired_secret_may_be_revoked(account: _Account) -> None:
    """They live on after it."""
    client_id = account.client.client_id
    await account.grant.secrets.retire(client_id, account.old.secret_id, by=ALICE)

    await account.grant.incidents.revoke_tokens(client_id, _of(account, _OLD_ONE), by=ALICE)

    assert [False, True, False, True] == await account.alive()


async def test_a_panic_ends_everything(account: _Account) -> None:
    """In one step: the client as it is then, and what was hit."""
    client, impact = await account.grant.incidents.panic(account.client.client_id, by=ALICE)

    now = NOON + 2 * _MINUTE
    assert (
        replace(
            account.client,
            disabled_at=now,
            disabled_by="alice",
            secrets=(),
            retired_secrets=tuple(RetiredSecret(old.secret_id, old.digest, now) for old in account.client.secrets),
            epoch=FIRST_EPOCH + 1,
            min_epoch=FIRST_EPOCH + 1,
            tokens_revoked_at=now,
            updated_at=now,
            version=ANY,
        )
        == client
    )
    use = SecretUse(2, NOON, NOON + _MINUTE, "here")
    assert (
        Impact(
            disables=True,
            secrets=[
                SecretState(account.new, use, Verdict(Basis.NEWEST)),
                SecretState(account.old, use, Verdict(Basis.STILL_USED, quiet_for=_MINUTE)),
            ],
            tokens_issued=4,
            last_token_at=NOON + _MINUTE,
            last_expires_at=NOON + _MINUTE + _LIFETIME,
        )
        == impact
    )
    assert [False] * 4 == await account.alive()
    assert [INVALID_CLIENT] * 2 == [
        await issue(account.grant, Credentials(client, text).request()) for text in account.texts
    ]
    assert Kind.CLIENT_PANICKED in {record.kind for record in account.grant.announced if record.at == now}


async def test_after_a_panic_a_client_comes_back_with_a_new_secret_only(account: _Account) -> None:
    """Enabled it has no secret and no token; a rotation gives it one."""
    await account.grant.incidents.panic(account.client.client_id, by=ALICE)
    enabled = await account.grant.clients.enable(account.client.client_id)
    nothing = [await issue(account.grant, Credentials(enabled, text).request()) for text in account.texts]

    rotation = await account.grant.rotations.rotate(account.client.client_id, by=ALICE)

    assert ([INVALID_CLIENT] * 2, [False] * 4) == (nothing, await account.alive())
    assert isinstance(await issue(account.grant, Credentials(rotation.client, rotation.text).request()), IssuedToken)


async def test_a_second_panic_hits_nothing(account: _Account) -> None:
    """The client is answered as it is; nothing is written."""
    first, _ = await account.grant.incidents.panic(account.client.client_id, by=ALICE)
    before = await account.seen()
    account.grant.clock.advance(_MINUTE)

    second, impact = await account.grant.incidents.panic(account.client.client_id, by=ALICE)

    assert (first, before, False, []) == (second, await account.seen(), impact.disables, list(impact.secrets))


async def test_a_panic_over_a_disabled_client_ends_its_secrets(account: _Account) -> None:
    """Since when it is disabled, and by whom, stays."""
    disabled = await account.grant.clients.disable(account.client.client_id)
    account.grant.clock.advance(_MINUTE)

    client, impact = await account.grant.incidents.panic(account.client.client_id, by=replace(ALICE, actor="bob"))

    assert (disabled.disabled_at, "alice", ()) == (client.disabled_at, client.disabled_by, client.secrets)
    assert (False, 2) == (impact.disables, len(impact.secrets))


async def test_a_secret_that_is_made_during_a_panic_is_ended_by_it() -> None:
    """The panic is decided again on what somebody else wrote."""
    shared = MemoryClientStore()
    store = CrowdedClientStore(shared)
    grant, others = new_grant(client_store=store), new_grant(client_store=shared)
    client_id = (await register(grant)).client.client_id
    store.before_writes = [lambda: others.rotations.rotate(client_id, by=ALICE)]

    client, _ = await grant.incidents.panic(client_id, by=ALICE)

    assert ((), NOON) == (client.secrets, client.disabled_at)


_Do = Callable[..., Awaitable[Impact]]


def _disable(account: _Account, *, dry_run: bool = False) -> Awaitable[Impact]:
    return _impact(account.grant.incidents.disable(account.client.client_id, by=ALICE, dry_run=dry_run))


def _delete(account: _Account, *, dry_run: bool = False) -> Awaitable[Impact]:
    return account.grant.incidents.delete(account.client.client_id, by=ALICE, dry_run=dry_run)


def _panic(account: _Account, *, dry_run: bool = False) -> Awaitable[Impact]:
    return _impact(account.grant.incidents.panic(account.client.client_id, by=ALICE, dry_run=dry_run))


def _revoke(selection: TokenSelection) -> _Do:
    return lambda account, *, dry_run=False: _impact(
        account.grant.incidents.revoke_tokens(
            account.client.client_id, _of(account, selection), by=ALICE, dry_run=dry_run
        )
    )


def _retire(*, revoke_tokens: bool) -> _Do:
    async def do(account: _Account, *, dry_run: bool = False) -> Impact:
        _, _, impact = await account.grant.secrets.retire(
            account.client.client_id, account.old.secret_id, by=ALICE, revoke_tokens=revoke_tokens, dry_run=dry_run
        )
        return impact

    return do


async def _impact(answer: Awaitable[tuple[Client, Impact]]) -> Impact:
    _, impact = await answer
    return impact


_ACTIONS = {
    "disabling": (_disable, [False] * 4),
    "deleting": (_delete, [False] * 4),
    "panic": (_panic, [False] * 4),
    "retiring a secret": (_retire(revoke_tokens=False), [True] * 4),
    "retiring a secret with its tokens": (_retire(revoke_tokens=True), [False, True, False, True]),
    **{f"revoking {name}": (_revoke(selection), alive) for name, (selection, alive) in _SELECTIONS.items()},
}


@pytest.mark.parametrize(("action", "alive"), _ACTIONS.values(), ids=_ACTIONS.keys())
async def test_asking_says_what_is_then_hit_and_changes_nothing(
    account: _Account, action: _Do, alive: list[bool]
) -> None:
    """Client, tokens and audit trail are as they were; then the action hits what was said."""
    before = await account.seen()

    asked = await action(account, dry_run=True)
    after_asking = await account.seen()
    done = await action(account)

    assert (before, asked, alive) == (after_asking, done, await account.alive())


@pytest.mark.parametrize("action", [action for action, _ in _ACTIONS.values()], ids=_ACTIONS.keys())
async def test_what_is_said_to_be_hit_is_hit(account: _Account, action: _Do) -> None:
    """No token dies of which nothing was said; where no token can be hit none is counted."""
    impact = await action(account)

    dead = [token for token, alive in zip(account.tokens, await account.alive(), strict=True) if not alive]
    assert len(dead) <= impact.tokens_issued
    if dead:
        assert impact.last_token_at is not None
        assert impact.last_expires_at is not None


@pytest.mark.parametrize(
    "action",
    [pytest.param(_disable, id="disabling"), pytest.param(_panic, id="panic"), pytest.param(_delete, id="deleting")],
)
async def test_a_client_that_never_got_a_token_loses_none(action: _Do) -> None:
    """The impact says so."""
    grant = new_grant()
    client = (await register(grant)).client

    impact = await action(_Account(grant, client, [], [], ""))

    assert (True, 0, None, None) == (
        impact.disables,
        impact.tokens_issued,
        impact.last_token_at,
        impact.last_expires_at,
    )


async def test_nothing_of_a_disabled_client_is_hit(account: _Account) -> None:
    """Its tokens are dead already: whatever else is done to it, it loses none."""
    await account.grant.clients.disable(account.client.client_id)

    impacts = [
        await action(account, dry_run=True)
        for action in (_disable, _delete, _panic, _revoke(_EVERYTHING), _retire(revoke_tokens=True))
    ]

    assert [(False, 0, None, None)] * 5 == [
        (impact.disables, impact.tokens_issued, impact.last_token_at, impact.last_expires_at) for impact in impacts
    ]


@pytest.mark.parametrize(
    ("lifetime", "expected"),
    [
        pytest.param(_SECOND, _SECOND, id="the client's own"),
        pytest.param(2 * _DAY, _DAY, id="the longest where its own is longer"),
    ],
)
async def test_the_last_token_ends_by_the_lifetime_of_its_client(lifetime: timedelta, expected: timedelta) -> None:
    """Not by the longest that a token may have here, unless that was made shorter since."""
    grant = new_grant(client_store=MemoryClientStore())
    credentials = await register(grant)
    client = await stored(grant.client_store, replace(credentials.client, token_lifetime=lifetime))
    await token_of(grant, credentials)

    _, impact = await grant.incidents.revoke_tokens(client.client_id, _EVERYTHING, by=ALICE)

    assert (NOON, NOON + expected) == (impact.last_token_at, impact.last_expires_at)


@pytest.mark.parametrize(
    ("before", "count"),
    [
        pytest.param(NOON, 0, id="the second that it was made in"),
        pytest.param(NOON + timedelta(microseconds=1), 1, id="a moment of that second"),
        pytest.param(NOON + timedelta(microseconds=999_999), 1, id="the moment that it was made"),
    ],
)
async def test_a_window_before_a_client_was_made_hits_nothing(before: datetime, count: int) -> None:
    """Tokens are of whole seconds: one of the client's first second is older than the client, and is counted."""
    grant = new_grant(clock=FakeClock(NOON + timedelta(microseconds=999_999)))
    credentials = await register(grant)
    token = await token_of(grant, credentials)

    _, impact = await grant.incidents.revoke_tokens(
        credentials.client.client_id, TokenSelection(issued_before=before), by=ALICE
    )

    assert (count, [count == 0]) == (impact.tokens_issued, await are_active(grant, token))


async def test_tokens_of_retired_secrets_are_hit_too(account: _Account) -> None:
    """They live on after their secret, until everything ends: what it hits says so."""
    incidents, client_id = account.grant.incidents, account.client.client_id
    await account.grant.secrets.retire(client_id, account.old.secret_id, by=ALICE)

    _, impact = await incidents.revoke_tokens(client_id, _EVERYTHING, by=ALICE)

    assert (4, [False] * 4) == (impact.tokens_issued, await account.alive())


@pytest.mark.parametrize(
    ("selections", "count"),
    [
        pytest.param([], 4, id="nothing"),
        pytest.param([_EVERYTHING], 0, id="everything"),
        pytest.param([_OLD_ONE], 2, id="the tokens of one secret"),
        pytest.param([_OLD_ONE, TokenSelection(secret_id="{new}")], 0, id="those of one secret and those of the other"),
        pytest.param([TokenSelection(issued_before=NOON + 2 * _MINUTE)], 0, id="all until after the last"),
        pytest.param([TokenSelection(issued_before=NOON + _MINUTE)], 4, id="all until before the last"),
        pytest.param([TokenSelection(issued_from=NOON)], 4, id="all from a moment on: there may be older ones"),
    ],
)
async def test_what_was_ended_is_not_hit_again(account: _Account, selections: list[TokenSelection], count: int) -> None:
    """As far as it is known by whole secrets: after an incident asking says that nothing is left, until it is."""
    incidents, client_id = account.grant.incidents, account.client.client_id
    for selection in selections:
        of = selection.secret_id.format(old=account.old.secret_id, new=account.new.secret_id)
        await incidents.revoke_tokens(client_id, replace(selection, secret_id=of), by=ALICE)

    _, asked = await incidents.revoke_tokens(client_id, _EVERYTHING, by=ALICE, dry_run=True)
    account.grant.clock.advance(_SECOND)
    await account.token()
    _, later = await incidents.revoke_tokens(client_id, _EVERYTHING, by=ALICE, dry_run=True)

    assert (count, count > 0) == (asked.tokens_issued, asked.last_token_at is not None)
    assert later.tokens_issued in {3, 5}
    assert later.last_token_at == NOON + 2 * _MINUTE + _SECOND


async def test_what_has_expired_is_not_hit(account: _Account) -> None:
    """By the longest life that the client gave its tokens: to the moment."""
    asked = []
    for time in (_LIFETIME - _MINUTE - timedelta(microseconds=1), timedelta(microseconds=1)):
        account.grant.clock.advance(time)
        asked.append(await _disable(account, dry_run=True))

    assert [4, 0] == [impact.tokens_issued for impact in asked]


_CALLS = [
    pytest.param(
        lambda grant, client_id, **how: grant.incidents.revoke_tokens(client_id, _EVERYTHING, by=ALICE, **how),
        id="revoke",
    ),
    pytest.param(lambda grant, client_id, **how: grant.incidents.disable(client_id, by=ALICE, **how), id="disable"),
    pytest.param(lambda grant, client_id, **how: grant.incidents.delete(client_id, by=ALICE, **how), id="delete"),
]
_CALLS_THAT_HIT_NOTHING = [
    pytest.param(lambda grant, client_id, **how: grant.incidents.enable(client_id, by=ALICE, **how), id="enable"),
    pytest.param(
        lambda grant, client_id, **how: grant.service.update(
            client_id, replace(FIELDS, name="New"), mask=frozenset({"name"}), by=ALICE, **how
        ),
        id="update",
    ),
]
_PANIC = pytest.param(lambda grant, client_id, **how: grant.incidents.panic(client_id, by=ALICE, **how), id="panic")
_Call = Callable[..., Awaitable[object]]


@pytest.mark.parametrize("call", [*_CALLS, _PANIC])
async def test_nothing_is_done_to_nobody(call: _Call) -> None:
    """Every call says so; a store that fails is no absence."""
    outcomes = [await outcome_of(call(new_grant(), client_id)) for client_id in ("", _NOBODY, "no id\n", "x" * 10_000)]

    assert [_invalid("client_id is missing."), *[_NOT_FOUND] * 3] == outcomes
    with pytest.raises(StorageUnavailable):
        await call(new_grant(client_store=FailingClientStore()), _NOBODY)


@pytest.mark.parametrize("call", [*_CALLS, *_CALLS_THAT_HIT_NOTHING])
async def test_a_change_that_was_decided_on_another_state_is_a_conflict(account: _Account, call: _Call) -> None:
    """Nothing is changed; over the state that is named it is made."""
    client_id, stale = account.client.client_id, account.client.etag
    now = await account.grant.clients.update(client_id, replace(FIELDS, name="Newer"), mask={"name"})
    before = await account.seen()

    outcome = await outcome_of(call(account.grant, client_id, etag=stale))

    assert (_STALE, before) == (outcome, await account.seen())
    await call(account.grant, client_id, etag=now.etag)


@pytest.mark.parametrize("call", _CALLS)
async def test_asking_over_another_state_is_a_conflict_too(account: _Account, call: _Call) -> None:
    """What it said would not be what is hit."""
    await account.grant.clients.update(account.client.client_id, replace(FIELDS, name="Newer"), mask={"name"})

    outcome = await outcome_of(call(account.grant, account.client.client_id, etag=account.client.etag, dry_run=True))

    assert outcome == _STALE

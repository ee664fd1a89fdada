"""Administering clients."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from unittest.mock import ANY

import pytest

from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import AuthMethod, Client, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, IntrospectionRequest
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.ports import ClientFilter, Page, StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.revocations import TokenSelection
from grantway_server.storage.memory_client_store import MemoryClientStore
from tests.fakes.failing_stores import FailingClientStore
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.counting_random import CountingRandom
from tests.server.domain.grant import FIELDS, Credentials, Grant, check, issue, new_grant, register
from tests.server.domain.outcomes import INVALID_CLIENT, Said, outcome_of
from tests.server.samples import FIRST_EPOCH, NOON
from tests.server.storage.writes import stored

_LATER = timedelta(minutes=1)
_NOBODY = "svc_live_zzzzzzzzzzzzzzzz"
_NOT_FOUND: Said = (
    Reason.CLIENT_NOT_FOUND,
    "There is no client with this client_id in this environment.",
    None,
)
_CONFLICT: Said = (Reason.CONFLICT, "Somebody else keeps changing this client: try again.", None)
_NO_SCOPE_TOKEN: Said = (
    Reason.INVALID_SCOPE,
    "A scope token must be printable ASCII without spaces, quotes and backslashes, and not empty.",
    None,
)
_NO_AUDIENCE: Said = (
    Reason.INVALID_TARGET,
    "An audience must be 1 to 2048 characters of printable ASCII without spaces.",
    None,
)
_NO_SUBSET: Said = (
    Reason.INVALID_SCOPE,
    "default_scopes must be a subset of allowed_scopes: give both when either changes.",
    None,
)


def _invalid(description: str) -> Said:
    return (Reason.INVALID_REQUEST, description, None)


_BAD_NAME = _invalid("name must be 1 to 100 printable characters, not only spaces.")
_BAD_LIFETIME = _invalid("token_lifetime must be whole seconds from 1 to 86400.")

_BAD_FIELDS = [
    pytest.param({"name": ""}, _BAD_NAME, id="no-name"),
    pytest.param({"name": "a\nb"}, _BAD_NAME, id="a-name-of-two-lines"),
    pytest.param({"allowed_scopes": ("a", "b c")}, _NO_SCOPE_TOKEN, id="a-scope-that-is-two"),
    pytest.param({"default_scopes": ("",)}, _NO_SCOPE_TOKEN, id="a-default-scope-that-is-none"),
    pytest.param({"default_scopes": ("c",)}, _NO_SUBSET, id="a-default-scope-that-is-not-allowed"),
    pytest.param({"audiences": ("a b",)}, _NO_AUDIENCE, id="an-audience-with-a-space"),
    pytest.param({"token_lifetime": timedelta(0)}, _BAD_LIFETIME, id="no-lifetime"),
    pytest.param({"token_lifetime": timedelta(days=2)}, _BAD_LIFETIME, id="a-lifetime-beyond-the-maximum"),
]


@pytest.mark.parametrize(
    ("environment", "client_id", "secret"),
    [
        pytest.param(
            Environment.LIVE,
            "svc_live_aaaaaaaaaaaaaaad",
            with_checksum("gws_live_aaaaaaab_" + "A" * 42 + "I"),
            id="live",
        ),
        pytest.param(
            Environment.TEST,
            "svc_test_aaaaaaaaaaaaaaad",
            with_checksum("gws_test_aaaaaaab_" + "A" * 42 + "I"),
            id="test",
        ),
    ],
)
async def test_a_client_is_created(environment: Environment, client_id: str, secret: str) -> None:
    """The whole client, stored as it is answered, and the text of its secret."""
    grant = new_grant(environment=environment, random_bytes=CountingRandom())

    client, text = await grant.clients.create(FIELDS)

    expected = Client(
        client_id=client_id,
        name="Concierge",
        allowed_scopes=("a", "b"),
        default_scopes=("a",),
        audiences=("https://api.example.com",),
        token_lifetime=timedelta(minutes=5),
        longest_token_lifetime=timedelta(minutes=5),
        permissions=frozenset({Permission.ISSUE_TOKENS}),
        auth_methods=frozenset(),
        secrets=(Secret("aaaaaaab", sha256(secret.encode()).digest(), NOON),),
        created_at=NOON,
        updated_at=NOON,
        disabled_at=None,
        created_by="alice",
        updated_by="alice",
        disabled_by="",
        organization="",
        description="",
        labels=(),
        epoch=FIRST_EPOCH,
        min_epoch=FIRST_EPOCH,
        revocations=(),
        version=ANY,
    )
    assert (expected, secret) == (client, text)
    assert expected == await grant.clients.get(client_id)


async def test_what_is_not_said_of_a_client_has_a_default(grant: Grant) -> None:
    """A name is enough: no scopes, no audiences, the policy's lifetime, tokens, any method."""
    client, _ = await grant.clients.create(ClientFields(name="Bare"))

    assert ((), None, (), timedelta(hours=1), frozenset({Permission.ISSUE_TOKENS}), frozenset()) == (
        client.allowed_scopes,
        client.default_scopes,
        client.audiences,
        client.token_lifetime,
        client.permissions,
        client.auth_methods,
    )


@pytest.mark.parametrize(("bad", "expected"), _BAD_FIELDS)
async def test_a_client_that_breaks_a_rule_is_not_created(grant: Grant, bad: dict[str, object], expected: Said) -> None:
    """One refusal, and nothing is stored."""
    fields = replace(FIELDS, **bad)  # type: ignore[arg-type]  # The fields of ClientFields, by name.

    assert expected == await outcome_of(grant.clients.create(fields))
    assert await grant.clients.page(size=1) == Page([], b"")


async def test_a_name_need_not_be_unique(grant: Grant) -> None:
    """Two creations alike are two clients."""
    first, second = [await register(grant) for _ in range(2)]

    assert (first.client.name, True) == (second.client.name, first.client.client_id != second.client.client_id)


async def test_an_id_that_exists_already_overwrites_nobody(grant: Grant) -> None:
    """Randomness that repeats itself is a fault of the service; the client that has the id keeps it."""
    old, _ = await new_grant(client_store=grant.client_store, random_bytes=CountingRandom()).clients.create(FIELDS)

    with pytest.raises(RuntimeError, match="a new client id exists already"):
        await new_grant(client_store=grant.client_store, random_bytes=CountingRandom()).clients.create(FIELDS)

    assert old == await grant.clients.get(old.client_id)


_BY_ID = [
    pytest.param(lambda grant, client_id: grant.clients.get(client_id), id="get"),
    pytest.param(
        lambda grant, client_id: grant.clients.update(client_id, FIELDS, mask=frozenset({"name"})), id="update"
    ),
    pytest.param(lambda grant, client_id: grant.clients.disable(client_id), id="disable"),
    pytest.param(lambda grant, client_id: grant.clients.enable(client_id), id="enable"),
    pytest.param(lambda grant, client_id: grant.clients.delete(client_id), id="delete"),
]


@pytest.mark.parametrize("use_case", _BY_ID)
@pytest.mark.parametrize(
    ("client_id", "expected"),
    [
        pytest.param("", _invalid("client_id is missing."), id="without-an-id"),
        pytest.param(_NOBODY, _NOT_FOUND, id="with-an-unknown-id"),
        pytest.param("no id\n", _NOT_FOUND, id="with-an-id-that-is-none"),
        pytest.param("x" * 10_000, _NOT_FOUND, id="with-a-huge-id"),
    ],
)
async def test_nothing_is_done_to_nobody(
    grant: Grant, use_case: Callable[[Grant, str], Awaitable[object]], client_id: str, expected: Said
) -> None:
    """Every use case on one client says so when there is none."""
    assert expected == await outcome_of(use_case(grant, client_id))


@pytest.mark.parametrize("use_case", _BY_ID)
async def test_the_store_is_not_asked_for_what_is_no_id(
    use_case: Callable[[Grant, str], Awaitable[object]],
) -> None:
    """Nothing but an id ever becomes a part of a key."""
    store = CrowdedClientStore(MemoryClientStore())
    grant = new_grant(client_store=store)

    for client_id in (_NOBODY, "no id\n", "{tag}", "x" * 129):
        await outcome_of(use_case(grant, client_id))

    assert [_NOBODY] == store.asked


@pytest.mark.parametrize("use_case", _BY_ID)
async def test_a_store_that_fails_is_no_absence(
    use_case: Callable[[Grant, str], Awaitable[object]],
) -> None:
    """A client that cannot be read is not a client that does not exist."""
    with pytest.raises(StorageUnavailable):
        await use_case(new_grant(client_store=FailingClientStore()), _NOBODY)


async def test_a_client_that_could_not_be_stored_is_not_answered() -> None:
    """No secret is shown of a client that may not exist, and no empty page of clients that may."""
    grant = new_grant(client_store=FailingClientStore())

    with pytest.raises(StorageUnavailable):
        await grant.clients.create(FIELDS)
    with pytest.raises(StorageUnavailable):
        await grant.clients.page(size=1)


@pytest.mark.parametrize(
    ("mask", "changed"),
    [
        pytest.param({"name"}, {"name": "New"}, id="the-name"),
        pytest.param({"allowed_scopes"}, {"allowed_scopes": ("a", "c")}, id="the-allowed-scopes"),
        pytest.param({"default_scopes"}, {"default_scopes": ()}, id="the-default-scopes"),
        pytest.param({"audiences"}, {"audiences": ("x", "y")}, id="the-audiences"),
        pytest.param({"own_audiences"}, {"own_audiences": ("v", "w")}, id="its-own-audiences"),
        pytest.param(
            {"token_lifetime"},
            {"token_lifetime": timedelta(hours=2), "longest_token_lifetime": timedelta(hours=2)},
            id="the-lifetime",
        ),
        pytest.param({"permissions"}, {"permissions": frozenset(Permission)}, id="the-permissions"),
        pytest.param({"auth_methods"}, {"auth_methods": frozenset({AuthMethod.CLIENT_SECRET_BASIC})}, id="the-methods"),
        pytest.param(
            {"name", "token_lifetime"},
            {"name": "New", "token_lifetime": timedelta(hours=2), "longest_token_lifetime": timedelta(hours=2)},
            id="two-fields",
        ),
    ],
)
async def test_an_update_changes_what_the_mask_names_and_no_more(
    grant: Grant, mask: set[str], changed: dict[str, object]
) -> None:
    """The client before, with the named fields, a new moment of change and a new version: answered and stored."""
    before = (await register(grant)).client
    grant.clock.advance(_LATER)
    new = ClientFields(
        name="New",
        allowed_scopes=("c", "a"),
        default_scopes=(),
        audiences=("y", "x"),
        own_audiences=("w", "v"),
        token_lifetime=timedelta(hours=2),
        permissions=frozenset(Permission),
        auth_methods=frozenset({AuthMethod.CLIENT_SECRET_BASIC}),
    )

    after = await grant.clients.update(before.client_id, new, mask=frozenset(mask))

    expected = replace(before, updated_at=NOON + _LATER, version=ANY, **changed)  # type: ignore[arg-type]
    assert (expected, expected) == (after, await grant.clients.get(before.client_id))


async def test_a_named_field_that_is_unset_goes_back_to_its_default(grant: Grant) -> None:
    """What an update names and does not set is what creation gives when it is not set."""
    before = (
        await register(
            grant, replace(FIELDS, own_audiences=("x",), auth_methods=frozenset({AuthMethod.CLIENT_SECRET_POST}))
        )
    ).client
    everything_but_the_name = frozenset(
        {
            "allowed_scopes",
            "default_scopes",
            "audiences",
            "own_audiences",
            "token_lifetime",
            "permissions",
            "auth_methods",
        }
    )

    after = await grant.clients.update(before.client_id, ClientFields(), mask=everything_but_the_name)

    expected = replace(
        before,
        allowed_scopes=(),
        default_scopes=None,
        audiences=(),
        own_audiences=(),
        token_lifetime=timedelta(hours=1),
        longest_token_lifetime=timedelta(hours=1),
        permissions=frozenset({Permission.ISSUE_TOKENS}),
        auth_methods=frozenset(),
        version=ANY,
    )
    assert expected == after


async def test_both_kinds_of_audiences_have_one_limit(grant: Grant) -> None:
    """Whichever is named: a page of clients must fit into a message."""
    words = tuple(f"{number:02}{'a' * 78}" for number in range(100))
    before = (await register(grant, replace(FIELDS, audiences=words))).client

    for fields in (ClientFields(own_audiences=("a" * 200,)), ClientFields(audiences=words, own_audiences=("a" * 200,))):
        with pytest.raises(Refusal, match="The audiences together are longer than 8192 characters"):
            await grant.clients.update(
                before.client_id,
                fields,
                mask=frozenset({"own_audiences"} | ({"audiences"} if fields.audiences else set())),
            )
    with pytest.raises(Refusal, match="An audience must be"):
        await grant.clients.update(
            before.client_id, ClientFields(own_audiences=("a b",)), mask=frozenset({"own_audiences"})
        )


@pytest.mark.parametrize(
    ("mask", "left"),
    [
        pytest.param({"name"}, {"private_key_jwt"}, id="stays-when-another-field-changes"),
        pytest.param({"auth_methods"}, set(), id="goes-when-the-methods-are-named"),
    ],
)
async def test_a_method_of_a_newer_core(grant: Grant, mask: set[str], left: set[str]) -> None:
    """Only somebody who says which methods the client may use takes it away."""
    before = (await register(grant)).client
    await stored(grant.client_store, replace(before, unknown_auth_methods=frozenset({"private_key_jwt"})))

    await grant.clients.update(before.client_id, ClientFields(name="New"), mask=frozenset(mask))

    assert left == (await grant.clients.get(before.client_id)).unknown_auth_methods


@pytest.mark.parametrize(("bad", "expected"), _BAD_FIELDS)
async def test_an_update_that_breaks_a_rule_changes_nothing(
    grant: Grant, bad: dict[str, object], expected: Said
) -> None:
    """One refusal, and the client is as it was, also in the fields that were good."""
    before = (await register(grant)).client
    fields = replace(FIELDS, **({"name": "New"} | bad))  # type: ignore[arg-type]  # The fields of ClientFields.

    outcome = await outcome_of(grant.clients.update(before.client_id, fields, mask=frozenset({"name", *bad})))

    assert (expected, before) == (outcome, await grant.clients.get(before.client_id))


async def test_rules_hold_of_the_client_that_results(grant: Grant) -> None:
    """S05: allowed scopes cannot shrink under default scopes that the update does not name."""
    before = (await register(grant)).client
    fields = ClientFields(allowed_scopes=("b",), default_scopes=())

    narrowed = await outcome_of(grant.clients.update(before.client_id, fields, mask=frozenset({"allowed_scopes"})))
    both = await grant.clients.update(before.client_id, fields, mask=frozenset({"allowed_scopes", "default_scopes"}))

    assert (_NO_SUBSET, ("b",), ()) == (narrowed, both.allowed_scopes, both.default_scopes)


async def test_default_scopes_that_mean_all_follow_the_allowed_ones(grant: Grant) -> None:
    """S05: a client without default scopes gets the allowed ones of now, not those of its creation."""
    credentials = await register(grant, replace(FIELDS, default_scopes=None))
    await grant.clients.update(
        credentials.client.client_id, ClientFields(allowed_scopes=("z",)), mask=frozenset({"allowed_scopes"})
    )

    outcome = await issue(grant, credentials.request())

    assert isinstance(outcome, IssuedToken)
    assert outcome.token.scopes == ("z",)


async def test_an_update_never_enables(grant: Grant) -> None:
    """S04: whatever an update of a disabled client changes, it stays disabled, since the same moment."""
    credentials = await register(grant)
    client_id = credentials.client.client_id
    disabled = await grant.clients.disable(client_id)
    grant.clock.advance(_LATER)
    everything = frozenset(ClientFields.__dataclass_fields__)

    updated = await grant.clients.update(client_id, replace(FIELDS, name="New"), mask=everything)

    assert replace(disabled, name="New", updated_at=NOON + _LATER, version=ANY) == updated
    assert await issue(grant, credentials.request()) == INVALID_CLIENT


async def test_an_update_keeps_the_secret_and_the_tokens(grant: Grant) -> None:
    """Tokens that were issued before keep what they were issued with, and the secret works."""
    credentials = await register(grant)
    outcome = await issue(grant, credentials.request(scope="a b"))
    assert isinstance(outcome, IssuedToken)

    await grant.clients.update(
        credentials.client.client_id,
        replace(FIELDS, allowed_scopes=("a",), token_lifetime=timedelta(seconds=1)),
        mask=frozenset({"allowed_scopes", "token_lifetime"}),
    )

    (active,) = await check(grant, IntrospectionRequest(outcome.access_token))
    assert isinstance(active, ActiveToken)
    assert outcome.token == active.token
    assert isinstance(await issue(grant, credentials.request()), IssuedToken)


async def _disabled(grant: Grant, client_id: str) -> None:
    await grant.clients.disable(client_id)


async def _as_it_is(grant: Grant, client_id: str) -> None:
    await grant.clients.get(client_id)


@pytest.mark.parametrize(
    ("before", "use_case"),
    [
        pytest.param(_disabled, lambda grant, client_id: grant.clients.disable(client_id), id="disabling-again"),
        pytest.param(_as_it_is, lambda grant, client_id: grant.clients.enable(client_id), id="enabling-the-enabled"),
        pytest.param(
            _as_it_is,
            lambda grant, client_id: grant.clients.update(client_id, FIELDS, mask=frozenset({"name"})),
            id="an-update-that-changes-nothing",
        ),
    ],
)
async def test_what_is_so_already_is_not_written(
    before: Callable[[Grant, str], Awaitable[None]], use_case: Callable[[Grant, str], Awaitable[object]]
) -> None:
    """Idempotence: the client is answered as it is, with the moment at which it became so."""
    store = CrowdedClientStore(MemoryClientStore())
    grant = new_grant(client_store=store)
    client_id = (await register(grant)).client.client_id
    await before(grant, client_id)
    expected, writes = await grant.clients.get(client_id), store.writes
    grant.clock.advance(_LATER)

    assert (expected, writes) == (await use_case(grant, client_id), store.writes)


async def test_disabling_and_enabling_are_seen_whole(grant: Grant) -> None:
    """Disabling sets the moment and the next epoch; enabling takes the moment back and leaves the epoch."""
    before = (await register(grant)).client
    grant.clock.advance(_LATER)
    disabled = await grant.clients.disable(before.client_id)
    grant.clock.advance(_LATER)
    enabled = await grant.clients.enable(before.client_id)

    expected = replace(
        before,
        disabled_at=NOON + _LATER,
        disabled_by="alice",
        updated_at=NOON + _LATER,
        epoch=FIRST_EPOCH + 1,
        min_epoch=FIRST_EPOCH + 1,
        tokens_revoked_at=NOON + _LATER,
        version=ANY,
    )
    assert (expected, replace(expected, disabled_at=None, disabled_by="", updated_at=NOON + 2 * _LATER)) == (
        disabled,
        enabled,
    )


async def test_a_deleted_client_is_gone(grant: Grant) -> None:
    """It is not found, listed or deleted again, and its neighbour is untouched."""
    gone, neighbour = [(await register(grant)).client for _ in range(2)]

    await grant.clients.delete(gone.client_id)

    assert [_NOT_FOUND, Page([neighbour], b""), _NOT_FOUND] == [
        await outcome_of(grant.clients.get(gone.client_id)),
        await grant.clients.page(size=10),
        await outcome_of(grant.clients.delete(gone.client_id)),
    ]


_CHANGES = [
    pytest.param(lambda grant, client_id: grant.clients.disable(client_id), id="disable"),
    pytest.param(lambda grant, client_id: grant.clients.delete(client_id), id="delete"),
    pytest.param(
        lambda grant, client_id: grant.clients.update(
            client_id, ClientFields(audiences=("new",)), mask=frozenset({"audiences"})
        ),
        id="update",
    ),
]


class _Crowd:
    """A client that somebody else changes in between."""

    def __init__(self) -> None:
        shared = MemoryClientStore()
        self.store = CrowdedClientStore(shared)
        self.grant = new_grant(client_store=self.store)
        self.others = new_grant(client_store=shared)

    async def rename(self, credentials: Credentials) -> None:
        """One change by somebody else."""
        client = await self.others.clients.get(credentials.client.client_id)
        await self.others.clients.update(
            client.client_id, ClientFields(name=client.name + "'"), mask=frozenset({"name"})
        )


@pytest.mark.parametrize("change", _CHANGES)
async def test_nobodys_change_is_lost(change: Callable[[Grant, str], Awaitable[object]]) -> None:
    """Seven times somebody else is faster; the eighth attempt is decided on what they wrote."""
    crowd = _Crowd()
    credentials = await register(crowd.grant)
    alone = new_grant(client_store=MemoryClientStore())
    await stored(alone.client_store, replace(credentials.client, version=b""))
    crowd.store.before_writes = [lambda: crowd.rename(credentials)] * 7

    outcome = await change(crowd.grant, credentials.client.client_id)
    outcome_alone = await change(alone, credentials.client.client_id)

    # A deletion answers nothing; any other change has the others' changes in it.
    expected = outcome_alone
    if isinstance(outcome_alone, Client):
        expected = replace(outcome_alone, name="Concierge'''''''", version=ANY)
    assert expected == outcome


async def _retire_its_secret(grant: Grant, client_id: str) -> object:
    (secret,) = (await grant.clients.get(client_id)).secrets
    return await grant.secrets.retire(client_id, secret.secret_id, by=ALICE)


_PANIC = pytest.param(lambda grant, client_id: grant.incidents.panic(client_id, by=ALICE), id="panic")
_REVOKE = pytest.param(
    lambda grant, client_id: grant.incidents.revoke_tokens(client_id, TokenSelection(), by=ALICE), id="revoke"
)
_RETIRE = pytest.param(_retire_its_secret, id="retire")
_ROTATE = pytest.param(lambda grant, client_id: grant.rotations.rotate(client_id, by=ALICE), id="rotate")
_ENDS = [*_CHANGES[:2], _PANIC, _REVOKE, _RETIRE]


def _is_disabled(client: Client | None) -> bool:
    return client is not None and client.disabled_at == NOON


def _is_deleted(client: Client | None) -> bool:
    return client is None


def _is_disabled_without_secrets(client: Client | None) -> bool:
    return client is not None and client.disabled_at == NOON and not client.secrets


def _lost_its_tokens_alone(client: Client | None) -> bool:
    return client is not None and client.min_epoch == FIRST_EPOCH + 1 and _is_as_it_was(client, secrets=1)


def _lost_its_secret_alone(client: Client | None) -> bool:
    return client is not None and client.min_epoch == FIRST_EPOCH and _is_as_it_was(client, secrets=0)


def _is_as_it_was(client: Client, *, secrets: int) -> bool:
    return client.disabled_at is None and len(client.secrets) == secrets


_ENDED = (_is_disabled, _is_deleted, _is_disabled_without_secrets, _lost_its_tokens_alone, _lost_its_secret_alone)
"""What each of `_ENDS` is to bring about."""


@pytest.mark.parametrize(
    ("change", "times"),
    [
        *[pytest.param(*change.values, 8, id=str(change.id)) for change in (_CHANGES[2], _ROTATE)],
        *[pytest.param(*end.values, 64, id=str(end.id)) for end in _ENDS],
    ],
)
async def test_too_many_others_are_a_conflict(change: Callable[[Grant, str], Awaitable[object]], times: int) -> None:
    """After eight others that were faster, or 64 where something is to end. Theirs stand, this one was not made."""
    crowd = _Crowd()
    credentials = await register(crowd.grant)
    crowd.store.before_writes = [lambda: crowd.rename(credentials)] * times

    outcome = await outcome_of(change(crowd.grant, credentials.client.client_id))

    assert outcome == _CONFLICT
    assert replace(credentials.client, name="Concierge" + "'" * times, version=ANY) == await crowd.grant.clients.get(
        credentials.client.client_id
    )


@pytest.mark.parametrize(
    ("end", "is_ended"),
    [pytest.param(*end.values, is_ended, id=str(end.id)) for end, is_ended in zip(_ENDS, _ENDED, strict=True)],
)
async def test_what_ends_something_wins_over_others(
    end: Callable[[Grant, str], Awaitable[object]], is_ended: Callable[[Client | None], bool]
) -> None:
    """Sixty-three times somebody else is faster; then the client has no more what was to end."""
    crowd = _Crowd()
    credentials = await register(crowd.grant)
    crowd.store.before_writes = [lambda: crowd.rename(credentials)] * 63

    await end(crowd.grant, credentials.client.client_id)

    left = (await crowd.grant.client_store.get_many([credentials.client.client_id])).get(credentials.client.client_id)
    assert is_ended(left)
    assert left is None or left.name == "Concierge" + "'" * 63


async def test_a_rule_that_somebody_else_made_true_in_between_holds() -> None:
    """S05: default scopes that were a subset when read are refused if they no longer are when written."""
    crowd = _Crowd()
    credentials = await register(crowd.grant, replace(FIELDS, default_scopes=()))
    client_id = credentials.client.client_id

    async def narrow() -> None:
        await crowd.others.clients.update(
            client_id, ClientFields(allowed_scopes=("a",)), mask=frozenset({"allowed_scopes"})
        )

    crowd.store.before_writes = [narrow]
    outcome = await outcome_of(
        crowd.grant.clients.update(client_id, ClientFields(default_scopes=("b",)), mask=frozenset({"default_scopes"}))
    )

    assert outcome == _NO_SUBSET


async def test_an_update_of_what_was_disabled_in_between_does_not_enable_it() -> None:
    """S04: a client that is disabled while an update is under way stays disabled."""
    crowd = _Crowd()
    credentials = await register(crowd.grant)
    client_id = credentials.client.client_id
    crowd.store.before_writes = [lambda: crowd.others.clients.disable(client_id)]

    updated = await crowd.grant.clients.update(client_id, ClientFields(name="New"), mask=frozenset({"name"}))

    assert ("New", NOON, FIRST_EPOCH + 1) == (updated.name, updated.disabled_at, updated.epoch)


@pytest.mark.parametrize("change", _CHANGES)
async def test_a_client_that_is_deleted_in_between_stays_deleted(
    change: Callable[[Grant, str], Awaitable[object]],
) -> None:
    """No change brings a deleted client back."""
    crowd = _Crowd()
    client_id = (await register(crowd.grant)).client.client_id
    crowd.store.before_writes = [lambda: crowd.others.clients.delete(client_id)]

    assert await outcome_of(change(crowd.grant, client_id)) == _NOT_FOUND
    assert await crowd.grant.clients.page(size=1) == Page([], b"")


@pytest.mark.parametrize("size", [pytest.param(size, id=f"of-{size}") for size in (1, 2, 3, 7, 10, 11, 1000)])
async def test_paging_sees_every_client_once(grant: Grant, size: int) -> None:
    """Page after page, in the order of the ids, each full but the last, and no empty page at the end."""
    everybody = sorted([(await register(grant)).client for _ in range(10)], key=lambda client: client.client_id)

    pages, after = [], b""
    while True:
        page = await grant.clients.page(after=after, size=size)
        pages.append(list(page.items))
        after = page.next_page
        if not after:
            break

    assert [everybody[start : start + size] for start in range(0, 10, size)] == pages


async def test_paging_goes_on_behind_a_client_that_was_deleted(grant: Grant) -> None:
    """A page token outlives its client, and whoever was neither created nor deleted meanwhile is seen once."""
    everybody = sorted([(await register(grant)).client for _ in range(4)], key=lambda client: client.client_id)
    first = await grant.clients.page(size=2)
    await grant.clients.delete(everybody[1].client_id)
    await grant.clients.delete(everybody[2].client_id)

    rest = await grant.clients.page(after=first.next_page, size=2)

    assert (everybody[:2], Page([everybody[3]], b"")) == (first.items, rest)


@pytest.mark.parametrize(
    ("wanted", "size", "expected"),
    [
        pytest.param(ClientFilter(), 0, _invalid("page_size must be 1 or more, or unset."), id="a-size-of-zero"),
        pytest.param(ClientFilter(), -1, _invalid("page_size must be 1 or more, or unset."), id="a-negative-size"),
        pytest.param(
            ClientFilter(organization="{tag}"),
            1,
            _invalid("organization must be 1 to 100 characters of [A-Za-z0-9._:@/-]."),
            id="an-organization-that-is-none",
        ),
        pytest.param(
            ClientFilter(name_prefix="x" * 101),
            1,
            _invalid("name_prefix is longer than 100 characters."),
            id="a-prefix-that-is-longer-than-any-name",
        ),
    ],
)
async def test_a_page_that_cannot_be_is_refused(wanted: ClientFilter, size: int, expected: Said) -> None:
    """Bounds and filters are checked before the store is asked."""
    grant = new_grant(client_store=FailingClientStore())

    assert expected == await outcome_of(grant.clients.page(wanted, size=size))


@pytest.mark.parametrize(
    "old",
    [
        pytest.param({"token_lifetime": timedelta(days=30)}, id="a-lifetime-beyond-the-maximum-of-today"),
        pytest.param({"default_scopes": ("gone",)}, id="default-scopes-beyond-the-allowed-ones"),
    ],
)
async def test_a_field_that_is_not_named_is_not_judged_again(grant: Grant, old: dict[str, object]) -> None:
    """A client from before a rule can still be renamed, and keeps what the rule would forbid."""
    client = (await register(grant)).client
    before = await stored(grant.client_store, replace(client, **old))  # type: ignore[arg-type]  # Fields of Client.

    renamed = await grant.clients.update(client.client_id, ClientFields(name="Renamed"), mask=frozenset({"name"}))

    assert replace(before, name="Renamed", version=ANY) == renamed

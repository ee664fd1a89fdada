"""Issuing tokens by the client credentials grant (RFC 6749 section 4.4)."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from grantway_server.domain import tokens
from grantway_server.domain.audit import Failure
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.clients import AuthMethod, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, IntrospectionRequest
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.ports import ClientsKeepChanging, StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.tokens import Token
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingClientStore, FailingTokenStore
from tests.fakes.watched_stores import CountingTokenStore, CrowdedTokenStore
from tests.server.domain.counting_random import CountingRandom
from tests.server.domain.grant import (
    FIELDS,
    REFILL,
    Credentials,
    Grant,
    are_active,
    check,
    counted_grant,
    issue,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import INVALID_CLIENT, Said, said
from tests.server.samples import FIRST_EPOCH, NOON

_SECOND = timedelta(seconds=1)


def _invalid(description: str) -> Said:
    return (Reason.INVALID_REQUEST, description, None)


@pytest.mark.parametrize(
    ("changes", "scopes", "audiences"),
    [
        pytest.param({}, ("a",), (), id="no-scope-asked-gets-the-default"),
        pytest.param({"scope": "b"}, ("b",), (), id="an-allowed-scope"),
        pytest.param({"scope": "b a b"}, ("b", "a"), (), id="all-scopes-and-a-duplicate"),
        pytest.param(
            {"audiences": ("https://api.example.com",)}, ("a",), ("https://api.example.com",), id="an-audience"
        ),
        pytest.param({"auth_method": AuthMethod.CLIENT_SECRET_BASIC}, ("a",), (), id="by-Basic"),
        pytest.param({"auth_method": AuthMethod.CLIENT_SECRET_POST}, ("a",), (), id="in-the-body"),
        pytest.param({"source": "x" * 64}, ("a",), (), id="the-longest-source"),
        pytest.param({"source": ""}, ("a",), (), id="no-source"),
    ],
)
async def test_a_good_request_gets_a_token(
    changes: dict[str, object], scopes: tuple[str, ...], audiences: tuple[str, ...]
) -> None:
    """The whole outcome: the token's text, and everything that is stored of it."""
    clock = FakeClock(NOON + timedelta(microseconds=999_999))
    grant = new_grant(random_bytes=CountingRandom(), clock=clock)
    credentials = await register(grant)  # Takes three random numbers: a secret id, a secret and a client id.

    request = credentials.request(**changes)
    outcome = await issue(grant, request)

    assert (
        IssuedToken(
            with_checksum(f"client_oa2_live_{4:040x}"),
            Token(
                client_id=credentials.client.client_id,
                epoch=FIRST_EPOCH,
                issued_at=NOON,
                lifetime=timedelta(minutes=5),
                scopes=scopes,
                audiences=audiences,
                secret_id="aaaaaaab",
            ),
            request.source,
        )
        == outcome
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"grant_type": ""}, _invalid("grant_type is missing: send client_credentials."), id="no-grant-type"
        ),
        pytest.param({"client_id": ""}, _invalid("client_id is missing."), id="no-client-id"),
        pytest.param({"client_secret": ""}, _invalid("client_secret is missing."), id="no-client-secret"),
        pytest.param({"source": "x" * 65}, _invalid("source is longer than 64 characters."), id="a-huge-source"),
        pytest.param({"client_secret": "x" * 100_000}, INVALID_CLIENT, id="a-huge-secret"),
        pytest.param({"client_secret": "wrong"}, INVALID_CLIENT, id="a-wrong-secret"),
        pytest.param({"client_id": "svc_live_unknown"}, INVALID_CLIENT, id="an-unknown-client"),
        pytest.param({"client_id": "no id\n"}, INVALID_CLIENT, id="a-client-id-that-is-none"),
        pytest.param({"client_id": "x" * 10_000}, INVALID_CLIENT, id="a-huge-client-id"),
        pytest.param({"auth_method": AuthMethod.UNKNOWN}, INVALID_CLIENT, id="an-unknown-method"),
        pytest.param(
            {"grant_type": "password"},
            (Reason.UNSUPPORTED_GRANT_TYPE, "grant_type must be client_credentials.", None),
            id="another-grant",
        ),
        pytest.param(
            {"grant_type": "Client_Credentials"},
            (Reason.UNSUPPORTED_GRANT_TYPE, "grant_type must be client_credentials.", None),
            id="T07-the-grant-type-is-case-sensitive",
        ),
        pytest.param(
            {"scope": "c"},
            (Reason.INVALID_SCOPE, "The client may not ask for this scope: ask for allowed scopes only.", None),
            id="a-scope-that-is-not-allowed",
        ),
        pytest.param(
            {"scope": "a  b"},
            (
                Reason.INVALID_SCOPE,
                (
                    "scope must be scope tokens of printable ASCII without quotes and backslashes, "
                    "separated by single spaces."
                ),
                None,
            ),
            id="a-malformed-scope",
        ),
        pytest.param(
            {"audiences": ("https://other.example.com",)},
            (Reason.INVALID_TARGET, "The client may not ask for this audience: ask for a registered one.", None),
            id="an-audience-that-is-not-registered",
        ),
    ],
)
async def test_a_bad_request_is_refused(
    grant: Grant, credentials: Credentials, changes: dict[str, object], expected: Said
) -> None:
    """The whole refusal."""
    assert expected == await issue(grant, credentials.request(**changes))


async def test_a_client_without_the_permission_gets_no_token(grant: Grant) -> None:
    """T07: the client is authenticated, and told that this grant is not for it."""
    credentials = await register(grant, replace(FIELDS, permissions=frozenset({Permission.INTROSPECT_TOKENS})))

    outcome = await issue(grant, credentials.request())

    assert (Reason.UNAUTHORIZED_CLIENT, "The client may not use the client credentials grant.", None) == outcome


async def test_a_lowered_maximum_holds_for_clients_from_before() -> None:
    """A client keeps the lifetime that it was given, and its tokens live no longer than the service now allows."""
    client_store = MemoryClientStore()
    credentials = await register(new_grant(client_store=client_store))
    lowered = new_grant(client_store=client_store, max_lifetime=timedelta(minutes=1))

    (outcome,) = await lowered.issuance.issue([credentials.request()])

    assert isinstance(outcome, IssuedToken)
    assert timedelta(minutes=5) == credentials.client.token_lifetime
    assert timedelta(minutes=1) == outcome.token.lifetime


async def test_a_client_with_no_scopes_gets_a_token_without_scope(grant: Grant) -> None:
    """No allowed scopes, none asked for: a token with none."""
    credentials = await register(grant, ClientFields(name="Bare"))

    outcome = await issue(grant, credentials.request())

    assert isinstance(outcome, IssuedToken)
    assert (
        Token(
            client_id=credentials.client.client_id,
            epoch=FIRST_EPOCH,
            issued_at=NOON,
            lifetime=timedelta(hours=1),
            scopes=(),
            audiences=(),
            secret_id=credentials.client.secrets[0].secret_id,
        )
        == outcome.token
    )


_ORDER: dict[Reason, dict[str, object]] = {
    Reason.INVALID_REQUEST: {"source": "x" * 65},
    Reason.INVALID_CLIENT: {"client_secret": "wrong"},
    Reason.UNSUPPORTED_GRANT_TYPE: {"grant_type": "password"},
    Reason.INVALID_SCOPE: {"scope": "c"},
    Reason.INVALID_TARGET: {"audiences": ("https://other.example.com",)},
}
"""One fault for each check, in the order of the checks."""


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(0, id="the-shape-before-everything"),
        pytest.param(1, id="authentication-before-grant-scope-and-audience"),
        pytest.param(2, id="the-grant-before-scope-and-audience"),
        pytest.param(3, id="the-scope-before-the-audience"),
        pytest.param(4, id="the-audience-last"),
    ],
)
async def test_checks_go_in_one_order(grant: Grant, credentials: Credentials, first: int) -> None:
    """T19: of all the faults of a request the first in the order of the checks is the one told."""
    faults = list(_ORDER.items())[first:]
    changes = {name: value for _, fault in faults for name, value in fault.items()}

    outcome = await issue(grant, credentials.request(**changes))

    assert isinstance(outcome, tuple)
    assert faults[0][0] == outcome[0]


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param({}, id="a-good-request"),
        pytest.param({"scope": "a"}, id="an-allowed-scope"),
        pytest.param({"scope": "c"}, id="a-scope-that-is-not-allowed"),
        pytest.param({"scope": '"'}, id="a-malformed-scope"),
        pytest.param({"audiences": ("https://api.example.com",)}, id="a-registered-audience"),
        pytest.param({"audiences": ("https://other.example.com",)}, id="another-audience"),
        pytest.param({"grant_type": "password"}, id="another-grant"),
        pytest.param({"grant_type": "x" * 5000}, id="a-huge-grant-type"),
    ],
)
@pytest.mark.parametrize(
    "permissions",
    [
        pytest.param(frozenset({Permission.ISSUE_TOKENS}), id="of-a-client-that-may"),
        pytest.param(frozenset({Permission.INTROSPECT_TOKENS}), id="of-a-client-that-may-not"),
    ],
)
async def test_who_fails_authentication_learns_nothing(
    grant: Grant, probe: dict[str, object], permissions: frozenset[Permission]
) -> None:
    """T19: without the secret, no question about a client's grants, scopes or audiences is answered."""
    credentials = await register(grant, replace(FIELDS, permissions=permissions))

    assert await issue(grant, credentials.request(client_secret="wrong", **probe)) == INVALID_CLIENT


async def test_too_many_failures_are_slowed_down_and_the_right_secret_is_not(
    grant: Grant, credentials: Credentials
) -> None:
    """A12: inside one batch as well as over several: five failures are answered as such, further ones RATE_LIMITED."""
    wrong = credentials.request(client_secret="wrong")
    limited = (
        Reason.RATE_LIMITED,
        "Too many failed authentications of this client from this source: wait, and check the client secret.",
        REFILL,
    )

    outcomes = await grant.issuance.issue([wrong] * 7 + [credentials.request(), replace(wrong, source="there")])

    assert [INVALID_CLIENT] * 5 + [limited] * 2 + [IssuedToken, INVALID_CLIENT] == [
        said(outcome) if isinstance(outcome, Refusal) else type(outcome) for outcome in outcomes
    ]


async def test_one_bad_item_does_not_touch_its_neighbours(grant: Grant, credentials: Credentials) -> None:
    """A batch is answered item by item, in order; every token of it is active and its own."""
    other = await register(grant, replace(FIELDS, name="Other", allowed_scopes=("c",), default_scopes=None))
    requests = [
        credentials.request(scope="b"),
        credentials.request(scope="c"),
        other.request(),
        credentials.request(client_secret=other.secret),
        credentials.request(grant_type=""),
        credentials.request(scope="b"),
    ]

    outcomes = await grant.issuance.issue(requests)

    issued = [outcome for outcome in outcomes if isinstance(outcome, IssuedToken)]
    assert [
        (credentials.client.client_id, ("b",)),
        Reason.INVALID_SCOPE,
        (other.client.client_id, ("c",)),
        Reason.INVALID_CLIENT,
        Reason.INVALID_REQUEST,
        (credentials.client.client_id, ("b",)),
    ] == [
        outcome.reason if isinstance(outcome, Refusal) else (outcome.token.client_id, outcome.token.scopes)
        for outcome in outcomes
    ]
    assert len({one.access_token for one in issued}) == len(issued)
    checked = await check(grant, *(IntrospectionRequest(one.access_token) for one in issued))
    assert [one.token for one in issued] == [one.token for one in checked if isinstance(one, ActiveToken)]


async def test_nothing_asked_nothing_answered(grant: Grant) -> None:
    """An empty batch is answered with an empty one."""
    assert [] == await grant.issuance.issue([])


@pytest.mark.parametrize(
    "size", [pytest.param(1, id="of-one"), pytest.param(10, id="of-ten"), pytest.param(128, id="of-the-largest-size")]
)
async def test_a_batch_costs_one_round_trip(size: int) -> None:
    """A second one where clients are not known yet; the size of the batch plays no part."""
    grant, _, round_trips = counted_grant()
    everybody = [await register(grant) for _ in range(size)]

    await grant.issuance.issue([one.request() for one in everybody])
    outcomes = await grant.issuance.issue([one.request() for one in everybody])

    assert size == len([outcome for outcome in outcomes if isinstance(outcome, IssuedToken)])
    assert [("get clients", size), ("add", size), ("add", size)] == round_trips


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"client_id": "no id"}, [], id="a-client-id-that-is-none"),
        pytest.param({"client_secret": "wrong"}, [("get clients", 1)], id="three-refusals-of-one-client"),
    ],
)
async def test_what_needs_no_look_up_gets_none(changes: dict[str, object], expected: list[tuple[str, int]]) -> None:
    """The store is not asked about what cannot be there, and never twice about the same."""
    grant, _, round_trips = counted_grant()

    await grant.issuance.issue([(await register(grant)).request(**changes)] * 3)

    assert expected == round_trips


async def test_a_wrong_secret_makes_nobody_else_dearer() -> None:
    """Its client is read again, and no other one; the tokens of the others are written with one look at them."""
    grant, _, round_trips = counted_grant()
    everybody = [await register(grant) for _ in range(10)]
    requests = [one.request() for one in everybody]
    await grant.issuance.issue(requests)
    round_trips.clear()

    *good, bad = await grant.issuance.issue([*requests, everybody[0].request(client_secret="wrong")])

    assert (10, True) == (len([one for one in good if isinstance(one, IssuedToken)]), isinstance(bad, Refusal))
    assert [("get clients", 1), ("add", 10)] == round_trips


async def test_a_deleted_client_makes_others_dearer_once() -> None:
    """Who goes on with the secret of one is refused like one whom nobody ever knew: it is not remembered any more."""
    grant, _, round_trips = counted_grant()
    everybody = [await register(grant) for _ in range(10)]
    requests = [one.request() for one in everybody]
    await grant.issuance.issue(requests)
    await grant.clients.delete(everybody[0].client.client_id)
    unknown = everybody[0].request(client_id="nobody")
    taken = []

    for batch in (requests, requests, [unknown, *requests[1:]]):
        round_trips.clear()
        bad, *good = await grant.issuance.issue(batch)
        assert (9, True) == (len([one for one in good if isinstance(one, IssuedToken)]), isinstance(bad, Refusal))
        taken.append(list(round_trips))

    as_ever = [("get clients", 1), ("add", 9)]
    assert [[("add", 10), ("get clients", 10), ("add", 9)], as_ever, as_ever] == taken


async def test_what_is_refused_of_a_client_is_decided_with_what_is_granted() -> None:
    """A core that remembers a client as it was before another one disabled it grants nothing beside a wrong secret."""
    clients = MemoryClientStore()
    grant, other = new_grant(client_store=clients), new_grant(client_store=clients)
    credentials = await register(grant)
    await grant.issuance.issue([credentials.request()])
    await other.clients.disable(credentials.client.client_id)

    outcomes = await grant.issuance.issue([credentials.request(), credentials.request(client_secret="wrong")])

    assert [INVALID_CLIENT] * 2 == [said(one) for one in outcomes if isinstance(one, Refusal)]


async def _disable(grant: Grant, credentials: Credentials) -> None:
    await grant.clients.disable(credentials.client.client_id)


async def _delete(grant: Grant, credentials: Credentials) -> None:
    await grant.clients.delete(credentials.client.client_id)


@pytest.mark.parametrize(
    "stop",
    [pytest.param(_disable, id="a-disabled-client"), pytest.param(_delete, id="a-deleted-client")],
)
async def test_a_client_that_ended_gets_no_token(
    grant: Grant, credentials: Credentials, stop: Callable[[Grant, Credentials], Awaitable[None]]
) -> None:
    """Promise 2: and is told what every failed authentication is told."""
    await stop(grant, credentials)

    assert await issue(grant, credentials.request()) == INVALID_CLIENT


async def test_an_enabled_client_gets_tokens_again(grant: Grant, credentials: Credentials) -> None:
    """With the secret that it had; only the tokens from before stay dead."""
    old = await token_of(grant, credentials)
    await _disable(grant, credentials)
    await grant.clients.enable(credentials.client.client_id)
    new = await token_of(grant, credentials)

    assert await are_active(grant, old, new) == [False, True]


async def test_a_token_that_was_being_issued_while_its_client_was_disabled_is_dead(
    grant: Grant, credentials: Credentials
) -> None:
    """The client was read before the disable, the token written after it: its epoch gives it away."""
    outcome = await issue(grant, credentials.request())
    assert isinstance(outcome, IssuedToken)
    await grant.revocation.revoke(outcome.access_token)
    await _disable(grant, credentials)
    await grant.clients.enable(credentials.client.client_id)

    await grant.token_store.add([(tokens.digest(outcome.access_token), outcome.token)], versions={})

    assert await are_active(grant, outcome.access_token) == [False]


async def test_the_environments_do_not_mix() -> None:
    """Over one store: a client or a secret of the other environment is simply none."""
    clock, clients = FakeClock(), MemoryClientStore()
    both = MemoryTokenStore(clock.now, clients)
    live, test = [
        new_grant(environment=environment, clock=clock, client_store=clients, token_store=both)
        for environment in (Environment.LIVE, Environment.TEST)
    ]
    credentials = await register(live)

    assert await issue(test, credentials.request()) == INVALID_CLIENT


@pytest.mark.parametrize("secrets", [("right",), ("wrong", "right")], ids=["alone", "beside-a-refusal"])
async def test_a_token_store_that_fails_is_no_refusal(
    grant: Grant, credentials: Credentials, secrets: tuple[str, ...]
) -> None:
    """Promise 5: `StorageUnavailable` goes through."""
    broken = new_grant(clock=grant.clock, client_store=grant.client_store, token_store=FailingTokenStore())

    with pytest.raises(StorageUnavailable):
        await broken.issuance.issue(
            [credentials.request(**({} if secret == "right" else {"client_secret": secret})) for secret in secrets]
        )


@pytest.mark.parametrize("changes", [{}, {"client_secret": "wrong"}], ids=["issuing", "refusing"])
async def test_a_client_store_that_fails_is_no_unknown_client(
    grant: Grant, credentials: Credentials, changes: dict[str, object]
) -> None:
    """Promise 5: a client that cannot be read is not one that is not there."""
    broken = new_grant(clock=grant.clock, client_store=FailingClientStore(), token_store=grant.token_store)

    with pytest.raises(StorageUnavailable):
        await broken.issuance.issue([credentials.request(**changes)])


async def test_a_client_that_others_change_without_end_leaves_nothing_behind() -> None:
    """Nobody beside it gets a token either, nothing is stored or counted, and without it the others get theirs."""
    clock, clients, round_trips = FakeClock(), MemoryClientStore(), list[tuple[str, int]]()
    memory = MemoryTokenStore(clock.now, clients)
    store = CrowdedTokenStore(CountingTokenStore(memory, round_trips))
    grant = new_grant(clock=clock, client_store=clients, token_store=store)
    good, restless = await register(grant), await register(grant)
    client_id = restless.client.client_id

    async def relabel() -> None:
        labels = {"round": str(len(round_trips))}
        await grant.clients.update(client_id, replace(FIELDS, labels=labels), mask={"labels"})

    store.before_adds[client_id] = relabel
    wrong = good.request(client_secret="wrong")

    with pytest.raises(ClientsKeepChanging):
        await grant.issuance.issue([good.request(), restless.request(), wrong])
    uses = await clients.uses([good.client.client_id, client_id])
    failures = (await grant.audit_trail.portion(since=None, after=b"")).items
    others = await grant.issuance.issue([good.request(), wrong])

    assert ([("add", 2)] * 4, {}) == (round_trips[:4], uses)
    assert [] == [record for record in failures if isinstance(record.failure, Failure)]
    assert [IssuedToken, INVALID_CLIENT] == [said(one) if isinstance(one, Refusal) else type(one) for one in others]


async def test_nothing_that_is_handed_about_shows_a_token_or_a_secret(grant: Grant, credentials: Credentials) -> None:
    """Promise 4: whatever of it ends up in a log, no random bits of a token or a secret are in it."""
    request = credentials.request()
    outcome = await issue(grant, request)
    assert isinstance(outcome, IssuedToken)
    shown = f"{request!r}{request}{outcome!r}{outcome}{credentials.client!r}"

    assert [] == [
        part
        for text in (outcome.access_token[16:], credentials.secret[18:])
        for part in re.findall(".{8}", text)
        if part in shown
    ]

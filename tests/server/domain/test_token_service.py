"""Issuing, checking and revoking tokens."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from grantway_server.domain import tokens
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.clients import AuthMethod, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.token_service import ActiveToken, IssuedToken
from grantway_server.domain.tokens import Token
from grantway_server.storage.memory import MemoryClientStore, MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingClientStore, FailingTokenStore
from tests.fakes.watched_stores import CountingClientReader, CountingTokenStore
from tests.server.domain.counting_random import CountingRandom
from tests.server.domain.grant import (
    FIELDS,
    REFILL,
    Credentials,
    Grant,
    are_active,
    issue,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import INVALID_CLIENT, Said, said
from tests.server.samples import FIRST_EPOCH, NOON, WELL_FORMED_TOKEN
from tests.server.storage.writes import stored

_SECOND = timedelta(seconds=1)


@pytest.fixture(name="grant")
def _grant() -> Grant:
    return new_grant()


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    return await register(grant)


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

    (outcome,) = await lowered.tokens.issue([credentials.request()])

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

    outcomes = await grant.tokens.issue([wrong] * 7 + [credentials.request(), replace(wrong, source="there")])

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

    outcomes = await grant.tokens.issue(requests)

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
    clients = {one.client.client_id: one.client for one in (credentials, other)}
    assert [
        ActiveToken(tokens.token_id(tokens.digest(one.access_token)), one.token, clients[one.token.client_id])
        for one in issued
    ] == await grant.tokens.introspect([one.access_token for one in issued])


async def test_answers_about_tokens_stand_in_the_order_of_the_questions(grant: Grant, credentials: Credentials) -> None:
    """Good, bad, unknown and repeated tokens in one batch are each answered in their place."""
    first, second = [await token_of(grant, credentials) for _ in range(2)]

    answers = await grant.tokens.introspect([second, "", WELL_FORMED_TOKEN, first, second, "x" * 1000])

    def active(text: str) -> str:
        return tokens.token_id(tokens.digest(text))

    assert [active(second), None, None, active(first), active(second), None] == [
        answer.token_id if answer else None for answer in answers
    ]


async def test_nothing_asked_nothing_answered(grant: Grant) -> None:
    """An empty batch is answered with an empty one."""
    assert ([], []) == (await grant.tokens.issue([]), await grant.tokens.introspect([]))


@pytest.mark.parametrize(
    "size", [pytest.param(1, id="of-one"), pytest.param(10, id="of-ten"), pytest.param(128, id="of-the-largest-size")]
)
async def test_a_batch_costs_one_round_trip(size: int) -> None:
    """Issuing costs a second one where clients are not known yet; the size of the batch plays no part."""
    clock, clients, round_trips = FakeClock(), MemoryClientStore(), list[tuple[str, int]]()
    grant = new_grant(
        clock=clock,
        client_store=clients,
        client_reader=CountingClientReader(clients, round_trips),
        token_store=CountingTokenStore(MemoryTokenStore(clock.now, clients), round_trips),
    )
    everybody = [await register(grant) for _ in range(size)]

    await grant.tokens.issue([one.request() for one in everybody])
    outcomes = await grant.tokens.issue([one.request() for one in everybody])
    texts = [outcome.access_token for outcome in outcomes if isinstance(outcome, IssuedToken)]
    answers = await grant.tokens.introspect(texts)

    assert size == len([answer for answer in answers if answer])
    assert [("get clients", size), ("add", size), ("add", size), ("get tokens", size)] == round_trips


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        pytest.param(
            lambda grant, _: grant.tokens.introspect(["", "x", WELL_FORMED_TOKEN[:-1]]), [], id="tokens-that-are-none"
        ),
        pytest.param(lambda grant, _: grant.tokens.revoke("x"), [], id="a-revocation-of-what-is-no-token"),
        pytest.param(
            lambda grant, credentials: grant.tokens.issue([credentials.request(client_id="no id")]),
            [],
            id="a-client-id-that-is-none",
        ),
        pytest.param(
            lambda grant, credentials: grant.tokens.issue([credentials.request(client_secret="wrong")] * 3),
            [("get clients", 1)],
            id="three-refusals-of-one-client",
        ),
        pytest.param(
            lambda grant, _: grant.tokens.introspect([WELL_FORMED_TOKEN] * 3),
            [("get tokens", 1)],
            id="one-unknown-token-three-times",
        ),
        pytest.param(lambda grant, _: grant.tokens.revoke(WELL_FORMED_TOKEN), [("remove", 1)], id="a-revocation"),
    ],
)
async def test_what_needs_no_look_up_gets_none(
    ask: Callable[[Grant, Credentials], Awaitable[object]], expected: list[tuple[str, int]]
) -> None:
    """V09: the store is not asked about what cannot be there, and never twice about the same."""
    clock, clients, round_trips = FakeClock(), MemoryClientStore(), list[tuple[str, int]]()
    grant = new_grant(
        clock=clock,
        client_store=clients,
        client_reader=CountingClientReader(clients, round_trips),
        token_store=CountingTokenStore(MemoryTokenStore(clock.now, clients), round_trips),
    )

    await ask(grant, await register(grant))

    assert expected == round_trips


async def test_a_token_is_active_before_it_expires_and_not_at_it(grant: Grant, credentials: Credentials) -> None:
    """A second before `expires_at` the token is active, at it it is not."""
    token = await token_of(grant, credentials)
    before = await are_active(grant, token)
    grant.clock.advance(timedelta(minutes=5) - _SECOND)
    last = await are_active(grant, token)
    grant.clock.advance(_SECOND - timedelta(microseconds=1))
    very_last = await are_active(grant, token)
    grant.clock.advance(timedelta(microseconds=1))

    assert [[True], [True], [True], [False]] == [before, last, very_last, await are_active(grant, token)]


async def test_an_expired_token_is_not_active_although_the_store_still_has_it(
    credentials: Credentials, grant: Grant
) -> None:
    """Stores are late to forget: the decision is the service's."""
    assert isinstance(grant.client_store, MemoryClientStore)
    never_forgets = MemoryTokenStore(lambda: NOON, grant.client_store)
    late = new_grant(clock=grant.clock, client_store=grant.client_store, token_store=never_forgets)
    token = await token_of(late, credentials)
    grant.clock.advance(timedelta(minutes=5))

    assert await are_active(late, token) == [False]


async def _disable(grant: Grant, credentials: Credentials, _: str) -> None:
    await grant.clients.disable(credentials.client.client_id)


async def _disable_and_enable(grant: Grant, credentials: Credentials, _: str) -> None:
    await grant.clients.disable(credentials.client.client_id)
    await grant.clients.enable(credentials.client.client_id)


async def _delete(grant: Grant, credentials: Credentials, _: str) -> None:
    await grant.clients.delete(credentials.client.client_id)


async def _revoke(grant: Grant, _: Credentials, token: str) -> None:
    await grant.tokens.revoke(token)


async def _revoke_twice(grant: Grant, _: Credentials, token: str) -> None:
    await grant.tokens.revoke(token)
    await grant.tokens.revoke(token)


async def _disable_in_the_store(grant: Grant, credentials: Credentials, _: str) -> None:
    await stored(grant.client_store, replace(credentials.client, disabled_at=NOON), before=credentials.client)


async def _next_epoch(grant: Grant, credentials: Credentials, _: str) -> None:
    await stored(grant.client_store, replace(credentials.client, epoch=FIRST_EPOCH + 1, min_epoch=FIRST_EPOCH + 1))


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(_disable, id="its-client-is-disabled"),
        pytest.param(_disable_and_enable, id="its-client-was-disabled-and-is-enabled-again"),
        pytest.param(_delete, id="its-client-is-deleted"),
        pytest.param(_disable_in_the_store, id="its-client-is-disabled-in-the-epoch-of-the-token"),
        pytest.param(_next_epoch, id="its-client-has-another-epoch"),
        pytest.param(_revoke, id="it-was-revoked"),
        pytest.param(_revoke_twice, id="it-was-revoked-twice"),
    ],
)
async def test_a_token_ends_at_once(
    grant: Grant, credentials: Credentials, end: Callable[[Grant, Credentials, str], Awaitable[None]]
) -> None:
    """Promise 2: from the acknowledgement on the token is not active; another client's goes on."""
    bystander = await token_of(grant, await register(grant))
    token = await token_of(grant, credentials)
    before = await are_active(grant, token, bystander)

    await end(grant, credentials, token)

    assert ([True, True], [False, True]) == (before, await are_active(grant, token, bystander))


async def test_revoking_one_token_ends_no_other(grant: Grant, credentials: Credentials) -> None:
    """Two tokens of one client have each its own life."""
    first, second = [await token_of(grant, credentials) for _ in range(2)]

    await grant.tokens.revoke(first)

    assert await are_active(grant, first, second) == [False, True]


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("é" * 64, id="something-else-entirely"),
        pytest.param(WELL_FORMED_TOKEN, id="a-token-that-nobody-issued"),
        pytest.param(WELL_FORMED_TOKEN[:-1], id="a-truncated-token"),
    ],
)
async def test_revoking_what_is_not_known_is_done_already(grant: Grant, credentials: Credentials, token: str) -> None:
    """RFC 7009 section 2.2: no error, and nothing else ends."""
    known = await token_of(grant, credentials)

    await grant.tokens.revoke(token)

    assert await are_active(grant, token, known) == [False, True]


@pytest.mark.parametrize(
    "stop",
    [pytest.param(_disable, id="a-disabled-client"), pytest.param(_delete, id="a-deleted-client")],
)
async def test_a_client_that_ended_gets_no_token(
    grant: Grant, credentials: Credentials, stop: Callable[[Grant, Credentials, str], Awaitable[None]]
) -> None:
    """Promise 2: and is told what every failed authentication is told."""
    await stop(grant, credentials, "")

    assert await issue(grant, credentials.request()) == INVALID_CLIENT


async def test_an_enabled_client_gets_tokens_again(grant: Grant, credentials: Credentials) -> None:
    """With the secret that it had; only the tokens from before stay dead."""
    old = await token_of(grant, credentials)
    await _disable_and_enable(grant, credentials, "")
    new = await token_of(grant, credentials)

    assert await are_active(grant, old, new) == [False, True]


async def test_a_token_that_was_being_issued_while_its_client_was_disabled_is_dead(
    grant: Grant, credentials: Credentials
) -> None:
    """The client was read before the disable, the token written after it: its epoch gives it away."""
    outcome = await issue(grant, credentials.request())
    assert isinstance(outcome, IssuedToken)
    await grant.tokens.revoke(outcome.access_token)
    await _disable_and_enable(grant, credentials, "")

    await grant.token_store.add([(tokens.digest(outcome.access_token), outcome.token)], versions={})

    assert await are_active(grant, outcome.access_token) == [False]


async def test_the_environments_do_not_mix() -> None:
    """Over one store: a token, a client or a secret of the other environment is simply none."""
    clock, clients = FakeClock(), MemoryClientStore()
    both = MemoryTokenStore(clock.now, clients)
    live, test = [
        new_grant(environment=environment, clock=clock, client_store=clients, token_store=both)
        for environment in (Environment.LIVE, Environment.TEST)
    ]
    credentials = await register(live)
    token = await token_of(live, credentials)

    outcome = await issue(test, credentials.request())
    await test.tokens.revoke(token)

    assert (INVALID_CLIENT, [False], [True]) == (outcome, await are_active(test, token), await are_active(live, token))


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda grant, credentials, _: grant.tokens.issue([credentials.request()]), id="issuing"),
        pytest.param(
            lambda grant, credentials, _: grant.tokens.issue(
                [credentials.request(client_secret="wrong"), credentials.request()]
            ),
            id="issuing-beside-a-refusal",
        ),
        pytest.param(lambda grant, _, token: grant.tokens.introspect([token, "x"]), id="checking"),
        pytest.param(lambda grant, _, token: grant.tokens.revoke(token), id="revoking"),
    ],
)
async def test_a_token_store_that_fails_is_neither_a_yes_nor_a_no(
    grant: Grant, credentials: Credentials, ask: Callable[[Grant, Credentials, str], Awaitable[object]]
) -> None:
    """Promise 5: `StorageUnavailable` goes through; nothing is refused, inactive or revoked for it."""
    token = await token_of(grant, credentials)
    broken = new_grant(clock=grant.clock, client_store=grant.client_store, token_store=FailingTokenStore())

    with pytest.raises(StorageUnavailable):
        await ask(broken, credentials, token)

    assert await are_active(grant, token) == [True]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda grant, credentials, _: grant.tokens.issue([credentials.request()]), id="issuing"),
        pytest.param(
            lambda grant, credentials, _: grant.tokens.issue([credentials.request(client_secret="wrong")]),
            id="refusing",
        ),
        pytest.param(lambda grant, _, token: grant.tokens.introspect([token]), id="checking"),
    ],
)
async def test_a_client_store_that_fails_is_neither_a_yes_nor_a_no(
    grant: Grant, credentials: Credentials, ask: Callable[[Grant, Credentials, str], Awaitable[object]]
) -> None:
    """Promise 5: a client that cannot be read is not an unknown client, and its tokens are not inactive."""
    token = await token_of(grant, credentials)
    broken = new_grant(clock=grant.clock, client_store=FailingClientStore(), token_store=grant.token_store)

    with pytest.raises(StorageUnavailable):
        await ask(broken, credentials, token)


async def test_nothing_that_is_handed_about_shows_a_token_or_a_secret(grant: Grant, credentials: Credentials) -> None:
    """Promise 4: whatever of it ends up in a log, no random bits of a token or a secret are in it."""
    request = credentials.request()
    outcome = await issue(grant, request)
    assert isinstance(outcome, IssuedToken)
    (active,) = await grant.tokens.introspect([outcome.access_token])
    shown = f"{request!r}{request}{outcome!r}{outcome}{active!r}{credentials.client!r}"

    assert active
    assert [] == [
        part
        for text in (outcome.access_token[16:], credentials.secret[18:])
        for part in re.findall(".{8}", text)
        if part in shown
    ]

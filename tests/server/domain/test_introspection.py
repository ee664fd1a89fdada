"""Introspection (RFC 7662)."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from grantway_server.domain import tokens
from grantway_server.domain.audit import Failure
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.clients import AuthMethod, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, InactiveReason, InactiveToken, IntrospectionRequest
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingClientStore, FailingTokenStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import (
    BURST,
    FIELDS,
    Credentials,
    Grant,
    are_active,
    check,
    issue,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import INVALID_CLIENT, Said, said
from tests.server.samples import FIRST_EPOCH, NOON, WELL_FORMED_TOKEN
from tests.server.storage.writes import stored

_API, _OTHER_API, _THIRD_API = "https://api.example.com", "https://other.example.com", "https://third.example.com"
_LIFETIME = timedelta(minutes=5)
_GRACE = timedelta(minutes=5)
_SECOND = timedelta(seconds=1)
_TEST_TOKEN = with_checksum("client_oa2_test_" + "0" * 40)
_NO_PERMISSION: Said = (Reason.UNAUTHORIZED_CLIENT, "The client may not introspect tokens.", None)
_TOO_MANY_AUDIENCES: Said = (
    Reason.INVALID_REQUEST,
    "audiences holds at most 100 of them, together at most 8192 characters.",
    None,
)


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    """A client that gets tokens, for one of two audiences or for none."""
    return await register(grant, replace(FIELDS, audiences=(_API, _OTHER_API)))


async def _resource_server(grant: Grant, *audiences: str) -> Credentials:
    """A client that may introspect, and is *audiences*."""
    return await register(
        grant, replace(FIELDS, audiences=audiences, permissions=frozenset({Permission.INTROSPECT_TOKENS}))
    )


async def _token_for(grant: Grant, credentials: Credentials, *audiences: str) -> str:
    """A new token that is meant for *audiences*."""
    (outcome,) = await grant.issuance.issue([credentials.request(audiences=audiences)])
    assert not isinstance(outcome, Refusal)
    return outcome.access_token


def _position(grant: Grant) -> bytes:
    """Where the last revocation stands."""
    assert isinstance(grant.client_store, MemoryClientStore)
    last = grant.client_store.revocations.last
    return last.encode() if last else b""


def _id_of(text: str) -> str:
    return tokens.token_id(tokens.digest(text))


async def test_an_active_token_is_told_whole(grant: Grant, credentials: Credentials) -> None:
    """The token, its client as it is now, and how fresh that is."""
    await grant.clients.delete((await register(grant)).client.client_id)
    (issued,) = await grant.issuance.issue([credentials.request(scope="b", audiences=(_API,))])
    assert not isinstance(issued, Refusal)

    owner, now = credentials.client.as_owner, grant.clock.now()
    assert [ActiveToken(_id_of(issued.access_token), issued.token, owner, _position(grant), now)] == await check(
        grant, IntrospectionRequest(issued.access_token)
    )


async def test_answers_stand_in_the_order_of_the_questions(grant: Grant, credentials: Credentials) -> None:
    """Good, bad, unknown and repeated tokens in one batch are each answered in their place."""
    first, second = [await token_of(grant, credentials) for _ in range(2)]

    outcomes = await check(
        grant, *map(IntrospectionRequest, (second, "", WELL_FORMED_TOKEN, first, second, "x" * 1000))
    )

    assert [
        _id_of(second),
        (Reason.INVALID_REQUEST, "token is missing.", None),
        InactiveReason.UNKNOWN,
        _id_of(first),
        _id_of(second),
        InactiveReason.MALFORMED,
    ] == [outcome.token_id if isinstance(outcome, ActiveToken) else outcome for outcome in outcomes]
    assert [] == await check(grant)


async def _nothing(grant: Grant, credentials: Credentials, token: str) -> None:
    pass


async def _disable(grant: Grant, credentials: Credentials, _: str) -> None:
    await grant.clients.disable(credentials.client.client_id)


async def _disable_and_enable(grant: Grant, credentials: Credentials, _: str) -> None:
    await grant.clients.disable(credentials.client.client_id)
    await grant.clients.enable(credentials.client.client_id)


async def _delete(grant: Grant, credentials: Credentials, _: str) -> None:
    await grant.clients.delete(credentials.client.client_id)


async def _revoke(grant: Grant, _: Credentials, token: str) -> None:
    await grant.revocation.revoke(token)


async def _revoke_and_delete(grant: Grant, credentials: Credentials, token: str) -> None:
    await grant.revocation.revoke(token)
    await grant.clients.delete(credentials.client.client_id)


async def _revoke_and_wait(grant: Grant, _: Credentials, token: str) -> None:
    await grant.revocation.revoke(token)
    grant.clock.advance(_LIFETIME + _GRACE - _SECOND)


async def _retire_with_tokens(grant: Grant, credentials: Credentials, _: str) -> None:
    client = credentials.client
    await grant.secrets.retire(client.client_id, client.secrets[0].secret_id, by=ALICE, revoke_tokens=True)


async def _disable_in_the_store(grant: Grant, credentials: Credentials, _: str) -> None:
    await stored(grant.client_store, replace(credentials.client, disabled_at=NOON), before=credentials.client)


async def _next_epoch(grant: Grant, credentials: Credentials, _: str) -> None:
    await stored(grant.client_store, replace(credentials.client, epoch=FIRST_EPOCH + 1, min_epoch=FIRST_EPOCH + 1))


def _waiting(time: timedelta) -> "_End":
    async def wait(grant: Grant, _: Credentials, __: str) -> None:
        grant.clock.advance(time)

    return wait


async def _disable_and_wait(grant: Grant, credentials: Credentials, _: str) -> None:
    await grant.clients.disable(credentials.client.client_id)
    grant.clock.advance(_LIFETIME)


_End = Callable[[Grant, Credentials, str], Awaitable[None]]

_ENDS: dict[str, tuple[_End, InactiveReason | None]] = {
    "nothing happened": (_nothing, None),
    "it is about to expire": (_waiting(_LIFETIME - timedelta(microseconds=1)), None),
    "it expires at this moment": (_waiting(_LIFETIME), InactiveReason.EXPIRED),
    "it expired five minutes ago": (_waiting(_LIFETIME + _GRACE - _SECOND), InactiveReason.EXPIRED),
    "it expired longer ago": (_waiting(_LIFETIME + _GRACE), InactiveReason.UNKNOWN),
    "it was revoked": (_revoke, InactiveReason.REVOKED),
    "it was revoked and would have expired": (_revoke_and_wait, InactiveReason.REVOKED),
    "it was revoked and its client deleted": (_revoke_and_delete, InactiveReason.REVOKED),
    "it was revoked with its secret": (_retire_with_tokens, InactiveReason.REVOKED),
    "its client was disabled and is enabled again": (_disable_and_enable, InactiveReason.REVOKED),
    "its client has another epoch": (_next_epoch, InactiveReason.REVOKED),
    "its client is disabled": (_disable, InactiveReason.CLIENT_DISABLED),
    "its client is disabled in the epoch of the token": (_disable_in_the_store, InactiveReason.CLIENT_DISABLED),
    "its client is disabled and it has expired": (_disable_and_wait, InactiveReason.CLIENT_DISABLED),
    "its client is deleted": (_delete, InactiveReason.CLIENT_DELETED),
}


@pytest.mark.parametrize(("end", "reason"), _ENDS.values(), ids=_ENDS.keys())
async def test_a_token_ends_at_once_and_for_one_reason(
    grant: Grant, credentials: Credentials, end: _End, reason: InactiveReason | None
) -> None:
    """Promise 2, I06: from the acknowledgement on it is not active; another client's goes on, if it has not expired."""
    token = await token_of(grant, credentials)
    before = await are_active(grant, token)

    await end(grant, credentials, token)
    bystander = await token_of(grant, await register(grant))

    outcome, other = await check(grant, *map(IntrospectionRequest, (token, bystander)))
    assert ([True], True) == (before, isinstance(other, ActiveToken))
    assert reason == (None if isinstance(outcome, ActiveToken) else outcome)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("x", InactiveReason.MALFORMED, id="something else"),
        pytest.param("é" * 64, InactiveReason.MALFORMED, id="something else entirely"),
        pytest.param(WELL_FORMED_TOKEN[:-1], InactiveReason.MALFORMED, id="a truncated token"),
        pytest.param(WELL_FORMED_TOKEN[:-1] + "0", InactiveReason.MALFORMED, id="a wrong checksum"),
        pytest.param(_TEST_TOKEN[:-1] + "0", InactiveReason.MALFORMED, id="a wrong checksum of the other environment"),
        pytest.param(_TEST_TOKEN, InactiveReason.OTHER_ENVIRONMENT, id="a token of the other environment"),
        pytest.param(WELL_FORMED_TOKEN, InactiveReason.UNKNOWN, id="a token that nobody issued"),
    ],
)
async def test_what_was_never_active_is_told_why(grant: Grant, text: str, reason: InactiveReason) -> None:
    """How fresh that is it says only where the store was asked: nothing can change the others."""
    await grant.clients.delete((await register(grant)).client.client_id)

    outcomes = await grant.introspection.introspect([IntrospectionRequest(text)], tell_reasons=True)

    assert [InactiveToken(reason, _position(grant) if reason is InactiveReason.UNKNOWN else b"")] == outcomes


async def test_an_expired_token_is_not_active_although_the_store_still_has_it(
    credentials: Credentials, grant: Grant
) -> None:
    """Stores are late to forget: the decision is the service's."""
    assert isinstance(grant.client_store, MemoryClientStore)
    never_forgets = MemoryTokenStore(lambda: NOON, grant.client_store)
    late = new_grant(clock=grant.clock, client_store=grant.client_store, token_store=never_forgets)
    token = await token_of(late, credentials)
    grant.clock.advance(timedelta(days=1))

    assert [InactiveReason.EXPIRED] == await check(late, IntrospectionRequest(token))


_AUDIENCES: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "a token for nobody in particular, asked by nobody in particular": ((), (), True),
    "a token for nobody in particular, asked for one": ((), (_API,), True),
    "a token for one, asked by nobody in particular": ((_API,), (), True),
    "a token for one, asked for the same": ((_API,), (_API,), True),
    "a token for one, asked for another": ((_API,), (_OTHER_API,), False),
    "a token for two, asked for one of them": ((_API, _OTHER_API), (_OTHER_API,), True),
    "a token for one, asked for two": ((_API,), (_OTHER_API, _API), True),
    "a token for one, asked for the beginning of its name": ((_API,), (_API[:-1],), False),
    "a token for one, asked in capitals": ((_API,), (_API.upper(),), False),
    "a token for one, asked for something that is no audience": ((_API,), ("é \n",), False),
}


@pytest.mark.parametrize(("meant_for", "asked_for", "active"), _AUDIENCES.values(), ids=_AUDIENCES.keys())
async def test_a_token_for_others_is_not_active(
    grant: Grant,
    credentials: Credentials,
    meant_for: tuple[str, ...],
    asked_for: tuple[str, ...],
    active: bool,  # noqa: FBT001 - a table row.
) -> None:
    """I03: a caller that says what it is is answered for that."""
    token = await _token_for(grant, credentials, *meant_for)

    (outcome,) = await check(grant, IntrospectionRequest(token, asked_for))

    assert (active, None if active else InactiveReason.WRONG_AUDIENCE) == (
        isinstance(outcome, ActiveToken),
        None if isinstance(outcome, ActiveToken) else outcome,
    )


@pytest.mark.parametrize(
    "asked_for",
    [
        pytest.param(tuple(map(str, range(101))), id="a hundred and one"),
        pytest.param(("x" * 8193,), id="a long one"),
        pytest.param(("x" * 4097, "y" * 4096), id="long ones"),
    ],
)
async def test_audiences_have_limits(grant: Grant, credentials: Credentials, asked_for: tuple[str, ...]) -> None:
    """Those of a client; before the client is authenticated."""
    server = await _resource_server(grant, _API)
    token = await token_of(grant, credentials)

    assert [_TOO_MANY_AUDIENCES] * 3 == await check(
        grant,
        IntrospectionRequest(token, asked_for),
        IntrospectionRequest(token, asked_for, server.presented()),
        IntrospectionRequest(token, asked_for, server.presented(client_secret="wrong")),
    )


_NARROWED: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]] = {
    "all that it is": ((_API, _THIRD_API), (), (_API,), True),
    "all that it is, a token for nobody in particular": ((_API,), (), (), True),
    "all that it is, which is another": ((_THIRD_API,), (), (_API,), False),
    "all that it is, which is nothing": ((), (), (_API,), False),
    "all that it is, which is nothing, a token for nobody in particular": ((), (), (), True),
    "one of two that it is": ((_API, _OTHER_API), (_API,), (_API,), True),
    "the other one of two that it is": ((_API, _OTHER_API), (_OTHER_API,), (_API,), False),
    "one that it is not": ((_THIRD_API,), (_API,), (_API,), False),
    "one that it is not, beside one that it is": ((_THIRD_API,), (_API, _THIRD_API), (_API,), False),
}


@pytest.mark.parametrize(("own", "asked_for", "meant_for", "active"), _NARROWED.values(), ids=_NARROWED.keys())
async def test_a_client_sees_the_tokens_for_its_own_audiences(  # noqa: PLR0917 - a table, and a world.
    grant: Grant,
    credentials: Credentials,
    own: tuple[str, ...],
    asked_for: tuple[str, ...],
    meant_for: tuple[str, ...],
    active: bool,  # noqa: FBT001 - a table row.
) -> None:
    """I03: what it asks for narrows them, and never widens them."""
    server = await _resource_server(grant, *own)
    token = await _token_for(grant, credentials, *meant_for)

    (outcome,) = await check(grant, IntrospectionRequest(token, asked_for, server.presented()))

    assert (_id_of(token) if active else None) == (outcome.token_id if isinstance(outcome, ActiveToken) else outcome)


async def test_what_a_client_may_ask_for_is_not_what_it_is(grant: Grant, credentials: Credentials) -> None:
    """A server that calls others sees the tokens for itself, and none of the others', also when it asks for those."""
    server = await register(
        grant,
        replace(
            FIELDS,
            audiences=(_API,),
            own_audiences=(_OTHER_API, _THIRD_API),
            permissions=frozenset({Permission.INTROSPECT_TOKENS}),
        ),
    )
    for_another, for_it = [await _token_for(grant, credentials, audience) for audience in (_API, _OTHER_API)]

    outcomes = await check(
        grant,
        *(
            IntrospectionRequest(token, asked_for, server.presented())
            for token, asked_for in [
                (for_another, ()),
                (for_another, (_API,)),
                (for_it, ()),
                (for_it, (_OTHER_API,)),
                (for_it, (_THIRD_API,)),
            ]
        ),
    )

    assert [False, False, True, True, False] == [isinstance(outcome, ActiveToken) for outcome in outcomes]


async def test_a_client_cannot_tell_tokens_that_are_not_for_it_from_others(
    grant: Grant, credentials: Credentials
) -> None:
    """I02, I03: of whatever is not active for it every field is the same, the reason is never told."""
    await grant.clients.delete((await register(grant)).client.client_id)
    server = await _resource_server(grant, _THIRD_API)
    doomed = await register(grant)
    for_others, revoked = [await _token_for(grant, credentials, _API) for _ in range(2)]
    deleted = await token_of(grant, doomed)
    await grant.revocation.revoke(revoked)
    await grant.clients.delete(doomed.client.client_id)
    texts = [for_others, revoked, deleted, WELL_FORMED_TOKEN]

    with_credentials = await grant.introspection.introspect(
        [IntrospectionRequest(text, (), server.presented()) for text in texts], tell_reasons=True
    )
    not_told = await grant.introspection.introspect([IntrospectionRequest(text, (_THIRD_API,)) for text in texts])

    assert [InactiveToken(None, _position(grant))] * 8 == with_credentials + not_told


@dataclass
class _Case:
    """Credentials that are refused: how they differ from good ones, and what is answered."""

    changes: dict[str, object]
    answer: Said
    failure: Failure | None = None


_REFUSED = {
    "no client id": _Case({"client_id": ""}, (Reason.INVALID_REQUEST, "client_id is missing.", None)),
    "no secret": _Case({"client_secret": ""}, (Reason.INVALID_REQUEST, "client_secret is missing.", None)),
    "a huge source": _Case(
        {"source": "x" * 65}, (Reason.INVALID_REQUEST, "source is longer than 64 characters.", None)
    ),
    "a wrong secret": _Case({"client_secret": "wrong"}, INVALID_CLIENT, Failure.WRONG_SECRET),
    "a huge secret": _Case({"client_secret": "x" * 100_000}, INVALID_CLIENT, Failure.WRONG_SECRET),
    "an unknown client": _Case({"client_id": "svc_live_zzzzzzzzzzzzzzzz"}, INVALID_CLIENT, Failure.UNKNOWN_CLIENT),
    "a client id that is none": _Case({"client_id": "no id\n"}, INVALID_CLIENT, Failure.UNKNOWN_CLIENT),
    "a method that nobody knows": _Case({"auth_method": AuthMethod.UNKNOWN}, INVALID_CLIENT, Failure.WRONG_METHOD),
}


@pytest.mark.parametrize("case", _REFUSED.values(), ids=_REFUSED.keys())
async def test_bad_credentials_are_refused(grant: Grant, credentials: Credentials, case: _Case) -> None:
    """As at the token endpoint, written down with the reason; nobody else in the batch is touched."""
    server = await _resource_server(grant)
    token = await token_of(grant, credentials)
    good, bad = server.presented(), server.presented(**case.changes)

    outcomes = await check(
        grant, *(IntrospectionRequest(token, (), presented) for presented in (good, bad, None, bad, good))
    )

    assert [_id_of(token), case.answer, _id_of(token), case.answer, _id_of(token)] == [
        outcome.token_id if isinstance(outcome, ActiveToken) else outcome for outcome in outcomes
    ]
    expected = [case.failure] * 2 if case.failure else []
    assert expected == [record.failure for record in grant.announced if record.failure]
    assert expected == [
        record.failure for record in (await grant.audit_trail.portion(since=None, after=b"")).items if record.failure
    ]


async def test_too_many_failures_are_slowed_down_and_the_right_secret_is_not(
    grant: Grant, credentials: Credentials
) -> None:
    """A12: whatever is asked for with a secret, failures count together."""
    server = await _resource_server(grant)
    token = await token_of(grant, credentials)
    wrong = IntrospectionRequest(token, (), server.presented(client_secret="wrong"))

    await check(grant, *[wrong] * (BURST - 1))
    issuing = await issue(grant, server.request(client_secret="wrong"))
    slowed, right = await check(grant, wrong, IntrospectionRequest(token, (), server.presented()))

    assert issuing == INVALID_CLIENT
    assert isinstance(slowed, tuple)
    assert (Reason.RATE_LIMITED, True) == (slowed[0], isinstance(right, ActiveToken))


async def test_a_client_without_the_permission_may_not_ask(grant: Grant, credentials: Credentials) -> None:
    """I01: whatever it asks about; one that fails to authenticate is not told that it may not."""
    assert [_NO_PERMISSION, _NO_PERMISSION, INVALID_CLIENT] == await check(
        grant,
        IntrospectionRequest(WELL_FORMED_TOKEN, (), credentials.presented()),
        IntrospectionRequest("x", (), credentials.presented()),
        IntrospectionRequest("x", (), credentials.presented(client_secret="wrong")),
    )


@pytest.mark.parametrize("end", [_disable, _delete], ids=["disabled", "deleted"])
async def test_a_client_that_ended_may_not_ask(grant: Grant, end: _End) -> None:
    """At once, also where it is remembered as it was."""
    server = await _resource_server(grant)
    question = IntrospectionRequest(WELL_FORMED_TOKEN, (), server.presented())
    before = await check(grant, question)

    await end(grant, server, "")

    assert ([None], [INVALID_CLIENT]) == (before, await check(grant, question))


async def test_the_environments_do_not_mix() -> None:
    """Over one store: a token of the other environment is none, and stays as it is."""
    clock, clients = FakeClock(), MemoryClientStore()
    both = MemoryTokenStore(clock.now, clients)
    live, test = [
        new_grant(environment=environment, clock=clock, client_store=clients, token_store=both)
        for environment in (Environment.LIVE, Environment.TEST)
    ]
    token = await token_of(live, await register(live))

    assert [InactiveReason.OTHER_ENVIRONMENT] == await check(test, IntrospectionRequest(token))
    assert await are_active(live, token) == [True]


async def test_a_store_that_fails_is_neither_a_yes_nor_a_no(grant: Grant, credentials: Credentials) -> None:
    """Promise 5, I09: a token is not inactive for it, nor is who asks unknown; and no failure is counted."""
    server = await _resource_server(grant)
    token = await token_of(grant, credentials)
    changed = replace(FIELDS, description="changed")
    for one in (server, credentials):  # So that what the store of tokens remembers of them will not do.
        await grant.clients.update(one.client.client_id, changed, mask=frozenset({"description"}))
    for broken in (
        new_grant(clock=grant.clock, client_store=grant.client_store, token_store=FailingTokenStore()),
        new_grant(clock=grant.clock, client_store=FailingClientStore(), token_store=grant.token_store),
    ):
        for presented in (None, server.presented(), server.presented(client_secret="wrong")):
            with pytest.raises(StorageUnavailable):
                await check(broken, IntrospectionRequest(token, (), presented), IntrospectionRequest("x"))
        assert [] == broken.announced


async def test_nothing_that_is_handed_about_shows_a_token_or_a_secret(grant: Grant, credentials: Credentials) -> None:
    """Promise 4: whatever of it ends up in a log, no random bits of a token or a secret are in it."""
    server = await _resource_server(grant)
    request = IntrospectionRequest(await token_of(grant, credentials), (), server.presented())
    (active,) = await check(grant, request)
    shown = f"{request!r}{request}{active!r}"

    assert isinstance(active, ActiveToken)
    assert [] == [
        part for text in (request.token[16:], server.secret[18:]) for part in re.findall(".{8}", text) if part in shown
    ]


async def test_alone_is_as_in_a_batch(grant: Grant, credentials: Credentials) -> None:
    """Where no slow hash is needed; one that is waits for it (test_slow_authentication.py)."""
    server = await _resource_server(grant)
    token = await token_of(grant, credentials)

    outcomes = [
        await grant.introspection.introspect_alone(request, tell_reasons=True)
        for request in (
            IntrospectionRequest(token, (), server.presented()),
            IntrospectionRequest("x", (), server.presented()),
            IntrospectionRequest("x"),
            IntrospectionRequest("x", (), server.presented(client_secret="wrong")),
        )
    ]

    assert [_id_of(token), InactiveToken(None, b""), InactiveToken(InactiveReason.MALFORMED, b""), INVALID_CLIENT] == [
        outcome.token_id
        if isinstance(outcome, ActiveToken)
        else said(outcome)
        if isinstance(outcome, Refusal)
        else outcome
        for outcome in outcomes
    ]

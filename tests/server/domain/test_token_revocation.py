"""Revocation of one token (RFC 7009)."""

import pytest

from grantway_server.domain import tokens
from grantway_server.domain.audit import Failure
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason
from grantway_server.domain.token_revocation import ForeignRevocation, RevocationRequest
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingClientStore, FailingTokenStore
from tests.server.domain.grant import (
    BURST,
    Credentials,
    Grant,
    are_active,
    counted_grant,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import INVALID_CLIENT, Said, outcome_of
from tests.server.samples import WELL_FORMED_TOKEN

_NO_TOKEN: Said = (Reason.INVALID_REQUEST, "token is missing.", None)


async def _revoke_own(grant: Grant, token: str, credentials: Credentials, **changes: object) -> object:
    """What a client is answered; None when it is done."""
    request = RevocationRequest(token, credentials.presented(**changes))
    return await outcome_of(grant.revocation.revoke_own(request))


async def test_revoking_one_token_ends_no_other(grant: Grant, credentials: Credentials) -> None:
    """Two tokens of one client have each its own life."""
    first, second = [await token_of(grant, credentials) for _ in range(2)]

    ended = [await grant.revocation.revoke(first) for _ in range(2)]

    assert ([True, False], [False, True]) == (ended, await are_active(grant, first, second))


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("é" * 64, id="something-else-entirely"),
        pytest.param(WELL_FORMED_TOKEN, id="a-token-that-nobody-issued"),
        pytest.param(WELL_FORMED_TOKEN[:-1], id="a-truncated-token"),
    ],
)
async def test_revoking_what_is_not_known_is_done_already(grant: Grant, credentials: Credentials, token: str) -> None:
    """V02: no error, whoever asks, and nothing else ends."""
    known = await token_of(grant, credentials)

    assert not await grant.revocation.revoke(token)
    assert await _revoke_own(grant, token, credentials) is None
    assert await are_active(grant, token, known) == [False, True]


async def test_no_token_is_no_request(grant: Grant, credentials: Credentials) -> None:
    """V07: before anybody is authenticated."""
    assert [_NO_TOKEN] * 3 == [
        await outcome_of(grant.revocation.revoke("")),
        await _revoke_own(grant, "", credentials),
        await _revoke_own(grant, "", credentials, client_secret="wrong"),
    ]


async def test_a_client_ends_its_own_token(grant: Grant, credentials: Credentials) -> None:
    """V04: at once; again is as good as once."""
    first, second = [await token_of(grant, credentials) for _ in range(2)]

    answers = [await _revoke_own(grant, first, credentials) for _ in range(2)]

    assert ([None, None], [False, True]) == (answers, await are_active(grant, first, second))


async def test_a_client_does_not_end_the_token_of_another(grant: Grant, credentials: Credentials) -> None:
    """V03: it stays active, and the answer is that of any other token; the log is told."""
    token = await token_of(grant, credentials)
    other = await register(grant)

    answer = await _revoke_own(grant, token, other)

    assert (None, [True]) == (answer, await are_active(grant, token))
    token_id = tokens.token_id(tokens.digest(token))
    assert [
        ForeignRevocation(other.client.client_id, "here", credentials.client.client_id, token_id)
    ] == grant.announced_foreign
    assert await _revoke_own(grant, token, credentials) is None
    assert await _revoke_own(grant, token, other) is None
    assert len(grant.announced_foreign) == 1


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"client_id": ""}, (Reason.INVALID_REQUEST, "client_id is missing.", None)),
        ({"client_secret": ""}, (Reason.INVALID_REQUEST, "client_secret is missing.", None)),
        ({"source": "x" * 65}, (Reason.INVALID_REQUEST, "source is longer than 64 characters.", None)),
        ({"client_secret": "wrong"}, INVALID_CLIENT),
        ({"client_id": "svc_live_zzzzzzzzzzzzzzzz"}, INVALID_CLIENT),
        ({"client_id": "no id"}, INVALID_CLIENT),
    ],
    ids=["no client id", "no secret", "a huge source", "a wrong secret", "an unknown client", "an id that is none"],
)
async def test_bad_credentials_end_nothing(
    grant: Grant, credentials: Credentials, changes: dict[str, object], answer: Said
) -> None:
    """V01: as at the token endpoint."""
    token = await token_of(grant, credentials)

    assert answer == await _revoke_own(grant, token, credentials, **changes)
    assert await are_active(grant, token) == [True]


async def test_failures_are_counted_and_written_down(grant: Grant, credentials: Credentials) -> None:
    """A12: and the right secret works all the same."""
    token = await token_of(grant, credentials)

    answers = [await _revoke_own(grant, "x", credentials, client_secret="wrong") for _ in range(BURST + 1)]

    slowed = answers.pop()
    assert isinstance(slowed, tuple)
    assert ([INVALID_CLIENT] * BURST, Reason.RATE_LIMITED) == (answers, slowed[0])
    assert [Failure.WRONG_SECRET] * (BURST + 1) == [record.failure for record in grant.announced if record.failure]
    assert await _revoke_own(grant, token, credentials) is None
    assert await are_active(grant, token) == [False]


@pytest.mark.parametrize(
    ("whose", "expected"),
    [
        pytest.param("its own", [("get tokens", 1), ("remove", 1)], id="its-own"),
        pytest.param("another's", [("get tokens", 1)], id="a-token-of-a-client-that-is-not-remembered"),
        pytest.param("nobody's", [("get tokens", 1)], id="a-token-that-nobody-issued"),
        pytest.param("none", [("get tokens", 0)], id="what-is-no-token"),
    ],
)
async def test_what_is_not_the_clients_takes_as_long_as_what_is_not_there(
    whose: str, expected: list[tuple[str, int]]
) -> None:
    """So that nobody learns whether it is a token."""
    grant, clients, round_trips = counted_grant()
    credentials, other = [await register(grant) for _ in range(2)]
    own, others = [await token_of(grant, one) for one in (credentials, other)]
    clients._memory.forget(other.client.client_id)  # noqa: SLF001 - as if others had been read since.
    round_trips.clear()

    text = {"its own": own, "another's": others, "nobody's": WELL_FORMED_TOKEN, "none": "x"}[whose]
    await _revoke_own(grant, text, credentials)

    assert expected == round_trips


async def test_the_other_environment_is_left_alone() -> None:
    """Over one store, too: a core knows nothing of the other one's tokens."""
    clock, clients = FakeClock(), MemoryClientStore()
    both = MemoryTokenStore(clock.now, clients)
    live, test = [
        new_grant(environment=environment, clock=clock, client_store=clients, token_store=both)
        for environment in (Environment.LIVE, Environment.TEST)
    ]
    token = await token_of(live, await register(live))

    assert not await test.revocation.revoke(token)
    assert await _revoke_own(test, token, await register(test)) is None
    assert await are_active(live, token) == [True]


async def test_a_store_that_fails_is_no_acknowledgement(grant: Grant, credentials: Credentials) -> None:
    """V06: `StorageUnavailable` goes through."""
    token = await token_of(grant, credentials)
    other_store = MemoryTokenStore(grant.clock.now)
    for broken in (
        new_grant(clock=grant.clock, client_store=grant.client_store, token_store=FailingTokenStore()),
        new_grant(clock=grant.clock, client_store=FailingClientStore(), token_store=other_store),
    ):
        with pytest.raises(StorageUnavailable):
            await _revoke_own(broken, token, credentials)
    with pytest.raises(StorageUnavailable):
        await new_grant(token_store=FailingTokenStore()).revocation.revoke(token)

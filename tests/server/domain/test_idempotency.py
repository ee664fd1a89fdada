"""Calls that are repeated: one client, one secret, however often and however close together."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from grantway_server.domain.audit import Kind
from grantway_server.domain.idempotency import Idempotency
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import FIELDS, Credentials, Grant, grant_on, issue, new_grant, register
from tests.server.domain.outcomes import Said, outcome_of
from tests.server.samples import NOON

_KEY = Idempotency("0123456789abcdef", b"this request")
_ANOTHER_REQUEST: Said = (
    Reason.INVALID_REQUEST,
    "idempotency_key was used for another request: choose a new one.",
    None,
)
_ENDED: Said = (Reason.SECRET_NOT_FOUND, "The secret that this idempotency_key made has ended since.", None)
_NO_KEY: Said = (
    Reason.INVALID_REQUEST,
    "idempotency_key must be 16 to 100 characters of printable ASCII without spaces.",
    None,
)


_KEYS = [
    pytest.param("x" * 15, id="too-short"),
    pytest.param("x" * 101, id="too-long"),
    pytest.param("x" * 16 + " ", id="a-space"),
    pytest.param("x" * 16 + "\n", id="a-line-feed"),
    pytest.param("é" * 16, id="beyond-ASCII"),
]


@pytest.mark.parametrize("key", _KEYS)
async def test_a_key_that_is_none_is_refused(grant: Grant, credentials: Credentials, key: str) -> None:
    """Nothing is made."""
    bad = Idempotency(key, b"")

    outcomes = [
        await outcome_of(grant.service.create(FIELDS, by=ALICE, idempotency=bad)),
        await outcome_of(grant.rotations.rotate(credentials.client.client_id, by=ALICE, idempotency=bad)),
    ]

    assert ([_NO_KEY] * 2, [credentials.client]) == (outcomes, list((await grant.clients.page(size=10)).items))


@pytest.mark.parametrize("key", [pytest.param("!" * 16, id="the-shortest"), pytest.param("~" * 100, id="the-longest")])
async def test_a_repeated_creation_is_the_first_one(grant: Grant, key: str) -> None:
    """The same client, secret and id of it; one client, one record, and the secret works."""
    idempotency = Idempotency(key, b"this request")
    first = await grant.service.create(FIELDS, by=ALICE, idempotency=idempotency)
    grant.clock.advance(timedelta(hours=23))

    client, text, secret = await grant.service.create(FIELDS, by=ALICE, idempotency=idempotency)

    assert (first[0], first[1], first[2].secret_id) == (client, text, secret.secret_id)
    assert [client] == list((await grant.clients.page(size=10)).items)
    assert [Kind.CLIENT_CREATED] == [record.kind for record in grant.announced]
    assert isinstance(await issue(grant, Credentials(client, text).request()), IssuedToken)


async def test_a_repeated_creation_answers_the_client_as_it_is(grant: Grant) -> None:
    """Which may have changed; without it there is none."""
    first, _, _ = await grant.service.create(FIELDS, by=ALICE, idempotency=_KEY)
    disabled = await grant.clients.disable(first.client_id)
    again, _, _ = await grant.service.create(FIELDS, by=ALICE, idempotency=_KEY)
    await grant.clients.delete(first.client_id)

    gone = await outcome_of(grant.service.create(FIELDS, by=ALICE, idempotency=_KEY))

    assert disabled == again
    assert (Reason.CLIENT_NOT_FOUND, "There is no client with this client_id in this environment.", None) == gone
    assert [] == list((await grant.clients.page(size=10)).items)


async def test_other_keys_make_others(grant: Grant) -> None:
    """Each its own client and secret."""
    made = [
        await grant.service.create(FIELDS, by=ALICE, idempotency=Idempotency(f"0123456789abcde{number}", b""))
        for number in range(3)
    ]

    assert (3, 3, 3) == (
        len({client.client_id for client, _, _ in made}),
        len({text for _, text, _ in made}),
        len({secret.secret_id for _, _, secret in made}),
    )


async def test_a_key_is_good_for_one_request(grant: Grant, credentials: Credentials) -> None:
    """Another creation, and a rotation, with the same key are a mistake."""
    await grant.service.create(FIELDS, by=ALICE, idempotency=_KEY)
    other = replace(_KEY, request=b"another request")
    writes = len(grant.announced)

    outcomes = [
        await outcome_of(grant.service.create(FIELDS, by=ALICE, idempotency=other)),
        await outcome_of(grant.rotations.rotate(credentials.client.client_id, by=ALICE, idempotency=other)),
    ]

    assert ([_ANOTHER_REQUEST] * 2, writes) == (outcomes, len(grant.announced))


async def test_the_store_alone_does_not_yield_the_secret() -> None:
    """Two creations with one key in two stores make two secrets: what is kept is random, and the key is not kept."""
    first, second = [await new_grant().service.create(FIELDS, by=ALICE, idempotency=_KEY) for _ in range(2)]

    assert first[1] != second[1]
    assert _KEY.key not in repr(_KEY)


async def test_a_repeated_rotation_is_the_first_one(grant: Grant, credentials: Credentials) -> None:
    """One secret more, one record, the same deadlines, and the secret works."""
    client_id = credentials.client.client_id
    first = await grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY)
    grant.clock.advance(timedelta(hours=1))

    again = await grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY)

    assert (first.client, first.text, first.secret, first.old_secrets) == (
        again.client,
        again.text,
        again.secret,
        again.old_secrets,
    )
    assert [Kind.CLIENT_CREATED, Kind.SECRET_ROTATED] == [record.kind for record in grant.announced]
    assert isinstance(await issue(grant, Credentials(again.client, again.text).request()), IssuedToken)


async def test_a_repetition_of_a_rotation_that_names_a_state_is_no_conflict(
    grant: Grant, credentials: Credentials
) -> None:
    """The state is another because of the first call; any other change is one."""
    client_id, etag = credentials.client.client_id, credentials.client.etag
    first = await grant.rotations.rotate(client_id, by=ALICE, etag=etag, idempotency=_KEY)

    again = await grant.rotations.rotate(client_id, by=ALICE, etag=etag, idempotency=_KEY)
    other = Idempotency("fedcba9876543210", b"")
    late = await outcome_of(grant.rotations.rotate(client_id, by=ALICE, etag=etag, idempotency=other))

    assert first.text == again.text
    assert (
        Reason.CONFLICT,
        "The client was changed since this etag was read: read it again, then decide.",
        None,
    ) == late


async def test_what_was_retired_since_is_not_made_again(grant: Grant, credentials: Credentials) -> None:
    """The repetition says so; there is no secret more."""
    client_id = credentials.client.client_id
    first = await grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY)
    after, _, _ = await grant.secrets.retire(client_id, first.secret.secret.secret_id, by=ALICE)

    outcome = await outcome_of(grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY))

    assert (
        Reason.SECRET_NOT_FOUND,
        "The secret that this idempotency_key made has ended since.",
        None,
    ) == outcome
    assert after == await grant.clients.get(client_id)


@pytest.mark.parametrize("how", ["retired", "expired"])
async def test_what_a_creation_made_and_has_ended_is_not_answered(grant: Grant, how: str) -> None:
    """The repetition says so, as that of a rotation does: nobody is handed a secret that is good for nothing."""
    client, _, secret = await grant.service.create(FIELDS, by=ALICE, idempotency=_KEY)
    if how == "retired":
        await grant.secrets.retire(client.client_id, secret.secret_id, by=ALICE)
    else:
        await grant.rotations.rotate(client.client_id, by=ALICE, overlap=timedelta(seconds=1))
        grant.clock.advance(timedelta(seconds=1))
    before = await grant.clients.get(client.client_id)

    outcome = await outcome_of(grant.service.create(FIELDS, by=ALICE, idempotency=_KEY))

    assert (_ENDED, before) == (outcome, await grant.clients.get(client.client_id))


async def test_what_a_rotation_made_and_has_expired_is_not_answered(grant: Grant, credentials: Credentials) -> None:
    """One that still has a while is, with its deadline."""
    client_id = credentials.client.client_id
    first = await grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY)
    await grant.rotations.rotate(client_id, by=ALICE, overlap=timedelta(seconds=1))

    again = await grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY)
    grant.clock.advance(timedelta(seconds=1))
    late = await outcome_of(grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY))

    assert (first.text, NOON + timedelta(seconds=1)) == (again.text, again.secret.secret.expires_at)
    assert late == _ENDED


async def test_old_secrets_of_a_repeated_rotation_are_older_than_its_own(
    grant: Grant, credentials: Credentials
) -> None:
    """What came after it is none of them."""
    client_id = credentials.client.client_id
    first = await grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY)
    later = await grant.rotations.rotate(client_id, by=ALICE)

    again = await grant.rotations.rotate(client_id, by=ALICE, idempotency=_KEY)

    ids = [state.secret.secret_id for state in again.old_secrets]
    assert [credentials.client.secrets[0].secret_id] == ids
    assert [first.secret.secret.secret_id, *ids] == [state.secret.secret_id for state in later.old_secrets]


async def test_repetitions_at_the_same_moment_are_one(connections: RedisConnections) -> None:
    """Creations and rotations: ten answers alike, one client, one secret more, one record each."""
    grant = grant_on(connections)
    created = await asyncio.gather(*(grant.service.create(FIELDS, by=ALICE, idempotency=_KEY) for _ in range(10)))
    (client_id,) = {client.client_id for client, _, _ in created}
    another = Idempotency("fedcba9876543210", b"")

    rotated = await asyncio.gather(
        *(grant.rotations.rotate(client_id, by=ALICE, idempotency=another) for _ in range(10))
    )

    (text,) = {rotation.text for rotation in rotated}
    client = await grant.clients.get(client_id)
    assert 1 == len({created_text for _, created_text, _ in created})
    assert 2 == len(client.secrets)
    assert [Kind.CLIENT_CREATED, Kind.SECRET_ROTATED] == [record.kind for record in grant.announced]
    assert isinstance(await issue(grant, Credentials(client, text).request()), IssuedToken)


@pytest.mark.parametrize(
    ("secrets", "names_the_state", "looks"),
    [
        pytest.param(1, True, 2, id="the-state-that-is-named-is-another-by-the-repetition"),
        pytest.param(4, False, 2, id="the-client-has-all-its-secrets-by-the-repetition"),
        pytest.param(1, False, 2, id="nothing-stands-in-the-way"),
        pytest.param(1, True, 1, id="the-repetition-is-done-before-anything-is-looked-at"),
    ],
)
async def test_a_repetition_that_is_faster_is_no_refusal(secrets: int, names_the_state: bool, looks: int) -> None:  # noqa: FBT001 - a table row.
    """What stands in the way of the slower call is what the faster one did: both get its answer."""
    shared = MemoryClientStore()
    store = CrowdedClientStore(shared)
    grant, faster = new_grant(client_store=store), new_grant(client_store=shared)
    client = (await register(grant)).client
    for _ in range(secrets - 1):
        client = (await grant.rotations.rotate(client.client_id, by=ALICE)).client
    etag = client.etag if names_the_state else ""
    answers = []

    async def wait() -> None:
        pass

    async def be_faster() -> None:
        answers.append(await faster.rotations.rotate(client.client_id, by=ALICE, etag=etag, idempotency=_KEY))

    store.before_reads = [*[wait] * (looks - 1), be_faster]
    answers.append(await grant.rotations.rotate(client.client_id, by=ALICE, etag=etag, idempotency=_KEY))

    assert (2, 1) == (len(answers), len({answer.text for answer in answers}))


async def test_a_refused_call_keeps_its_key(grant: Grant, credentials: Credentials) -> None:
    """What was refused was not done: with the same key it may be tried again, put right."""
    wrong = await outcome_of(grant.service.create(replace(FIELDS, name=""), by=ALICE, idempotency=_KEY))
    assert isinstance(wrong, tuple)

    created, _, _ = await grant.service.create(FIELDS, by=ALICE, idempotency=replace(_KEY, request=b"put right"))

    assert {credentials.client.client_id, created.client_id} == {
        client.client_id for client in (await grant.clients.page(size=10)).items
    }


async def test_rotations_of_nobody_are_refused_before_keys_are_looked_at(grant: Grant) -> None:
    """As without a key."""
    with pytest.raises(Refusal) as caught:
        await grant.rotations.rotate("svc_live_zzzzzzzzzzzzzzzz", by=ALICE, idempotency=_KEY)

    assert Reason.CLIENT_NOT_FOUND is caught.value.reason

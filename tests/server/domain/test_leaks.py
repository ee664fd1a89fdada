"""Tokens and secrets that turned up where they should not be."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from grantway_server.domain import tokens
from grantway_server.domain.audit import CLIENT_ACTOR, AuditRecord, Caller, Kind
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.client_import import ForeignClient, Imported
from grantway_server.domain.environment import Environment
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.leaks import LeakedText, LiveText, TextKind
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.revocations import TokenSelection
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.failing_stores import FailingClientStore
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import (
    BURST,
    FIELDS,
    REFILL,
    Credentials,
    Grant,
    are_active,
    grant_on,
    issue,
    new_grant,
    register,
    token_of,
)
from tests.server.domain.outcomes import INVALID_CLIENT, Said, outcome_of, said
from tests.server.hashing.vectors import VECTORS
from tests.server.samples import NOON, WELL_FORMED_TOKEN

_FINDER = Caller(CLIENT_ACTOR, "192.0.2.7", "0123456789abcdef")
_UNKNOWN_SECRET = with_checksum("gws_live_aaaaaaaa_" + "A" * 43)


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    return await register(grant, replace(FIELDS, organization="acme"))


async def test_a_live_secret_is_told_with_all_that_it_could_do(grant: Grant, credentials: Credentials) -> None:
    """Whose it is, all scopes that it could ask for, and until when."""
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)

    old, new = await grant.leaks.inspect([credentials.secret, rotation.text])

    client = rotation.client
    assert [
        LeakedText(
            TextKind.CLIENT_SECRET,
            LiveText(client.as_owner, "a b", NOON + timedelta(days=7), credentials.client.secrets[0].secret_id),
        ),
        LeakedText(TextKind.CLIENT_SECRET, LiveText(client.as_owner, "a b", None, rotation.secret.secret.secret_id)),
    ] == [old, new]


async def test_a_live_token_is_told_with_what_it_may_do(grant: Grant, credentials: Credentials) -> None:
    """Its scope, its end, and the name that logs have for it."""
    token = await token_of(grant, credentials)

    (found,) = await grant.leaks.inspect([token])

    live = LiveText(
        credentials.client.as_owner, "a", NOON + timedelta(minutes=5), tokens.token_id(tokens.digest(token))
    )
    assert LeakedText(TextKind.ACCESS_TOKEN, live) == found


async def _retire(grant: Grant, credentials: Credentials) -> None:
    await grant.secrets.retire(
        credentials.client.client_id, credentials.client.secrets[0].secret_id, by=ALICE, revoke_tokens=True
    )


async def _delete(grant: Grant, credentials: Credentials) -> None:
    await grant.clients.delete(credentials.client.client_id)


async def _panic(grant: Grant, credentials: Credentials) -> None:
    await grant.incidents.panic(credentials.client.client_id, by=ALICE)


async def _expire(grant: Grant, credentials: Credentials) -> None:
    await grant.rotations.rotate(credentials.client.client_id, by=ALICE, overlap=timedelta(seconds=300))
    grant.clock.advance(timedelta(seconds=300))


async def _report_both(grant: Grant, credentials: Credentials) -> None:
    await grant.leaks.report(credentials.secret, by=_FINDER)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(_retire, id="retired-with-its-tokens"),
        pytest.param(_delete, id="the-client-is-deleted"),
        pytest.param(_panic, id="panic"),
        pytest.param(_expire, id="both-have-expired"),
        pytest.param(_report_both, id="reported"),
    ],
)
async def test_what_is_dead_is_not_live(
    grant: Grant, credentials: Credentials, end: Callable[[Grant, Credentials], Awaitable[None]]
) -> None:
    """Nothing is told of whose it was."""
    token = await token_of(grant, credentials)
    await end(grant, credentials)

    assert [LeakedText(TextKind.CLIENT_SECRET), LeakedText(TextKind.ACCESS_TOKEN)] == await grant.leaks.inspect(
        [credentials.secret, token]
    )


async def test_a_secret_of_a_disabled_client_is_good_for_nothing(grant: Grant, credentials: Credentials) -> None:
    """At this moment; enabling the client would make it work again, and the tokens would not come back."""
    token = await token_of(grant, credentials)
    await grant.clients.disable(credentials.client.client_id)

    secret, dead = await grant.leaks.inspect([credentials.secret, token])

    assert (None, None) == (secret.live, dead.live)


_TEXTS = {
    "nothing": ("", TextKind.NEITHER),
    "anything": ("é" * 1000, TextKind.NEITHER),
    "a token that nobody issued": (WELL_FORMED_TOKEN, TextKind.ACCESS_TOKEN),
    "a token with another checksum": (WELL_FORMED_TOKEN[:-1] + "x", TextKind.NEITHER),
    "a secret that nobody has": (_UNKNOWN_SECRET, TextKind.CLIENT_SECRET),
    "a secret with another checksum": (_UNKNOWN_SECRET[:-1] + "x", TextKind.NEITHER),
    "a secret of the other environment": (with_checksum("gws_test_aaaaaaaa_" + "A" * 43), TextKind.CLIENT_SECRET),
    "a token of the other environment": (with_checksum("client_oa2_test_" + "0" * 40), TextKind.ACCESS_TOKEN),
    "a token and more": (WELL_FORMED_TOKEN + "\n", TextKind.NEITHER),
}


@pytest.mark.parametrize(("text", "kind"), _TEXTS.values(), ids=_TEXTS.keys())
async def test_what_a_text_is_says_its_form(grant: Grant, text: str, kind: TextKind) -> None:
    """Whether or not there is such a one."""
    assert [LeakedText(kind)] == await grant.leaks.inspect([text])


async def test_a_right_secret_id_is_not_enough(grant: Grant, credentials: Credentials) -> None:
    """Whoever knows the public part of a secret learns nothing of its client."""
    forged = with_checksum(credentials.secret[:18] + "A" * 43)

    assert [LeakedText(TextKind.CLIENT_SECRET)] == await grant.leaks.inspect([forged])


async def test_texts_are_answered_in_their_order(grant: Grant, credentials: Credentials) -> None:
    """Also when one is there twice."""
    token = await token_of(grant, credentials)

    found = await grant.leaks.inspect([token, "x", credentials.secret, token])

    assert [
        (TextKind.ACCESS_TOKEN, True),
        (TextKind.NEITHER, False),
        (TextKind.CLIENT_SECRET, True),
        (TextKind.ACCESS_TOKEN, True),
    ] == [(one.kind, one.live is not None) for one in found]


async def test_the_environments_do_not_mix(grant: Grant, credentials: Credentials) -> None:
    """A core of the other one, on the same store, knows of nothing, and ends nothing."""
    token = await token_of(grant, credentials)
    other = new_grant(environment=Environment.TEST, client_store=grant.client_store, token_store=grant.token_store)

    found = await other.leaks.inspect([token, credentials.secret])
    for text in (token, credentials.secret):
        await other.leaks.report(text, by=_FINDER)

    assert [LeakedText(TextKind.ACCESS_TOKEN), LeakedText(TextKind.CLIENT_SECRET)] == found
    assert [True] == await are_active(grant, token)
    assert isinstance(await issue(grant, credentials.request()), IssuedToken)


async def test_a_reported_token_is_dead(grant: Grant, credentials: Credentials) -> None:
    """That one, and no other; the trail says whose it was, which secret obtained it, and in whose name it was ended."""
    leaked, other = [await token_of(grant, credentials) for _ in range(2)]

    for _ in range(2):
        await grant.leaks.report(leaked, by=_FINDER)

    assert [False, True] == await are_active(grant, leaked, other)
    record = AuditRecord(
        at=NOON,
        kind=Kind.LEAK_REPORTED,
        client_id=credentials.client.client_id,
        actor=_FINDER.actor,
        source=_FINDER.source,
        request_id=_FINDER.request_id,
        secret_id=credentials.client.secrets[0].secret_id,
    )
    trail = (await grant.audit_trail.portion(since=None, after=b"")).items
    assert [record] == [replace(one, record_id="") for one in trail if one.kind is Kind.LEAK_REPORTED]
    assert [record] == [one for one in grant.announced if one.kind is Kind.LEAK_REPORTED]
    assert isinstance(await issue(grant, credentials.request()), IssuedToken)


async def test_a_token_that_many_report_is_reported_once(connections: RedisConnections) -> None:
    """One record, in the trail and in the log, for sixteen reports at the same moment."""
    grant = grant_on(connections)
    token = await token_of(grant, await register(grant))

    await asyncio.gather(
        *(grant.leaks.report(token, by=replace(_FINDER, source=f"192.0.2.{number}")) for number in range(16))
    )

    trail = (await grant.audit_trail.portion(since=None, after=b"")).items
    assert [False] == await are_active(grant, token)
    assert [1, 1] == [
        len([record for record in records if record.kind is Kind.LEAK_REPORTED]) for records in (trail, grant.announced)
    ]


_OLD = "an-old-secret"
_IMPORTED = ForeignClient("legacy-1", f"{{SHA-256}}{sha256(_OLD.encode()).hexdigest()}", FIELDS)


async def _import(grant: Grant) -> Credentials:
    (outcome,) = await grant.imports.bring_in([_IMPORTED], by=ALICE)
    assert isinstance(outcome, Imported)
    return Credentials(outcome.client, _OLD)


@pytest.mark.parametrize("adopted", [pytest.param(True, id="adopted"), pytest.param(False, id="not yet adopted")])
async def test_a_reported_secret_of_another_system_is_dead(
    grant: Grant,
    adopted: bool,  # noqa: FBT001 - a row of the table.
) -> None:
    """Where the report says whose it is: with its tokens, written down with its id; a second report says the same."""
    imported = await _import(grant)
    if adopted:
        await grant.issuance.issue_alone(imported.request())
    tokens = [await token_of(grant, imported)] if adopted else []
    other = await grant.rotations.rotate("legacy-1", by=ALICE)

    for _ in range(2):
        assert await outcome_of(grant.leaks.report(_OLD, by=_FINDER, client_id="legacy-1")) is None

    assert [INVALID_CLIENT] == [
        said(outcome)
        for outcome in [await grant.issuance.issue_alone(imported.request())]
        if isinstance(outcome, Refusal)
    ]
    assert [False] * len(tokens) == await are_active(grant, *tokens)
    assert isinstance(await issue(grant, Credentials(other.client, other.text).request()), IssuedToken)
    secret_id = imported.client.secrets[0].secret_id
    assert [("client", "192.0.2.7", secret_id)] == [
        (record.actor, record.source, record.secret_id)
        for record in grant.announced
        if record.kind is Kind.LEAK_REPORTED
    ]


@pytest.mark.parametrize(
    ("text", "client_id"),
    [
        pytest.param(_OLD, "", id="nobody-says-whose-it-is"),
        pytest.param(_OLD, "{other}", id="another-client's"),
        pytest.param(_OLD, "legacy-2", id="a-client-that-is-none"),
        pytest.param(_OLD, "no id\n", id="an-id-that-is-none"),
        pytest.param(_OLD + "x", "legacy-1", id="another-text"),
        pytest.param(_IMPORTED.secret_hash, "legacy-1", id="its-hash"),
    ],
)
async def test_a_report_of_no_secret_of_another_system_changes_nothing(
    grant: Grant, credentials: Credentials, text: str, client_id: str
) -> None:
    """And says nothing."""
    imported = await _import(grant)
    client_id = client_id.format(other=credentials.client.client_id)

    assert await outcome_of(grant.leaks.report(text, by=_FINDER, client_id=client_id)) is None

    assert [credentials.client, imported.client] == [
        await grant.clients.get(one.client_id) for one in (credentials.client, imported.client)
    ]


async def test_a_client_id_does_not_change_what_our_own_secrets_say(grant: Grant, credentials: Credentials) -> None:
    """They say whose they are by themselves."""
    await grant.leaks.report(credentials.secret, by=_FINDER, client_id="legacy-1")

    assert await issue(grant, credentials.request()) == INVALID_CLIENT


async def test_a_client_that_is_deleted_while_its_old_secret_is_reported_is_no_refusal() -> None:
    """It is as dead as it can be."""
    shared = MemoryClientStore()
    store = CrowdedClientStore(shared)
    crowded, others = new_grant(client_store=store), new_grant(client_store=shared)
    await _import(others)
    store.before_writes = [lambda: others.clients.delete("legacy-1")]

    assert await outcome_of(crowded.leaks.report(_OLD, by=_FINDER, client_id="legacy-1")) is None


async def test_too_many_reports_of_old_secrets_at_once_must_wait() -> None:
    """Slow hashes are checked a few at a time; the report that is checked works."""
    vector = next(vector for vector in VECTORS if "1000000" in vector.stored)
    grant = new_grant(foreign_secrets=ForeignSecretVerifier(threads=1, max_waiting=1))
    await grant.imports.bring_in([replace(_IMPORTED, secret_hash=vector.stored)], by=ALICE)

    first, second = await asyncio.gather(
        *(outcome_of(grant.leaks.report(text, by=_FINDER, client_id="legacy-1")) for text in (vector.text, "wrong"))
    )

    busy = (Reason.RATE_LIMITED, "Too many secrets are being checked by slow hashes: try again.", timedelta(seconds=1))
    assert (None, busy) == (first, second)
    assert () == (await grant.clients.get("legacy-1")).secrets


async def test_administrators_report_by_their_name_and_as_often_as_they_must(
    grant: Grant, credentials: Credentials
) -> None:
    """Beyond the allowance of their source, which stays that of everybody else there."""
    for _ in range(BURST + 1):
        await grant.leaks.report("nonsense", by=ALICE)
    token = await token_of(grant, credentials)
    await grant.leaks.report(token, by=ALICE)
    await grant.leaks.report(credentials.secret, by=ALICE)

    assert [ALICE.actor] * 2 == [record.actor for record in grant.announced if record.kind is Kind.LEAK_REPORTED]
    assert await outcome_of(grant.leaks.report("nonsense", by=replace(_FINDER, source=ALICE.source))) is None


async def test_a_reported_secret_is_dead_with_its_tokens(grant: Grant, credentials: Credentials) -> None:
    """The client's other secret and its tokens go on; the trail says what was done, and in whose name."""
    rotation = await grant.rotations.rotate(credentials.client.client_id, by=ALICE)
    other = Credentials(rotation.client, rotation.text)
    dead, alive = await token_of(grant, credentials), await token_of(grant, other)

    await grant.leaks.report(credentials.secret, by=_FINDER)

    assert await issue(grant, credentials.request()) == INVALID_CLIENT
    assert isinstance(await issue(grant, other.request()), IssuedToken)
    assert [False, True] == await are_active(grant, dead, alive)
    (record,) = [record for record in grant.announced if record.kind is Kind.LEAK_REPORTED]
    assert ("client", "192.0.2.7", credentials.client.secrets[0].secret_id) == (
        record.actor,
        record.source,
        record.secret_id,
    )


@pytest.mark.parametrize("text", [text for text, _ in _TEXTS.values() if text], ids=list(_TEXTS)[1:])
async def test_a_report_of_what_is_not_live_says_the_same(grant: Grant, credentials: Credentials, text: str) -> None:
    """Nothing, and changes nothing."""
    before = await grant.clients.get(credentials.client.client_id)

    assert await outcome_of(grant.leaks.report(text, by=_FINDER)) is None

    assert before == await grant.clients.get(credentials.client.client_id)


async def test_a_second_report_says_the_same(grant: Grant, credentials: Credentials) -> None:
    """And of a secret whose client is deleted while it is reported."""
    shared = MemoryClientStore()
    store = CrowdedClientStore(shared)
    crowded, others = new_grant(client_store=store), new_grant(client_store=shared)
    elsewhere = await register(others)
    store.before_writes = [lambda: others.clients.delete(elsewhere.client.client_id)]

    answers = [
        await outcome_of(grant.leaks.report(credentials.secret, by=_FINDER)),
        await outcome_of(grant.leaks.report(credentials.secret, by=_FINDER)),
        await outcome_of(crowded.leaks.report(elsewhere.secret, by=_FINDER)),
    ]

    assert [None] * 3 == answers


@pytest.mark.parametrize("text", [WELL_FORMED_TOKEN, _UNKNOWN_SECRET, "x", "{live}"])
async def test_too_many_reports_from_one_source_must_wait(grant: Grant, credentials: Credentials, text: str) -> None:
    """Whatever they report; another source goes on."""
    text = text.format(live=credentials.secret)

    outcomes = [await outcome_of(grant.leaks.report(text, by=_FINDER)) for _ in range(BURST + 1)]

    limited = (Reason.RATE_LIMITED, "Too many reports from this source: wait.", REFILL)
    assert [*[None] * BURST, limited] == outcomes
    assert await outcome_of(grant.leaks.report(text, by=replace(_FINDER, source="192.0.2.8"))) is None


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        pytest.param(
            "", "here", (Reason.INVALID_REQUEST, "text is missing: send the token or the secret.", None), id="no-text"
        ),
        pytest.param(
            "x",
            "x" * 65,
            (Reason.INVALID_REQUEST, "source is longer than 64 characters.", None),
            id="a-huge-source",
        ),
    ],
)
async def test_a_report_that_cannot_be_is_refused(grant: Grant, text: str, source: str, expected: Said) -> None:
    """The sentence says what to change."""
    assert expected == await outcome_of(grant.leaks.report(text, by=replace(_FINDER, source=source)))


async def test_a_store_that_fails_is_no_answer() -> None:
    """Whoever reports a leak must know that it may still be live."""
    broken = new_grant(client_store=FailingClientStore())

    with pytest.raises(StorageUnavailable):
        await broken.leaks.report(_UNKNOWN_SECRET, by=_FINDER)
    with pytest.raises(StorageUnavailable):
        await broken.leaks.inspect([_UNKNOWN_SECRET])


@pytest.mark.parametrize(
    ("retire_first", "revoke_before"),
    [
        pytest.param(False, False, id="a-secret-that-was-good"),
        pytest.param(True, False, id="a-secret-that-was-retired-and-not-its-tokens"),
        pytest.param(True, True, id="a-secret-that-got-tokens-after-a-revocation-and-was-retired"),
    ],
)
async def test_reports_of_a_dead_secret_do_no_more_harm(
    grant: Grant,
    credentials: Credentials,
    retire_first: bool,  # noqa: FBT001 - a column of the table.
    revoke_before: bool,  # noqa: FBT001 - as above.
) -> None:
    """Its tokens end, once; who holds it cannot end what others obtained, however often they report it."""
    client_id, secret_id = credentials.client.client_id, credentials.client.secrets[0].secret_id
    other = await grant.rotations.rotate(client_id, by=ALICE)
    if revoke_before:
        await grant.incidents.revoke_tokens(client_id, TokenSelection(secret_id=secret_id), by=ALICE)
        grant.clock.advance(timedelta(seconds=1))
    dead, alive = await token_of(grant, credentials), await token_of(grant, Credentials(other.client, other.text))
    if retire_first:
        await grant.secrets.retire(client_id, secret_id, by=ALICE)

    for number in range(70):
        await grant.leaks.report(credentials.secret, by=replace(_FINDER, source=str(number)))

    assert [False, True] == await are_active(grant, dead, alive)
    assert 1 == len([record for record in grant.announced if record.kind is Kind.LEAK_REPORTED])


async def test_a_leak_is_ended_however_many_were_before(grant: Grant, credentials: Credentials) -> None:
    """Where no further rule may stand all tokens of the client end: a leak is worse than an outage."""
    client_id = credentials.client.client_id
    secret = credentials.secret
    for _ in range(65):
        rotation = await grant.rotations.rotate(client_id, by=ALICE)
        token = await token_of(grant, Credentials(rotation.client, secret))
        outcome = await outcome_of(
            grant.leaks.report(secret, by=replace(_FINDER, source=rotation.secret.secret.secret_id))
        )
        assert outcome is None
        assert [False] == await are_active(grant, token)
        secret = rotation.text

    assert not isinstance(await issue(grant, Credentials(credentials.client, secret).request()), Refusal)

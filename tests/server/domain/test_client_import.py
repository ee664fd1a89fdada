"""Clients of another system: how they come in, and how their secrets become ours, with the real hashes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from unittest.mock import ANY

import pytest

from grantway_server.domain.audit import CLIENT_ACTOR, Failure, Kind
from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.client_import import ForeignClient, Imported
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client, Permission
from grantway_server.domain.issuance import IssuedToken, TokenRequest
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.clock import FakeClock
from tests.fakes.failing_stores import FailingClientStore
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.domain.administrator import ALICE
from tests.server.domain.counting_random import CountingRandom
from tests.server.domain.grant import FIELDS, REFILL, Credentials, Grant, grant_on, issue, new_grant
from tests.server.domain.outcomes import INVALID_CLIENT, Said, outcome_of, said
from tests.server.hashing.vectors import VECTORS, Vector
from tests.server.samples import FIRST_EPOCH, NOON

_TEXT = "an-old-secret"
_HASH = f"{{SHA-256}}{sha256(_TEXT.encode()).hexdigest()}"
_FOREIGN = ForeignClient("legacy-1", _HASH, FIELDS)
_BUSY: Said = (
    Reason.RATE_LIMITED,
    "Too many secrets are being checked by slow hashes: try again.",
    timedelta(seconds=1),
)
_ALONE: Said = (
    Reason.ALONE_ONLY,
    "The secret must be checked by a slow hash: send this request alone, in no batch.",
    None,
)


async def _import(grant: Grant, foreign: ForeignClient = _FOREIGN) -> Client:
    """The client that *foreign* becomes."""
    (outcome,) = await grant.imports.bring_in([foreign], by=ALICE)
    assert isinstance(outcome, Imported), outcome
    return outcome.client


def _request(client: Client, text: str = _TEXT, **changes: object) -> TokenRequest:
    return Credentials(client, text).request(**changes)


async def _alone(grant: Grant, request: TokenRequest) -> IssuedToken | Said:
    """What one request gets that may wait for a slow hash."""
    try:
        outcome = await grant.issuance.issue_alone(request)
    except Refusal as refusal:
        outcome = refusal
    return said(outcome) if isinstance(outcome, Refusal) else outcome


async def test_an_imported_client_is_seen_whole() -> None:
    """With the id that it has there, and one secret of which the hash alone is known."""
    grant = new_grant(random_bytes=CountingRandom())

    (outcome,) = await grant.imports.bring_in([_FOREIGN], by=ALICE)

    expected = Client(
        client_id="legacy-1",
        name="Concierge",
        allowed_scopes=("a", "b"),
        default_scopes=("a",),
        audiences=("https://api.example.com",),
        token_lifetime=timedelta(minutes=5),
        longest_token_lifetime=timedelta(minutes=5),
        permissions=frozenset({Permission.ISSUE_TOKENS}),
        auth_methods=frozenset(),
        secrets=(Secret("aaaaaaab", b"", NOON, foreign_hash=_HASH),),
        created_at=NOON,
        updated_at=NOON,
        created_by="alice",
        updated_by="alice",
        epoch=FIRST_EPOCH,
        min_epoch=FIRST_EPOCH,
        version=ANY,
    )
    assert Imported(expected, is_new=True) == outcome
    assert expected == await grant.clients.get("legacy-1")
    assert _HASH not in f"{outcome!r}{_FOREIGN!r}{grant.announced!r}"


async def test_a_policy_holds_for_imported_secrets() -> None:
    """They end when it says, counted from the import."""
    policy = SecretExpiry(max_age=timedelta(days=90), warning=timedelta(days=30))

    client = await _import(new_grant(secret_expiry=policy))

    assert [NOON + timedelta(days=90)] == [secret.expires_at for secret in client.secrets]


_BAD = {
    "no id": (
        replace(_FOREIGN, client_id=""),
        "client_id must be 1 to 127 characters of [A-Za-z0-9_-].",
    ),
    "an id with a colon": (
        replace(_FOREIGN, client_id="a:b"),
        "client_id must be 1 to 127 characters of [A-Za-z0-9_-].",
    ),
    "an id that is too long": (
        replace(_FOREIGN, client_id="x" * 128),
        "client_id must be 1 to 127 characters of [A-Za-z0-9_-].",
    ),
    "no name": (
        replace(_FOREIGN, fields=ClientFields()),
        "name must be 1 to 100 printable characters, not only spaces.",
    ),
    "fields that could not be read": (
        replace(_FOREIGN, fields=invalid_request("permissions holds a value that this service does not know.")),
        "permissions holds a value that this service does not know.",
    ),
    "a secret in clear text": (
        replace(_FOREIGN, secret_hash="{noop}canary"),
        "secret_hash is marked as clear text: put its hash there, as {SHA-256} and 64 hex digits.",
    ),
    "half a hash": (
        replace(_FOREIGN, secret_hash=_HASH[:-1]),
        (
            "secret_hash is damaged: copy the whole of it, in the form {SHA-256}digest or {SHA-256}{salt}digest, "
            "the digest in hex or base64."
        ),
    ),
}


@pytest.mark.parametrize(("foreign", "description"), _BAD.values(), ids=_BAD.keys())
async def test_a_client_against_the_rules_does_not_come_in(
    grant: Grant, foreign: ForeignClient, description: str
) -> None:
    """Its neighbours do; the refusal says what to change, once."""
    neighbours = [replace(_FOREIGN, client_id=f"neighbour-{number}") for number in range(2)]

    outcomes = await grant.imports.bring_in([neighbours[0], foreign, neighbours[1]], by=ALICE)

    assert isinstance(outcomes[1], Refusal)
    assert (Reason.INVALID_REQUEST, description, None) == said(outcomes[1])
    assert [one.client_id for one in neighbours] == [
        client.client_id for client in (await grant.clients.page(size=10)).items
    ]


async def test_a_client_that_exists_is_left_as_it_is(grant: Grant) -> None:
    """Whatever became of it since; in the same batch too. An import may be run again."""
    first = await _import(grant)
    changed = await grant.clients.update(first.client_id, replace(FIELDS, name="Renamed"), mask={"name"})
    other = replace(_FOREIGN, client_id="legacy-2")

    outcomes = await grant.imports.bring_in([_FOREIGN, other, other, replace(_FOREIGN, secret_hash="bad")], by=ALICE)

    second = await grant.clients.get("legacy-2")
    assert [
        Imported(changed, is_new=False),
        Imported(second, is_new=True),
        Imported(second, is_new=False),
        Imported(changed, is_new=False),
    ] == outcomes
    assert [Kind.CLIENT_IMPORTED, Kind.CLIENT_UPDATED, Kind.CLIENT_IMPORTED] == [
        record.kind for record in grant.announced
    ]


async def test_imports_at_the_same_moment_make_one_client(connections: RedisConnections) -> None:
    """One of them is told that it is new."""
    cores = [grant_on(connections) for _ in range(3)]

    answers = await asyncio.gather(*(core.imports.bring_in([_FOREIGN], by=ALICE) for core in cores))

    outcomes = [outcome for (outcome,) in answers]
    assert all(isinstance(outcome, Imported) for outcome in outcomes)
    assert [False, False, True] == sorted(outcome.is_new for outcome in outcomes if isinstance(outcome, Imported))
    assert 1 == sum(len(core.announced) for core in cores)


async def test_a_store_that_fails_brings_nobody_in() -> None:
    """And says so of the whole batch: it may be run again."""
    with pytest.raises(StorageUnavailable):
        await new_grant(client_store=FailingClientStore()).imports.bring_in([_FOREIGN], by=ALICE)


_ONE_OF_EACH = {vector.format_name: vector for vector in reversed(VECTORS)}


@pytest.mark.parametrize("vector", _ONE_OF_EACH.values(), ids=_ONE_OF_EACH.keys())
async def test_the_first_success_makes_an_imported_secret_ours(vector: Vector) -> None:
    """Alone it gets a token; from then on in batches too. What is kept is our digest, and the id that it had."""
    grant, text = new_grant(min_imported_length=1), vector.text
    client = await _import(grant, replace(_FOREIGN, secret_hash=vector.stored))
    before = await issue(grant, _request(client, text))
    first = await _alone(grant, _request(client, text))
    after = await issue(grant, _request(client, text))

    assert (_ALONE, IssuedToken, IssuedToken) == (before, type(first), type(after))
    adopted = await grant.clients.get(client.client_id)
    secret = replace(client.secrets[0], digest=sha256(text.encode()).digest(), foreign_hash="")
    assert (secret,) == adopted.secrets
    assert isinstance(after, IssuedToken)
    assert secret.secret_id == after.token.secret_id
    (record,) = [record for record in grant.announced if record.kind is Kind.SECRET_ADOPTED]
    assert (CLIENT_ACTOR, "here", secret.secret_id) == (record.actor, record.source, record.secret_id)
    assert vector.stored not in repr(record)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("wrong", id="another-text"),
        pytest.param(_HASH, id="the-stored-hash"),
        pytest.param(_HASH.removeprefix("{SHA-256}"), id="its-digest"),
        pytest.param(_TEXT + "\n", id="a-line-feed-too-many"),
        pytest.param("gws_live_" + _TEXT, id="in-the-form-of-ours"),
    ],
)
async def test_a_wrong_text_is_a_wrong_secret(grant: Grant, wrong: str) -> None:
    """S07: before it was adopted and after, alone and in a batch: one answer, counted and written down."""
    client = await _import(grant)
    before = await _alone(grant, _request(client, wrong))
    await _alone(grant, _request(client))
    after = [await _alone(grant, _request(client, wrong)), await issue(grant, _request(client, wrong))]

    assert [INVALID_CLIENT] * 3 == [before, *after]
    assert [Failure.WRONG_SECRET] * 3 == [record.failure for record in grant.announced if record.failure]


async def test_failures_by_slow_hashes_are_counted(grant: Grant) -> None:
    """A12: as all are. When there were too many from one source nothing is hashed for it, not even the right secret.

    It may try again in time, and another source at once.
    """
    client = await _import(grant)
    outcomes = [await _alone(grant, _request(client, f"wrong {number}")) for number in range(5)]

    refused = [await _alone(grant, _request(client, text)) for text in ("wrong again", _TEXT)]
    failures = [record for record in grant.announced if record.failure]
    grant.clock.advance(REFILL)
    later = await _alone(grant, _request(client))

    waiting = (
        Reason.RATE_LIMITED,
        "Too many failed authentications of this client from this source: wait, and check the client secret.",
        REFILL,
    )
    assert ([INVALID_CLIENT] * 5, [waiting] * 2, 5) == (outcomes, refused, len(failures))
    assert isinstance(later, IssuedToken)


async def test_whose_source_may_not_try_is_asked_of_no_other(grant: Grant) -> None:
    """The owner elsewhere gets the token, though somebody tried too often; from then on whoever has the secret does."""
    client = await _import(grant)
    for number in range(6):
        await _alone(grant, _request(client, f"wrong {number}"))

    elsewhere = await _alone(grant, replace(_request(client), source="elsewhere"))

    assert isinstance(elsewhere, IssuedToken)
    assert isinstance(await _alone(grant, _request(client)), IssuedToken)


async def test_a_batch_does_not_wait_for_a_slow_hash(grant: Grant) -> None:
    """That item is sent back; the others get their tokens, and nothing is counted as a failure."""
    client = await _import(grant)
    other = await _import(grant, replace(_FOREIGN, client_id="legacy-2"))
    await _alone(grant, _request(other))

    outcomes = await grant.issuance.issue([_request(other), _request(client), _request(other)])

    assert [IssuedToken, Reason.ALONE_ONLY, IssuedToken] == [
        outcome.reason if isinstance(outcome, Refusal) else type(outcome) for outcome in outcomes
    ]
    assert [] == [record for record in grant.announced if record.failure]


async def test_a_disabled_clients_slow_hash_is_not_computed(grant: Grant) -> None:
    """It is refused as any disabled client is, and its secret stays as it was imported."""
    client = await _import(grant)
    await grant.clients.disable(client.client_id)

    outcome = await _alone(grant, _request(client))

    assert outcome == INVALID_CLIENT
    assert client.secrets == (await grant.clients.get(client.client_id)).secrets


async def test_a_right_imported_secret_is_refused_for_the_rest_like_any(grant: Grant) -> None:
    """It was seen and is adopted; the scope is still not the client's."""
    client = await _import(grant)

    outcome = await _alone(grant, _request(client, scope="c"))

    assert isinstance(outcome, tuple)
    assert Reason.INVALID_SCOPE is outcome[0]
    assert not (await grant.clients.get(client.client_id)).secrets[0].is_foreign


async def test_an_imported_secret_is_rotated_like_any(grant: Grant) -> None:
    """It has its deadline, before it was ever used; adopted it keeps it, and after it is no good."""
    client = await _import(grant)
    rotation = await grant.rotations.rotate(client.client_id, by=ALICE, overlap=timedelta(days=1))
    new = await issue(grant, _request(client, rotation.text))
    old = await _alone(grant, _request(client))
    adopted = await grant.clients.get(client.client_id)
    grant.clock.advance(timedelta(days=1))

    assert (IssuedToken, IssuedToken) == (type(new), type(old))
    assert [NOON + timedelta(days=1), None] == [secret.expires_at for secret in adopted.secrets]
    assert await _alone(grant, _request(client)) == INVALID_CLIENT


class _Meanwhile:
    """`ForeignSecrets` during whose next check something else happens."""

    def __init__(self) -> None:
        self._real = ForeignSecretVerifier()
        self.happens: Callable[[], Awaitable[object]] | None = None

    def check(self, stored: str) -> None:
        """See `ForeignSecrets.check`."""
        self._real.check(stored)

    async def verify(self, stored: str, text: str, *, client_id: str, source: str) -> bool:
        """See `ForeignSecrets.verify`."""
        if self.happens:
            await self.happens()
        return await self._real.verify(stored, text, client_id=client_id, source=source)


async def _nothing(_: Grant) -> None:
    pass


async def _deleted(grant: Grant) -> None:
    await grant.clients.delete("legacy-1")


async def _disabled(grant: Grant) -> None:
    await grant.clients.disable("legacy-1")


async def _retired(grant: Grant) -> None:
    (secret,) = (await grant.clients.get("legacy-1")).secrets
    await grant.secrets.retire("legacy-1", secret.secret_id, by=ALICE)


async def _adopted(grant: Grant) -> None:
    client = await grant.clients.get("legacy-1")
    assert isinstance(await _alone(new_grant(client_store=grant.client_store), _request(client)), IssuedToken)


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        pytest.param(_nothing, IssuedToken, id="nothing"),
        pytest.param(_deleted, INVALID_CLIENT, id="the-client-is-deleted"),
        pytest.param(_disabled, INVALID_CLIENT, id="the-client-is-disabled"),
        pytest.param(_retired, INVALID_CLIENT, id="the-secret-is-retired"),
        pytest.param(_adopted, IssuedToken, id="another-core-adopts-it"),
    ],
)
async def test_what_happens_during_a_slow_check_counts(
    happens: Callable[[Grant], Awaitable[None]], expected: object
) -> None:
    """It is decided on the client as it is then, in the words of a grant: nobody learns that a client was deleted."""
    foreign_secrets = _Meanwhile()
    grant = new_grant(foreign_secrets=foreign_secrets)
    client = await _import(grant)
    foreign_secrets.happens = lambda: happens(grant)

    outcome = await _alone(grant, _request(client))

    assert expected in {type(outcome), outcome if isinstance(outcome, tuple) else None}


@pytest.mark.parametrize(
    ("changes", "gets_a_token"),
    [
        pytest.param(20, True, id="more often than a change is tried"),
        pytest.param(64, False, id="all the time"),
    ],
)
async def test_a_client_that_others_go_on_changing_gets_its_token(changes: int, gets_a_token: bool) -> None:  # noqa: FBT001 - a column of the table.
    """It does not lose against them; else it is a failure of the store, not an answer that only items may get."""
    shared, clock = MemoryClientStore(), FakeClock()
    store = CrowdedClientStore(shared)
    tokens = MemoryTokenStore(clock.now, shared)
    grant = new_grant(client_store=store, token_store=tokens, clock=clock)
    others = new_grant(client_store=shared, clock=clock)
    client = await _import(others)

    async def rename() -> None:
        name = (await others.clients.get(client.client_id)).name + "'"
        await others.clients.update(client.client_id, replace(FIELDS, name=name), mask={"name"})

    store.before_writes = [rename] * changes

    if gets_a_token:
        assert isinstance(await grant.issuance.issue_alone(_request(client)), IssuedToken)
    else:
        with pytest.raises(StorageUnavailable, match="faster than they can be read"):
            await grant.issuance.issue_alone(_request(client))


async def test_too_many_slow_hashes_are_told_to_wait() -> None:
    """Another secret of the same client while one is being checked; who waits gets the token then."""
    vector = next(vector for vector in VECTORS if "1000000" in vector.stored)
    grant = new_grant(foreign_secrets=ForeignSecretVerifier(threads=1, max_waiting=1))
    client = await _import(grant, replace(_FOREIGN, secret_hash=vector.stored))

    first, second = await asyncio.gather(
        _alone(grant, _request(client, vector.text)), _alone(grant, _request(client, "wrong"))
    )

    assert (IssuedToken, _BUSY) == (type(first), second)
    assert [] == [record for record in grant.announced if record.failure]


async def test_an_unknown_client_is_none_of_another_system(grant: Grant) -> None:
    """Nothing is computed for it."""
    client = await _import(grant)
    await grant.clients.delete(client.client_id)

    assert await _alone(grant, _request(client)) == INVALID_CLIENT
    assert (Reason.CLIENT_NOT_FOUND, ANY, None) == await outcome_of(grant.clients.get(client.client_id))

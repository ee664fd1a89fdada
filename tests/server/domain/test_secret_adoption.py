"""Secrets of another system that are too weak to become ours, and those that never do."""

from dataclasses import replace
from hashlib import sha256

import pytest

from grantway_server.domain.audit import Failure, Kind
from grantway_server.domain.client_import import ForeignClient, Imported
from grantway_server.domain.clients import Client
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.refusals import Reason, Refusal
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import FIELDS, MIN_IMPORTED_LENGTH, Credentials, Grant, issue, new_grant
from tests.server.domain.outcomes import INVALID_CLIENT, Said, said


async def _imported(grant: Grant, text: str) -> Client:
    """A client that was imported with the hash of *text*."""
    foreign = ForeignClient("legacy-1", f"{{SHA-256}}{sha256(text.encode()).hexdigest()}", FIELDS)
    (outcome,) = await grant.imports.bring_in([foreign], by=ALICE)
    assert isinstance(outcome, Imported)
    return outcome.client


async def _alone(grant: Grant, client: Client, text: str) -> IssuedToken | Said:
    outcome = await grant.issuance.issue_alone(Credentials(client, text).request())
    return said(outcome) if isinstance(outcome, Refusal) else outcome


_WEAK = {
    "a word": "password",
    "one character too few": "k7Qw2xZr9Lp",
    "one character again and again": "a" * 64,
    "five characters again and again": "abcde" * 10,
}
_STRONG = {
    "as many as it takes": "k7Qw2xZr9LpT",
    "hex digits": "0f1a6b9c0f1a",
    "half as many different ones": "abcdefabcdef",
    "long": "Hn5-qY2.tR8_wZ4~kL1",
}


@pytest.mark.parametrize("text", _WEAK.values(), ids=_WEAK.keys())
async def test_S08_a_weak_secret_obtains_nothing_whatever_its_hash_says(text: str) -> None:  # noqa: N802 - the id in the list.
    """One answer as to all that fail; the trail says why, and by which secret. It is never hashed by us."""
    grant = new_grant()
    client = await _imported(grant, text)

    outcomes = [await _alone(grant, client, text) for _ in range(2)]

    (secret,) = (await grant.clients.get(client.client_id)).secrets
    assert [INVALID_CLIENT] * 2 == outcomes
    assert (b"", True) == (secret.digest, secret.is_foreign)
    assert [(Failure.WEAK_SECRET, secret.secret_id)] * 2 == [
        (record.failure, record.secret_id) for record in grant.announced if record.failure
    ]


@pytest.mark.parametrize("text", _STRONG.values(), ids=_STRONG.keys())
async def test_S08_a_secret_that_is_not_weak_becomes_ours(text: str) -> None:  # noqa: N802 - as above.
    """Whatever its hash cost: a secret that nobody guesses needs none that is slow."""
    grant = new_grant()

    assert isinstance(await _alone(grant, await _imported(grant, text), text), IssuedToken)


async def test_S08_an_empty_secret_never_matches() -> None:  # noqa: N802 - as above.
    """Other systems store the hash of one for clients that have none; here it lets nobody in."""
    grant = new_grant(min_imported_length=1)
    client = await _imported(grant, "")

    outcome = await _alone(grant, client, "")

    assert (Reason.INVALID_REQUEST, "client_secret is missing.", None) == outcome
    assert (await grant.clients.get(client.client_id)).secrets[0].is_foreign


async def test_a_client_with_a_weak_secret_goes_on_with_a_new_one() -> None:
    """What it needs is a rotation."""
    grant = new_grant()
    client = await _imported(grant, "password")
    rotation = await grant.rotations.rotate(client.client_id, by=ALICE)

    assert isinstance(await issue(grant, Credentials(client, rotation.text).request()), IssuedToken)


async def test_a_weak_secret_can_be_reported() -> None:
    """It is ended, and never becomes ours for it."""
    grant = new_grant()
    client = await _imported(grant, "password")

    await grant.leaks.report("password", by=ALICE, client_id=client.client_id)

    left = await grant.clients.get(client.client_id)
    assert ((), [b""]) == (left.secrets, [secret.digest for secret in left.retired_secrets])
    assert [Kind.LEAK_REPORTED] == [record.kind for record in grant.announced[1:]]


async def test_how_long_is_long_enough_can_be_set() -> None:
    """For who moves in with shorter ones, and gives them up then."""
    grant = new_grant(min_imported_length=8)

    assert isinstance(await _alone(grant, await _imported(grant, "password"), "password"), IssuedToken)
    assert len("password") < MIN_IMPORTED_LENGTH


async def test_a_retired_secret_is_known_as_one_beside_an_imported_one() -> None:
    """No slow hash is asked about a secret that is known by our digest, whatever became of it."""
    grant = new_grant()
    text = _STRONG["long"]
    client = await _imported(grant, text)
    assert isinstance(await _alone(grant, client, text), IssuedToken)
    (adopted,) = (await grant.clients.get(client.client_id)).secrets
    await grant.secrets.retire(client.client_id, adopted.secret_id, by=ALICE)
    stored = await grant.clients.get(client.client_id)
    another = replace(adopted, secret_id="bbbbbbbb", digest=b"", foreign_hash="{SHA-256}" + "0" * 64)
    record = grant.announced[-1]
    await grant.client_store.put(replace(stored, secrets=(another,)), before=stored, record=record)

    assert INVALID_CLIENT == await issue(grant, Credentials(client, text).request())
    assert Failure.RETIRED_SECRET is grant.announced[-1].failure

"""Failed authentications in the audit trail: the reason that the answer hides."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from unittest.mock import ANY

import pytest

from grantway_server.domain.audit import CLIENT_ACTOR, AuditRecord, Failure, Kind
from grantway_server.domain.client_import import ForeignClient, Imported
from grantway_server.domain.clients import AuthMethod
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.storage.memory_audit_trail import MemoryAuditTrail
from grantway_server.storage.memory_client_store import MemoryClientStore
from tests.fakes.failing_stores import FailingAuditTrail
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import FIELDS, Credentials, Grant, issue, new_grant, register, token_of
from tests.server.domain.outcomes import INVALID_CLIENT
from tests.server.samples import NOON

_BASIC, _POST = AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST


async def _as_it_is(_grant: Grant, _credentials: Credentials) -> None:
    pass


async def _disable(grant: Grant, credentials: Credentials) -> None:
    await grant.clients.disable(credentials.client.client_id)


async def _delete(grant: Grant, credentials: Credentials) -> None:
    await grant.clients.delete(credentials.client.client_id)


async def _let_it_expire(grant: Grant, credentials: Credentials) -> None:
    await grant.rotations.rotate(credentials.client.client_id, by=ALICE, overlap=timedelta(seconds=1))
    grant.clock.advance(timedelta(seconds=1))


async def _retire(grant: Grant, credentials: Credentials) -> None:
    await grant.secrets.retire(credentials.client.client_id, credentials.client.secrets[0].secret_id, by=ALICE)


_ATTEMPTS = {
    "a wrong secret": (_as_it_is, {"client_secret": "wrong"}, Failure.WRONG_SECRET, False),
    "an unknown client": (_as_it_is, {"client_id": "svc_live_zzzzzzzzzzzzzzzz"}, Failure.UNKNOWN_CLIENT, False),
    "a deleted client": (_delete, {}, Failure.UNKNOWN_CLIENT, False),
    "a disabled client": (_disable, {}, Failure.DISABLED_CLIENT, True),
    "a disabled client and a wrong secret": (_disable, {"client_secret": "wrong"}, Failure.WRONG_SECRET, False),
    "an expired secret": (_let_it_expire, {}, Failure.EXPIRED_SECRET, True),
    "a retired secret": (_retire, {}, Failure.RETIRED_SECRET, True),
    "another method": (_as_it_is, {"auth_method": _POST}, Failure.WRONG_METHOD, True),
    "a secret of the other environment": (
        _as_it_is,
        {"client_secret": "gws_test_aaaaaaaa_"},
        Failure.WRONG_ENVIRONMENT,
        False,
    ),
    "a client of the other environment": (
        _as_it_is,
        {"client_id": "svc_test_aaaaaaaaaaaaaaaa"},
        Failure.WRONG_ENVIRONMENT,
        False,
    ),
}


async def _failures(grant: Grant) -> Sequence[AuditRecord]:
    records = (await grant.audit_trail.portion(since=None, after=b"")).items
    return [record for record in records if record.kind is Kind.AUTHENTICATION_FAILED]


@pytest.mark.parametrize(("happens", "changes", "failure", "knows"), _ATTEMPTS.values(), ids=_ATTEMPTS.keys())
async def test_a_failure_is_written_down_with_its_reason(
    happens: object,
    changes: dict[str, object],
    failure: Failure,
    knows: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    """S02: the answer is one; the trail and the log have the rest, with the secret's id where it was the right one."""
    grant = new_grant()
    credentials = await register(grant, replace(FIELDS, auth_methods=frozenset({_BASIC})))
    assert callable(happens)
    await happens(grant, credentials)

    outcome = await issue(grant, credentials.request(**({"auth_method": _BASIC, "source": "192.0.2.7"} | changes)))

    record = AuditRecord(
        at=grant.clock.now(),
        kind=Kind.AUTHENTICATION_FAILED,
        client_id=str(changes.get("client_id", credentials.client.client_id)),
        actor=CLIENT_ACTOR,
        source="192.0.2.7",
        request_id=ANY,
        failure=failure,
        secret_id=credentials.client.secrets[0].secret_id if knows else "",
        record_id=ANY,
    )
    assert outcome == INVALID_CLIENT
    assert [record] == list(await _failures(grant))
    assert replace(record, record_id="") == grant.announced[-1]


@pytest.mark.parametrize(
    "client_id",
    [
        pytest.param("{secret}", id="the-secret"),
        pytest.param("{token}", id="a-token"),
        pytest.param("gws_test_aaaaaaaa_0123456789", id="a-secret-of-the-other-environment"),
        pytest.param("no id\n", id="no-id"),
        pytest.param("x" * 200, id="something-huge"),
        pytest.param("an-old-secret", id="a-secret-of-another-system"),
        pytest.param("svc_live_aaaaaaaaaaaaaaaaa", id="one-letter-more-than-our-ids-have"),
        pytest.param("svc_test_an-old-secret", id="what-begins-like-an-id-of-the-other-environment"),
    ],
)
@pytest.mark.parametrize(
    "client_secret",
    [
        pytest.param("{client_id}", id="beside-the-id"),
        pytest.param("gws_test_aaaaaaaa_", id="beside-a-secret-of-the-other-environment"),
    ],
)
async def test_nothing_but_an_id_is_written_down_as_one(client_id: str, client_secret: str) -> None:
    """S09: people mix up the fields: a secret in the wrong one reaches neither trail nor log."""
    grant = new_grant()
    credentials = await register(grant)
    token = await token_of(grant, credentials)
    client_id = client_id.format(secret=credentials.secret, token=token)
    client_secret = client_secret.format(client_id=credentials.client.client_id)

    outcome = await issue(grant, credentials.request(client_id=client_id, client_secret=client_secret))

    assert outcome == INVALID_CLIENT
    assert [""] == [record.client_id for record in await _failures(grant)]
    assert client_id not in repr(await _failures(grant)) + repr(grant.announced)


@pytest.mark.parametrize("client_secret", ["wrong", "gws_test_aaaaaaaa_"])
async def test_an_id_that_was_imported_is_written_down(client_secret: str) -> None:
    """As long as there is such a client; after it, nobody knows whether it is an id."""
    grant = new_grant()
    foreign = ForeignClient("legacy-1", "{SHA-256}" + "0" * 64, FIELDS)
    (imported,) = await grant.imports.bring_in([foreign], by=ALICE)
    assert isinstance(imported, Imported)
    request = Credentials(imported.client, client_secret).request()

    await grant.issuance.issue_alone(request)
    await grant.clients.delete("legacy-1")
    await grant.issuance.issue_alone(request)

    assert ["legacy-1", ""] == [record.client_id for record in await _failures(grant)]


async def test_failures_beyond_the_allowance_are_written_down_too() -> None:
    """A flood of guesses is what the trail is for."""
    grant = new_grant()
    credentials = await register(grant)

    outcomes = await grant.issuance.issue([credentials.request(client_secret="wrong")] * 7)

    assert [Reason.INVALID_CLIENT] * 5 + [Reason.RATE_LIMITED] * 2 == [
        outcome.reason for outcome in outcomes if isinstance(outcome, Refusal)
    ]
    records = await _failures(grant)
    assert (7, 7) == (len(records), len({record.request_id for record in records}))


async def test_other_refusals_are_no_failed_authentications() -> None:
    """A client that is who it says and asks for too much, and a request that is none."""
    grant = new_grant()
    credentials = await register(grant)

    await grant.issuance.issue(
        [credentials.request(scope="c"), credentials.request(grant_type="password"), credentials.request(client_id="")]
    )

    assert [] == list(await _failures(grant))


class _CountingTrail(MemoryAuditTrail):
    """An `AuditTrail` in memory that writes down how many failures came together."""

    def __init__(self) -> None:
        super().__init__(MemoryClientStore())
        self.together: list[int] = []

    async def add(self, records: Sequence[AuditRecord]) -> None:
        """See `AuditTrail.add`."""
        self.together.append(len(records))
        await super().add(records)


async def test_the_failures_of_a_batch_are_written_together() -> None:
    """In one round trip; a batch without one makes none."""
    trail = _CountingTrail()
    grant = new_grant(audit_trail=trail)
    credentials = await register(grant)
    wrong = credentials.request(client_secret="wrong")

    await grant.issuance.issue([wrong, credentials.request(), wrong])
    await grant.issuance.issue([credentials.request()])

    assert [2] == trail.together


async def test_a_trail_that_fails_changes_no_answer() -> None:
    """No is no, whether it could be written down or not; the log has it, and tokens beside it are issued."""
    grant = new_grant(audit_trail=FailingAuditTrail())
    credentials = await register(grant)

    outcomes = await grant.issuance.issue([credentials.request(client_secret="wrong"), credentials.request()])

    assert [True, False] == [isinstance(outcome, Refusal) for outcome in outcomes]
    assert [(Failure.WRONG_SECRET, NOON)] == [(record.failure, record.at) for record in grant.announced[1:]]

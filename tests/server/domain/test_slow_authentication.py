"""Secrets that only another system's slow hash tells, with introspection and revocation (docs/adr/0019).

With token requests: test_client_import.py.
"""

from dataclasses import replace
from hashlib import sha256

import pytest

from grantway_server.domain.audit import Failure, Kind
from grantway_server.domain.client_import import ForeignClient, Imported
from grantway_server.domain.clients import Permission
from grantway_server.domain.introspection import ActiveToken, IntrospectionRequest
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.token_revocation import RevocationRequest
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import FIELDS, Credentials, Grant, are_active, check, register, token_of
from tests.server.domain.outcomes import INVALID_CLIENT, Said, outcome_of, said
from tests.server.samples import WELL_FORMED_TOKEN

_TEXT = "an-old-secret"
_ALONE: Said = (
    Reason.ALONE_ONLY,
    "The secret must be checked by a slow hash: send this request alone, in no batch.",
    None,
)


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    """An imported client that may introspect, of whose secret only the hash is known."""
    fields = replace(FIELDS, permissions=frozenset(Permission))
    foreign = ForeignClient("legacy-1", f"{{SHA-256}}{sha256(_TEXT.encode()).hexdigest()}", fields)
    (outcome,) = await grant.imports.bring_in([foreign], by=ALICE)
    assert isinstance(outcome, Imported)
    return Credentials(outcome.client, _TEXT)


async def test_a_batch_does_not_wait_for_it(grant: Grant, credentials: Credentials) -> None:
    """That question is refused as ALONE_ONLY, the others are answered, and no failure is counted."""
    token = await token_of(grant, await register(grant))

    refused, answered = await check(
        grant, IntrospectionRequest(token, (), credentials.presented()), IntrospectionRequest(token)
    )

    assert (_ALONE, True) == (refused, isinstance(answered, ActiveToken))
    assert [] == [record for record in grant.announced if record.failure]


async def test_a_question_alone_waits_for_it(grant: Grant, credentials: Credentials) -> None:
    """Once: from then on it is a secret like all others."""
    token = await token_of(grant, await register(grant))
    request = IntrospectionRequest(token, (), credentials.presented())

    alone = await grant.introspection.introspect_alone(request)
    (batched,) = await check(grant, request)

    assert isinstance(alone, ActiveToken)
    assert alone.token == (batched.token if isinstance(batched, ActiveToken) else batched)
    assert [Kind.SECRET_ADOPTED] == [one.kind for one in grant.announced if one.kind is Kind.SECRET_ADOPTED]


async def test_a_revocation_waits_for_it(grant: Grant, credentials: Credentials) -> None:
    """It comes alone always."""
    request = RevocationRequest(WELL_FORMED_TOKEN, credentials.presented())

    assert await outcome_of(grant.revocation.revoke_own(request)) is None
    token = await token_of(grant, credentials)
    await grant.revocation.revoke_own(replace(request, token=token))

    assert await are_active(grant, token) == [False]


async def test_a_wrong_text_is_a_wrong_secret(grant: Grant, credentials: Credentials) -> None:
    """S07: one answer, counted and written down."""
    presented = credentials.presented(client_secret="wrong")
    outcome = await grant.introspection.introspect_alone(IntrospectionRequest("x", (), presented))
    revoked = await outcome_of(grant.revocation.revoke_own(RevocationRequest("x", presented)))

    assert isinstance(outcome, Refusal)
    assert [INVALID_CLIENT] * 2 == [said(outcome), revoked]
    assert [Failure.WRONG_SECRET] * 2 == [record.failure for record in grant.announced if record.failure]

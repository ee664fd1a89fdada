"""`grantway.v1.LeakService` on the wire."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import grpc
import pytest

from grantway.errors import Refused
from grantway.v1 import audit_service_pb2 as audit
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import leak_service_pb2 as pb
from grantway.v1.token_service_pb2 import IntrospectTokenRequest, IntrospectTokenResponse, IssueTokenRequest
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.domain.checksum import with_checksum
from tests.fakes.clock import FakeClock
from tests.server.rpc.conftest import Core, running
from tests.server.samples import NOON, WELL_FORMED_TOKEN

_TOKEN, _SECRET = pb.LeakedText.KIND_ACCESS_TOKEN, pb.LeakedText.KIND_CLIENT_SECRET


@dataclass
class _Account:
    """A client with one secret and a token."""

    core: Core
    client_id: str
    secret: str
    token: str

    async def introspection(self) -> IntrospectTokenResponse:
        """What its token is."""
        return await self.core.tokens.IntrospectToken(IntrospectTokenRequest(token=self.token))


@pytest.fixture(name="account")
async def _account() -> AsyncIterator[_Account]:
    async with running(Settings(), clock=FakeClock().now) as core:
        created = await core.clients.CreateClient(
            clients.CreateClientRequest(name="Concierge", organization="acme", allowed_scopes=["b", "a"])
        )
        client_id = created.client.client_id
        issued = await core.tokens.IssueToken(
            IssueTokenRequest(
                grant_type="client_credentials", client_id=client_id, client_secret=created.client_secret, scope="a"
            )
        )
        yield _Account(core, client_id, created.client_secret, issued.access_token)


async def _inspect(core: Core, *texts: str) -> list[pb.LeakedText]:
    return list((await core.leaks.InspectLeaked(pb.InspectLeakedRequest(texts=texts))).results)


async def test_texts_are_told_apart_whole(account: _Account) -> None:
    """What each is, in their order: of live ones whose, what they could do, and until when."""
    unknown = with_checksum("gws_live_aaaaaaaa_" + "A" * 43)
    results = await _inspect(account.core, account.secret, "nonsense", account.token, unknown, WELL_FORMED_TOKEN)

    whose = {"client_id": account.client_id, "client_name": "Concierge", "organization": "acme", "live": True}
    assert [
        pb.LeakedText(kind=_SECRET, scope="a b", id=account.secret[9:17], **whose),  # type: ignore[arg-type] # By name.
        pb.LeakedText(),
        pb.LeakedText(
            kind=_TOKEN,
            scope="a",
            id=(await account.introspection()).token_id,
            expire_time=NOON + timedelta(hours=1),
            **whose,  # type: ignore[arg-type] # As above.
        ),
        pb.LeakedText(kind=_SECRET),
        pb.LeakedText(kind=_TOKEN),
    ] == results


async def test_a_secret_that_ends_says_when(account: _Account) -> None:
    """As a token does."""
    await account.core.clients.RotateSecret(clients.RotateSecretRequest(client_id=account.client_id))

    (result,) = await _inspect(account.core, account.secret)

    assert NOON + timedelta(days=7) == result.expire_time.ToDatetime(NOON.tzinfo)


@pytest.mark.parametrize("count", [0, 101])
async def test_a_list_of_a_wrong_size_is_refused(account: _Account, count: int) -> None:
    """None and more than 100 are the caller's mistake."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _inspect(account.core, *["x"] * count)

    assert str(error_of_call(caught.value)) == "INVALID_REQUEST: texts must hold 1 to 100 texts."


@pytest.mark.parametrize("what", ["token", "secret"])
async def test_a_report_ends_what_it_names(account: _Account, what: str) -> None:
    """A token, or a secret with its tokens; the answer says nothing, and a second one the same."""
    request = pb.ReportLeakedRequest(text=getattr(account, what))

    answers = [await account.core.leaks.ReportLeaked(request) for _ in range(2)]

    secret, token = await _inspect(account.core, account.secret, account.token)
    assert [pb.ReportLeakedResponse()] * 2 == answers
    assert (what == "token", False) == (secret.live, token.live)
    assert not (await account.introspection()).active


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nonsense", id="nonsense"),
        pytest.param(WELL_FORMED_TOKEN, id="a token that nobody issued"),
        pytest.param(with_checksum("gws_live_aaaaaaaa_" + "A" * 43), id="a secret that nobody has"),
        pytest.param("é" * 100_000, id="something huge"),
    ],
)
async def test_a_report_of_anything_else_says_the_same(account: _Account, text: str) -> None:
    """And ends nothing."""
    assert pb.ReportLeakedResponse() == await account.core.leaks.ReportLeaked(pb.ReportLeakedRequest(text=text))
    assert (await account.introspection()).active


@pytest.mark.parametrize(
    ("request_message", "refusal"),
    [
        pytest.param(
            pb.ReportLeakedRequest(),
            "INVALID_REQUEST: text is missing: send the token or the secret.",
            id="no text",
        ),
        pytest.param(
            pb.ReportLeakedRequest(text="x", source="x" * 65),
            "INVALID_REQUEST: source is longer than 64 characters.",
            id="a huge source",
        ),
    ],
)
async def test_a_report_that_cannot_be_is_refused(
    account: _Account, request_message: pb.ReportLeakedRequest, refusal: str
) -> None:
    """The sentence says what to change."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await account.core.leaks.ReportLeaked(request_message)

    assert refusal == str(error_of_call(caught.value))


async def test_a_report_ends_a_secret_of_another_system(account: _Account) -> None:
    """Where it says whose it is."""
    old = "an-old-secret-of-theirs"
    foreign = clients.ImportClientRequest(
        client_id="legacy-1", client={"name": "Old"}, secret_hash=f"{{SHA-256}}{sha256(old.encode()).hexdigest()}"
    )
    await account.core.clients.BatchImportClients(clients.BatchImportClientsRequest(requests=[foreign]))
    left = []
    for client_id in ("", "legacy-1"):
        await account.core.leaks.ReportLeaked(pb.ReportLeakedRequest(text=old, client_id=client_id))
        listed = await account.core.clients.ListSecrets(clients.ListSecretsRequest(client_id="legacy-1"))
        left.append(len(listed.secrets))

    assert [1, 0] == left


_ADMIN = "an admin token of the tests"
_REPORTERS: dict[str, tuple[str, bool]] = {
    "an administrator": (_ADMIN, True),
    "a wrong admin token": ("wrong", False),
    "no admin token": ("", False),
}


@pytest.mark.parametrize(("token", "is_alice"), _REPORTERS.values(), ids=_REPORTERS.keys())
async def test_a_report_bears_the_name_of_who_made_it(
    token: str,
    is_alice: bool,  # noqa: FBT001 - a row of the table.
) -> None:
    """An administrator's, and is never refused for how many there were; everybody else is nobody in particular."""
    settings = Settings.model_validate({"admin_tokens": f"alice={sha256(_ADMIN.encode()).hexdigest()}"})
    alice = (("authorization", f"Bearer {_ADMIN}"),)
    sender = (("authorization", f"Bearer {token}"),) if token else ()
    async with running(settings, clock=FakeClock().now) as core:
        created = await core.clients.CreateClient(clients.CreateClientRequest(name="Concierge"), metadata=alice)
        await core.leaks.ReportLeaked(pb.ReportLeakedRequest(text=created.client_secret), metadata=sender)
        nonsense = pb.ReportLeakedRequest(text="nonsense")
        refused = 0
        for _ in range(20):
            try:
                await core.leaks.ReportLeaked(nonsense, metadata=sender)
            except grpc.aio.AioRpcError as error:
                refused += 1
                assert grpc.StatusCode.RESOURCE_EXHAUSTED is error.code()  # noqa: PT017 - of each that is refused.
        request = audit.ReadAuditRequest(kinds=[audit.AUDIT_KIND_LEAK_REPORTED])
        records = [one async for answer in core.audit.ReadAudit(request, metadata=alice) for one in answer.records]

    assert [("alice" if is_alice else "client", "127.0.0.1")] == [(one.actor, one.source) for one in records]
    assert (0 if is_alice else 1) == refused


async def test_whoever_reports_for_themselves_is_an_administrator_where_no_actors_are_configured(
    account: _Account,
) -> None:
    """As in every other call: `local`, and as often as they must."""
    for text in ("nonsense",) * 21 + (account.secret,):
        await account.core.leaks.ReportLeaked(pb.ReportLeakedRequest(text=text))

    request = audit.ReadAuditRequest(kinds=[audit.AUDIT_KIND_LEAK_REPORTED])
    records = [one async for answer in account.core.audit.ReadAudit(request) for one in answer.records]
    assert [("local", "127.0.0.1")] == [(one.actor, one.source) for one in records]


async def test_too_many_reports_from_one_source_must_wait(account: _Account) -> None:
    """Twenty at once, then one every three seconds; another source goes on, and its report works."""
    request = pb.ReportLeakedRequest(text="nonsense", source="192.0.2.7")
    for _ in range(20):
        await account.core.leaks.ReportLeaked(request)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await account.core.leaks.ReportLeaked(request)
    await account.core.leaks.ReportLeaked(pb.ReportLeakedRequest(text=account.token, source="192.0.2.8"))

    error = error_of_call(caught.value)
    assert isinstance(error, Refused)
    assert (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED", timedelta(seconds=3)) == (
        caught.value.code(),
        error.reason_name,
        error.retry_after,
    )
    assert not (await account.introspection()).active

"""`grantway.v1.TokenService` on the wire: whole answers through a real server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from grantway.errors import Refused
from grantway.v1 import client_pb2, client_service_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway.wire_errors import error_of_call
from tests.server.rpc.conftest import Core

_REASONS = {
    "grant_type is missing": ({"grant_type": ""}, "INVALID_REQUEST: grant_type is missing: send client_credentials."),
    "client_id is missing.": ({"client_id": ""}, "INVALID_REQUEST: client_id is missing."),
    "client_secret is missing.": ({"client_secret": ""}, "INVALID_REQUEST: client_secret is missing."),
    "client_secret is too long": (
        {"client_secret": "x" * 100_000},
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
    ),
    "source is too long": ({"source": "x" * 65}, "INVALID_REQUEST: source is longer than 64 characters."),
    "the secret is wrong": (
        {"client_secret": "wrong"},
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
    ),
    "the client is unknown": (
        {"client_id": "svc_live_unknown"},
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
    ),
    "the client id is no id": (
        {"client_id": "no id\n"},
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
    ),
    "the method is not the client's": (
        {"auth_method": client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST},
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
    ),
    "the method is one of a later version": (
        {"auth_method": 99},
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
    ),
    "the grant is another": (
        {"grant_type": "password"},
        "UNSUPPORTED_GRANT_TYPE: grant_type must be client_credentials.",
    ),
    "the scope is malformed": (
        {"scope": "a  b"},
        (
            "INVALID_SCOPE: scope must be scope tokens of printable ASCII without quotes and backslashes, "
            "separated by single spaces."
        ),
    ),
    "the scope is not allowed": (
        {"scope": "c"},
        "INVALID_SCOPE: The client may not ask for this scope: ask for allowed scopes only.",
    ),
    "the audience is not allowed": (
        {"audiences": ["https://other.example.com"]},
        "INVALID_TARGET: The client may not ask for this audience: ask for a registered one.",
    ),
}


@pytest.fixture(name="credentials")
async def _credentials(core: Core) -> dict[str, str]:
    """The id and secret of a client that may ask for the scopes a and b and for one audience, by Basic."""
    created = await core.clients.CreateClient(
        client_service_pb2.CreateClientRequest(
            name="Concierge",
            organization="acme",
            allowed_scopes=["a", "b"],
            default_scopes=client_pb2.ScopeSet(scopes=["a"]),
            audiences=["https://api.example.com"],
            auth_methods=[client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC],
            token_lifetime={"seconds": 90},
        )
    )
    return {"client_id": created.client.client_id, "client_secret": created.client_secret}


def _request(credentials: dict[str, str], **fields: Any) -> pb.IssueTokenRequest:
    return pb.IssueTokenRequest(**({"grant_type": "client_credentials"} | credentials | fields))


async def test_a_token_is_issued_and_introspected(core: Core, credentials: dict[str, str]) -> None:
    """The introspection says what was granted, to whom, and from when to when."""
    before = datetime.now(UTC).replace(microsecond=0)
    issued = await core.tokens.IssueToken(_request(credentials, scope="b a", audiences=["https://api.example.com"]))
    answer = await core.tokens.IntrospectToken(pb.IntrospectTokenRequest(token=issued.access_token))

    assert (timedelta(seconds=90), "b a") == (issued.expires_in.ToTimedelta(), issued.scope)
    issue_time = answer.issue_time.ToDatetime(UTC)
    assert before <= issue_time <= datetime.now(UTC)
    assert len(answer.token_id) == 16
    assert answer.token_id not in issued.access_token
    assert 0 < answer.remaining_milliseconds <= 90_000
    expected = pb.IntrospectTokenResponse(
        active=True,
        client_id=credentials["client_id"],
        scope="b a",
        audiences=["https://api.example.com"],
        issue_time=issue_time,
        expire_time=issue_time + timedelta(seconds=90),
        token_id=answer.token_id,
        environment=client_pb2.ENVIRONMENT_LIVE,
        client_name="Concierge",
        organization="acme",
        revocation_position=answer.revocation_position,
        remaining_milliseconds=answer.remaining_milliseconds,
    )
    assert expected == answer


async def test_no_scope_asked_is_the_default_granted(core: Core, credentials: dict[str, str]) -> None:
    """RFC 6749 section 3.3: the answer says which scope it became."""
    issued = await core.tokens.IssueToken(_request(credentials))

    assert issued.scope == "a"


@pytest.mark.parametrize(("fields", "refusal"), _REASONS.values(), ids=_REASONS.keys())
async def test_a_refused_request_says_why(
    core: Core, credentials: dict[str, str], fields: dict[str, object], refusal: str
) -> None:
    """The same refusal whether the request comes alone or in a batch."""
    request = _request(credentials, **fields)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.tokens.IssueToken(request)
    batch = await core.tokens.BatchIssueTokens(pb.BatchIssueTokensRequest(requests=[request]))

    alone = error_of_call(caught.value)
    assert refusal == str(alone)
    assert isinstance(alone, Refused)
    assert (alone.reason, alone.description) == (
        batch.results[0].refusal.reason,
        batch.results[0].refusal.description,
    )


async def test_too_many_failures_are_slowed_down_and_the_right_secret_is_not(
    core: Core, credentials: dict[str, str]
) -> None:
    """After the burst a wrong secret is RATE_LIMITED with a time to wait; the right one from there still works."""
    wrong = _request(credentials, client_secret="wrong", source="192.0.2.1")
    answers = await core.tokens.BatchIssueTokens(
        pb.BatchIssueTokensRequest(requests=[wrong] * 4 + [_request(credentials, source="192.0.2.1")])
    )
    elsewhere = await core.tokens.BatchIssueTokens(
        pb.BatchIssueTokensRequest(requests=[_request(credentials, client_secret="wrong", source="192.0.2.2")])
    )

    reasons = [Refused(one.refusal.reason, "").reason_name for one in answers.results[:4]]
    assert reasons == ["INVALID_CLIENT"] * 3 + ["RATE_LIMITED"]
    assert timedelta(seconds=1) <= answers.results[3].refusal.retry_after.ToTimedelta() <= timedelta(seconds=10)
    assert answers.results[4].WhichOneof("outcome") == "token"
    assert Refused(elsewhere.results[0].refusal.reason, "").reason_name == "INVALID_CLIENT"


async def test_a_batch_answers_each_item_in_order(core: Core, credentials: dict[str, str]) -> None:
    """A refusal between two tokens touches neither."""
    batch = await core.tokens.BatchIssueTokens(
        pb.BatchIssueTokensRequest(
            requests=[
                _request(credentials, scope="a"),
                _request(credentials, scope="c"),
                _request(credentials, scope="b"),
            ]
        )
    )

    outcomes = [(one.WhichOneof("outcome"), one.token.scope) for one in batch.results]
    assert outcomes == [("token", "a"), ("refusal", ""), ("token", "b")]


@pytest.mark.parametrize(
    ("method", "request_message"),
    [
        pytest.param("BatchIssueTokens", pb.BatchIssueTokensRequest(), id="no token request"),
        pytest.param(
            "BatchIssueTokens",
            pb.BatchIssueTokensRequest(requests=[pb.IssueTokenRequest()] * 129),
            id="129 token requests",
        ),
        pytest.param("BatchIntrospectTokens", pb.BatchIntrospectTokensRequest(), id="no question"),
        pytest.param(
            "BatchIntrospectTokens",
            pb.BatchIntrospectTokensRequest(requests=[pb.IntrospectTokenRequest()] * 129),
            id="129 questions",
        ),
    ],
)
async def test_a_batch_of_a_wrong_size_is_refused(core: Core, method: str, request_message: object) -> None:
    """None and more than 128 are the caller's mistake."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getattr(core.tokens, method)(request_message)

    assert str(error_of_call(caught.value)) == "INVALID_REQUEST: A batch holds 1 to 128 requests."


async def test_a_batch_of_questions_is_answered_item_by_item(core: Core, credentials: dict[str, str]) -> None:
    """Active, inactive and unanswerable stand beside each other, in order."""
    issued = await core.tokens.IssueToken(_request(credentials))
    batch = await core.tokens.BatchIntrospectTokens(
        pb.BatchIntrospectTokensRequest(
            requests=[
                pb.IntrospectTokenRequest(token="nonsense"),
                pb.IntrospectTokenRequest(),
                pb.IntrospectTokenRequest(token=issued.access_token),
            ]
        )
    )

    malformed = pb.IntrospectTokenResponse(inactive_reason=pb.INACTIVE_REASON_MALFORMED)
    assert pb.IntrospectTokenResult(introspection=malformed) == batch.results[0]
    assert batch.results[1].refusal.description == "token is missing."
    assert batch.results[2].introspection.active


async def test_a_revoked_token_is_not_active(core: Core, credentials: dict[str, str]) -> None:
    """Revoking it again is no error, and its neighbour lives on."""
    tokens = [(await core.tokens.IssueToken(_request(credentials))).access_token for _ in range(2)]

    for _ in range(2):
        assert pb.RevokeTokenResponse() == await core.tokens.RevokeToken(pb.RevokeTokenRequest(token=tokens[0]))

    answers = [await core.tokens.IntrospectToken(pb.IntrospectTokenRequest(token=token)) for token in tokens]
    assert [answer.active for answer in answers] == [False, True]


@pytest.mark.parametrize("method", ["IntrospectToken", "RevokeToken"])
async def test_a_question_without_a_token_is_refused(core: Core, method: str) -> None:
    """An empty token is a mistake of the caller, not a token that is not active."""
    request = pb.IntrospectTokenRequest() if method == "IntrospectToken" else pb.RevokeTokenRequest()

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getattr(core.tokens, method)(request)

    assert str(error_of_call(caught.value)) == "INVALID_REQUEST: token is missing."


@pytest.mark.parametrize("method", ["DisableClient", "DeleteClient"])
async def test_a_client_that_is_ended_gets_nothing_and_its_tokens_die(
    core: Core, credentials: dict[str, str], method: str
) -> None:
    """S03: at once, in every call that takes a credential or a token."""
    token = (await core.tokens.IssueToken(_request(credentials))).access_token
    request_type = getattr(client_service_pb2, f"{method}Request")

    await getattr(core.clients, method)(request_type(client_id=credentials["client_id"]))

    batch = await core.tokens.BatchIssueTokens(pb.BatchIssueTokensRequest(requests=[_request(credentials)]))
    question = pb.IntrospectTokenRequest(token=token)
    answers = await core.tokens.BatchIntrospectTokens(pb.BatchIntrospectTokensRequest(requests=[question]))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.tokens.IssueToken(_request(credentials))
    assert str(error_of_call(caught.value)).startswith("INVALID_CLIENT")
    assert Refused(batch.results[0].refusal.reason, "").reason_name == "INVALID_CLIENT"
    assert not (await core.tokens.IntrospectToken(question)).active
    assert not answers.results[0].introspection.active

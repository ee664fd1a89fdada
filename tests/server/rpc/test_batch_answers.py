"""The answers to batches, as messages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, InactiveReason, InactiveToken
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.token_owners import Standing, TokenOwner
from grantway_server.domain.tokens import MAX_LIFETIME, TOKEN_ID_LENGTH, Token
from grantway_server.rpc.batch_answers import fill_introspection_results, fill_issue_results
from grantway_server.rpc.convert_tokens import fill_introspection
from tests.server.samples import NOON, a_client, a_token

_SECRET_ENDS = datetime(2030, 1, 1, tzinfo=UTC)
_MANY_SCOPES = tuple(f"scope:{number:03}" for number in range(100))


def _issued(
    text: str, *, scopes: Sequence[str] = ("read",), hours: int = 1, ends: datetime | None = None
) -> IssuedToken:
    token = Token("svc_live_a", 1, NOON, timedelta(hours=hours), tuple(scopes), (), "secret")
    return IssuedToken(text, token, "127.0.0.1", ends)


def _told(text: str, *, scope: str = "read", hours: int = 1, ends: datetime | None = None) -> pb.IssueTokenResult:
    result = pb.IssueTokenResult()
    result.token.access_token = text
    result.token.expires_in.FromTimedelta(timedelta(hours=hours))
    result.token.scope = scope
    if ends is not None:
        result.token.secret_expire_time.FromDatetime(ends)
    return result


_REFUSED = Refusal(Reason.INVALID_SCOPE, "no")
_TOLD_REFUSED = pb.IssueTokenResult(
    refusal=refusal_pb2.Refusal(reason=error_reason_pb2.ERROR_REASON_INVALID_SCOPE, description="no")
)


@pytest.mark.parametrize("response", [pb.BatchIssueTokensResponse(), pb.StreamIssueTokensResponse()])
@pytest.mark.parametrize(
    ("outcomes", "results"),
    [
        pytest.param([], [], id="no request"),
        pytest.param([_issued("a" * 64), _issued("b" * 64)], [_told("a" * 64), _told("b" * 64)], id="two alike"),
        pytest.param(
            [_issued("a", hours=2), _issued("b", scopes=()), _issued("c", scopes=("read", "write")), _issued("d")],
            [_told("a", hours=2), _told("b", scope=""), _told("c", scope="read write"), _told("d")],
            id="each with its own lifetime and scope",
        ),
        pytest.param(
            [_issued("a" * 64, scopes=_MANY_SCOPES), _issued("a" * 300)],
            [_told("a" * 64, scope=" ".join(_MANY_SCOPES)), _told("a" * 300)],
            id="so long that their length takes more than a byte",
        ),
        pytest.param(
            [_issued("a"), _issued("b", ends=_SECRET_ENDS), _REFUSED, _issued("c")],
            [_told("a"), _told("b", ends=_SECRET_ENDS), _TOLD_REFUSED, _told("c")],
            id="a secret that ends soon and a refusal among them",
        ),
    ],
)
def test_each_request_gets_its_own_answer_in_order(
    response: pb.BatchIssueTokensResponse | pb.StreamIssueTokensResponse,
    outcomes: Sequence[IssuedToken | Refusal],
    results: Sequence[pb.IssueTokenResult],
) -> None:
    """Whatever its neighbours get."""
    filled = type(response)()
    fill_issue_results(filled, outcomes)
    assert type(response)(results=results) == filled


_OWNER = TokenOwner("svc_live_a", "Order Portal", "acme", Standing(disabled=False, min_epoch=1, revocations=()), b"1")
_NAMES = st.text(max_size=200)
_OWNERS = st.builds(replace, st.just(_OWNER), name=_NAMES, organization=_NAMES)
_TOKENS = st.builds(
    Token,
    client_id=st.just("svc_live_a"),
    epoch=st.integers(min_value=1, max_value=9),
    issued_at=st.sampled_from([NOON, NOON - timedelta(seconds=1), datetime(2106, 2, 7, tzinfo=UTC)]),
    lifetime=st.sampled_from([timedelta(seconds=1), timedelta(hours=1), MAX_LIFETIME]),
    scopes=st.sampled_from([(), ("read",), _MANY_SCOPES]),
    audiences=st.sampled_from([(), ("https://api.example.com",), ("a" * 2048, "b" * 2048)]),
)
_ACTIVE = st.builds(
    ActiveToken,
    token_id=st.text("0123456789abcdef", min_size=TOKEN_ID_LENGTH, max_size=TOKEN_ID_LENGTH),
    token=_TOKENS,
    owner=_OWNERS,
    position=st.sampled_from([b"", b"\0" * 12, b"1700000000000-0:abcdefgh"]),
    now=st.sampled_from([NOON, NOON + timedelta(microseconds=1), NOON + timedelta(minutes=59)]),
)
_INACTIVE = st.builds(
    InactiveToken, reason=st.sampled_from([None, *InactiveReason]), position=st.sampled_from([b"", b"1"])
)


def _introspected(outcome: ActiveToken | InactiveToken | Refusal, environment: Environment) -> pb.IntrospectTokenResult:
    if isinstance(outcome, Refusal):
        return pb.IntrospectTokenResult(refusal=_TOLD_REFUSED.refusal)
    result = pb.IntrospectTokenResult()
    fill_introspection(result.introspection, outcome, environment)
    return result


@pytest.mark.parametrize("response", [pb.BatchIntrospectTokensResponse, pb.StreamIntrospectTokensResponse])
@given(
    outcomes=st.lists(st.one_of(_ACTIVE, _INACTIVE, st.just(_REFUSED)), max_size=5),
    environment=st.sampled_from(Environment),
)
def test_each_question_of_a_batch_is_answered_as_it_is_alone(
    response: type[pb.BatchIntrospectTokensResponse | pb.StreamIntrospectTokensResponse],
    outcomes: list[ActiveToken | InactiveToken | Refusal],
    environment: Environment,
) -> None:
    """In order, whatever its neighbours get, and however long: pieces put together are the message filled in."""
    for _ in range(2):  # The second time what is told of owners is there.
        filled = response()
        fill_introspection_results(filled, outcomes, environment)
        assert response(results=[_introspected(one, environment) for one in outcomes]) == filled


def test_an_owner_is_told_of_as_it_is_at_its_version() -> None:
    """What was told of it before a change is told no more."""
    before = a_client("one", name="before", version=b"1")
    told = []
    for client in (before, before, replace(before, name="after", version=b"2")):
        response = pb.BatchIntrospectTokensResponse()
        outcome = ActiveToken("0" * TOKEN_ID_LENGTH, a_token("one"), client.as_owner, b"", NOON)
        fill_introspection_results(response, [outcome], Environment.LIVE)
        told.append(response.results[0].introspection.client_name)
    assert ["before", "before", "after"] == told

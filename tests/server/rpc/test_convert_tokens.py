"""The answers to a batch of token requests, as messages."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.tokens import Token
from grantway_server.rpc.convert_tokens import fill_issue_results
from tests.server.samples import NOON

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

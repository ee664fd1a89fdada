"""Answers to batches, put together from encoded pieces: encoded messages, one after the other, are one message.

Most answers of a batch are alike but for a few fields, and what they have in common is encoded once. To fill messages
in field by field, as `convert_tokens` does for answers to one, takes a multiple of the time, for every token.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.audiences import Audiences
from grantway_server.domain.environment import Environment
from grantway_server.domain.introspection import ActiveToken, InactiveToken
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.ports import EncodedPosition
from grantway_server.domain.refusals import Refusal
from grantway_server.domain.scopes import Scopes
from grantway_server.domain.token_owners import Standing, TokenOwner
from grantway_server.domain.tokens import TOKEN_ID_LENGTH, Token
from grantway_server.domain.whole_seconds import EPOCH
from grantway_server.rpc.convert_tokens import fill_introspection, fill_token
from grantway_server.rpc.status import refusal_message

# A field of text or of a message is its number and kind, its length, and its bytes.
_RESULT = b"%c" % (pb.BatchIntrospectTokensResponse.RESULTS_FIELD_NUMBER << 3 | 2)
_INTROSPECTION = b"%c" % (pb.IntrospectTokenResult.INTROSPECTION_FIELD_NUMBER << 3 | 2)
_TOKEN_ID = b"%c%c" % (pb.IntrospectTokenResponse.TOKEN_ID_FIELD_NUMBER << 3 | 2, TOKEN_ID_LENGTH)
_FLAG = 0x80
"""Of a byte of a length that more bytes follow."""
_NOBODY = TokenOwner("", "", "", Standing(disabled=False, min_epoch=0, revocations=()), b"")


def fill_issue_results(
    response: pb.BatchIssueTokensResponse | pb.StreamIssueTokensResponse, outcomes: Iterable[IssuedToken | Refusal]
) -> None:
    """The answers to a batch of token requests."""
    encoded: list[bytes] = []
    for outcome in outcomes:
        if isinstance(outcome, IssuedToken) and outcome.secret_expires_at is None:
            access_token = outcome.access_token.encode("ascii")
            before, after = _around(len(access_token), outcome.token.lifetime, outcome.token.scopes)
            encoded += (before, access_token, after)
        else:
            encoded.append(_issue_batch_of_one(outcome))
    response.MergeFromString(b"".join(encoded))


@lru_cache(maxsize=1024)  # Clients ask for the same again and again.
def _around(length: int, lifetime: timedelta, scopes: Scopes) -> tuple[bytes, bytes]:
    """What is before and after an access token of this *length* in the encoded answer to a batch of one."""
    token = Token("", 0, EPOCH, lifetime, scopes, ())
    before, _, after = _issue_batch_of_one(IssuedToken("\0" * length, token, "")).partition(bytes(length))
    return before, after


def _issue_batch_of_one(outcome: IssuedToken | Refusal) -> bytes:
    """The encoded answer to a batch of one, by either call: both have their results under the same number."""
    response = pb.BatchIssueTokensResponse()
    result = response.results.add()
    if isinstance(outcome, Refusal):
        result.refusal.CopyFrom(refusal_message(outcome))
    else:
        fill_token(result.token, outcome)
    return response.SerializeToString()


def fill_introspection_results(
    response: pb.BatchIntrospectTokensResponse | pb.StreamIntrospectTokensResponse,
    outcomes: Sequence[ActiveToken | InactiveToken | Refusal],
    environment: Environment,
) -> None:
    """The answers to a batch of questions."""
    of_owners = [
        (outcome.owner.told or _tell_of(outcome.owner)) if isinstance(outcome, ActiveToken) else b""
        for outcome in outcomes
    ]
    # All lengths in a row: where clients are many, the processor waits for several of them at once, and not for each.
    lengths = list(map(len, of_owners))
    encoded: list[bytes] = []
    for outcome, of_owner, length in zip(outcomes, of_owners, lengths, strict=True):
        if isinstance(outcome, ActiveToken):
            token = outcome.token
            granted = token.issued_at, token.lifetime, token.scopes, token.audiences
            in_common = _in_common(granted, outcome.now, outcome.position, environment)
            before = _before(length + len(in_common) + TOKEN_ID_LENGTH)
            encoded += (before, of_owner, in_common, outcome.token_id.encode("ascii"))
        else:
            encoded.append(_introspection_batch_of_one(outcome, environment))
    response.MergeFromString(b"".join(encoded))


def _tell_of(owner: TokenOwner) -> bytes:
    """The fields about the *owner* of a token; they are kept, for the next one."""
    about = pb.IntrospectTokenResponse(
        client_id=owner.client_id, client_name=owner.name, organization=owner.organization
    )
    owner.told = about.SerializeToString()
    return owner.told


@lru_cache(maxsize=256)  # Of the batches that are under way. Audiences may take kilobytes.
def _in_common(
    granted: tuple[datetime, timedelta, Scopes, Audiences],
    now: datetime,
    position: EncodedPosition,
    environment: Environment,
) -> bytes:
    """The fields that tokens *granted* alike have in common, up to where the id of the token follows."""
    token = Token("", 0, *granted)
    message = pb.IntrospectTokenResponse()
    fill_introspection(message, ActiveToken("", token, _NOBODY, position, now), environment)
    return message.SerializeToString() + _TOKEN_ID


@lru_cache(maxsize=1024)  # Most are of few lengths.
def _before(length: int) -> bytes:
    """What is before *length* bytes of an introspection's encoded fields in the answer to a batch of one."""
    introspection = _INTROSPECTION + _varint(length)
    return _RESULT + _varint(len(introspection) + length) + introspection


def _varint(number: int) -> bytes:
    """*number* as protobuf has it: seven bits a byte, the last ones first, and a flag on all bytes but the last."""
    encoded = bytearray()
    while number >= _FLAG:
        encoded.append(number % _FLAG | _FLAG)
        number //= _FLAG
    encoded.append(number)
    return bytes(encoded)


def _introspection_batch_of_one(outcome: InactiveToken | Refusal, environment: Environment) -> bytes:
    """As `_issue_batch_of_one`."""
    response = pb.BatchIntrospectTokensResponse()
    result = response.results.add()
    if isinstance(outcome, Refusal):
        result.refusal.CopyFrom(refusal_message(outcome))
    else:
        fill_introspection(result.introspection, outcome, environment)
    return response.SerializeToString()

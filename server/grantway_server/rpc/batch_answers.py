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
from grantway_server.rpc.convert_tokens import fill_introspection, fill_moments, fill_owner, fill_token, milliseconds
from grantway_server.rpc.status import refusal_message

# A field of text or of a message is its number and kind, its length, and its bytes.
_RESULT = b"%c" % (pb.BatchIntrospectTokensResponse.RESULTS_FIELD_NUMBER << 3 | 2)
_INTROSPECTION = b"%c" % (pb.IntrospectTokenResult.INTROSPECTION_FIELD_NUMBER << 3 | 2)
_TOKEN_ID = b"%c%c" % (pb.IntrospectTokenResponse.TOKEN_ID_FIELD_NUMBER << 3 | 2, TOKEN_ID_LENGTH)
_REMAINING = b"%c" % (pb.IntrospectTokenResponse.REMAINING_MILLISECONDS_FIELD_NUMBER << 3)
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
    # All owners in a row: where they are many, the processor waits for several of them at once, and not for each.
    of_owners = [
        (outcome.owner.told or _tell_of(outcome.owner)) if isinstance(outcome, ActiveToken) else b""
        for outcome in outcomes
    ]
    encoded: list[bytes] = []
    for outcome, of_owner in zip(outcomes, of_owners, strict=True):
        if isinstance(outcome, ActiveToken):
            token = outcome.token
            moments, expires_at = _moments(token.issued_at, token.lifetime)
            remaining = _remaining(expires_at - milliseconds(outcome.now))
            in_common = _in_common(token.scopes, token.audiences, outcome.position, environment)
            before = _before(len(of_owner) + len(moments) + len(remaining) + len(in_common) + TOKEN_ID_LENGTH)
            encoded += (before, of_owner, moments, remaining, in_common, outcome.token_id.encode("ascii"))
        else:
            encoded.append(_introspection_batch_of_one(outcome, environment))
    response.MergeFromString(b"".join(encoded))


def _tell_of(owner: TokenOwner) -> bytes:
    """The fields about the *owner* of a token; they are kept, for the next one."""
    about = pb.IntrospectTokenResponse()
    fill_owner(about, owner)
    owner.told = about.SerializeToString()
    return owner.told


@lru_cache(maxsize=8192)  # Tokens of two hours, 3 MB.
def _moments(issued_at: datetime, lifetime: timedelta) -> tuple[bytes, int]:
    """The fields about when a token was issued and expires; when it expires, in milliseconds."""
    message = pb.IntrospectTokenResponse()
    fill_moments(message, issued_at, lifetime)
    return message.SerializeToString(), 1000 * message.expire_time.seconds


def _remaining(left: int) -> bytes:
    """The field about how long a token is *left*, in milliseconds: another number each time, so it is not remembered.

    In five bytes of seven bits, which is more than a year, though fewer might do: nobody sees it, for what is put
    together is read and written once more.
    """
    if not 0 <= left < 1 << 35:
        return _REMAINING + _varint(left % (1 << 64))
    return bytes(
        (
            _REMAINING[0],
            left & 127 | 128,
            left >> 7 & 127 | 128,
            left >> 14 & 127 | 128,
            left >> 21 & 127 | 128,
            left >> 28,
        )
    )


@lru_cache(maxsize=256)  # Audiences may take kilobytes.
def _in_common(scopes: Scopes, audiences: Audiences, position: EncodedPosition, environment: Environment) -> bytes:
    """The fields that tokens for the same have in common, up to where the id of the token follows."""
    token = Token("", 0, EPOCH, timedelta(), scopes, audiences)
    message = pb.IntrospectTokenResponse()
    fill_introspection(message, ActiveToken("", token, _NOBODY, position, EPOCH), environment)
    for told_apart in ("issue_time", "expire_time", "remaining_milliseconds"):
        message.ClearField(told_apart)
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

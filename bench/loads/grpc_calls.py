"""gRPC calls by h2load: prebuilt bodies, so that the caller costs next to nothing."""

import json
import math
import re
from abc import abstractmethod
from pathlib import Path

import grpc
from google.protobuf.message import Message

from bench.figures import percentile
from bench.loads.load import Command, Load, LoadError, LoadFigures
from bench.stages.stage import SCOPE, Stage
from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc as rpc

MANY_TOKENS = 128
"""How many different tokens are checked in turn."""

_TIMEOUT_SECONDS = 10
_FINISHED = re.compile(r"^finished in (?P<seconds>[\d.]+)(?P<unit>ms|s|us),", re.MULTILINE)
_DATA = re.compile(r"^traffic: .*\((?P<bytes>\d+)\) data$", re.MULTILINE)
_REQUESTS = re.compile(r"^requests: .* (?P<succeeded>\d+) succeeded, (?P<failed>\d+) failed", re.MULTILINE)
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_OK_STATUS = "200"
_FRAME_BYTES = 5


def framed(message: Message) -> bytes:
    """A message as it goes over HTTP/2: not compressed, length, bytes."""
    body = message.SerializeToString()
    return b"\0" + len(body).to_bytes(4, "big") + body


def issue_request(stage: Stage) -> pb.IssueTokenRequest:
    """What every caller asks for."""
    return pb.IssueTokenRequest(
        grant_type="client_credentials",
        client_id=stage.client.client_id,
        client_secret=stage.client.client_secret,
        scope=SCOPE,
    )


def issue_tokens(stage: Stage, count: int) -> list[str]:
    """Tokens of the stage's client.

    Raises:
        LoadError: There are none to be had.
    """
    request = pb.BatchIssueTokensRequest(requests=[issue_request(stage)] * count)
    with grpc.insecure_channel(stage.core) as channel:
        try:
            response = rpc.TokenServiceStub(channel).BatchIssueTokens(request, timeout=_TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            msg = f"the core issues no tokens: {error}"
            raise LoadError(msg) from None
    for result in response.results:
        if result.WhichOneof("outcome") != "token":
            msg = f"the core refused: {result.refusal.description}"
            raise LoadError(msg)
    return [result.token.access_token for result in response.results]


def check_introspection(stage: Stage) -> None:
    """Asks about a new token.

    Raises:
        LoadError: It is not active.
    """
    (token,) = issue_tokens(stage, 1)
    with grpc.insecure_channel(stage.core) as channel:
        request = pb.IntrospectTokenRequest(token=token)
        if not rpc.TokenServiceStub(channel).IntrospectToken(request, timeout=_TIMEOUT_SECONDS).active:
            msg = "a new token is not active"
            raise LoadError(msg)


class GrpcLoad(Load):
    """One method of `TokenService` over one connection.

    h2load does not look at `grpc-status`, and an error is HTTP status 200 without a message. So the same call is made
    once before, its answer is read, and h2load must have received as many bytes as that many such answers are.

    Args:
        batched: One call at a time with as many items as tokens are wanted at any moment, instead of one call each.
    """

    method: str

    def __init__(self, *, batched: bool) -> None:
        self._batched = batched

    @abstractmethod
    def _body(self, stage: Stage, items: int) -> Message:
        """The message to send."""

    @abstractmethod
    def _is_success(self, answer: bytes) -> bool:
        """Whether the message that came back grants or knows every token."""

    def tokens_per_request(self, concurrency: int) -> int:
        """See `Load`."""
        return concurrency if self._batched else 1

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """See `Load`."""
        path = f"/grantway.v1.TokenService/{self.method}"
        message = self._body(stage, concurrency)
        with grpc.insecure_channel(stage.core) as channel:
            try:
                # Not read by a stub: how many bytes it is matters too.
                call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(path)
                answer = call(message.SerializeToString(), timeout=_TIMEOUT_SECONDS)
            except grpc.RpcError as error:
                msg = f"{self.method} fails: {error}"
                raise LoadError(msg) from None
        if not self._is_success(answer):
            msg = f"{self.method} refuses"
            raise LoadError(msg)
        body, log = scratch / "body", scratch / "calls.tsv"
        body.write_bytes(framed(message))
        log.unlink(missing_ok=True)
        streams = 1 if self._batched else concurrency
        expected = {"bytes_per_answer": len(answer) + _FRAME_BYTES, "under_way": streams}
        (scratch / "expected.json").write_text(json.dumps(expected))
        words = ["h2load", "--clients", "1", "--max-concurrent-streams", str(streams)]
        words += ["--duration", f"{seconds * 1e3:.0f}ms", "--data", str(body), "--log-file", str(log)]
        words += ["--header", "content-type: application/grpc", "--header", "te: trailers"]
        return Command([*words, f"http://{stage.core}{path}"])

    def figures(self, output: str, scratch: Path) -> LoadFigures:
        """See `Load`."""
        requests, finished, data = _REQUESTS.search(output), _FINISHED.search(output), _DATA.search(output)
        if requests is None or finished is None or data is None:
            msg = f"h2load said: {output}"
            raise LoadError(msg)
        milliseconds: list[float] = []
        refused = 0
        with (scratch / "calls.tsv").open() as log:  # Start in us since 1970, HTTP status, latency in us.
            for line in log:
                _start, status, microseconds = line.split("\t")
                refused += status != _OK_STATUS
                milliseconds.append(int(microseconds) / 1e3)
        milliseconds.sort()
        succeeded = int(requests["succeeded"])
        expected = json.loads((scratch / "expected.json").read_text())
        return LoadFigures(
            requests=succeeded,
            seconds=float(finished["seconds"]) * _SECONDS[finished["unit"]],
            p50_ms=percentile(milliseconds, 50),
            p99_ms=percentile(milliseconds, 99),
            failures=int(requests["failed"]) + refused + other_answers(int(data["bytes"]), succeeded, **expected),
        )


def other_answers(received: int, answers: int, *, bytes_per_answer: int, under_way: int) -> int:
    """How many answers were not as long as they should be, at least.

    Args:
        received: All bytes of all answers.
        answers: How many came.
        bytes_per_answer: How long each should be.
        under_way: So many more may have come in part.
    """
    least, most = answers * bytes_per_answer, (answers + under_way) * bytes_per_answer
    return math.ceil(max(least - received, received - most, 0) / bytes_per_answer)


class IssueCalls(GrpcLoad):
    """`IssueToken`, or `BatchIssueTokens`."""

    def __init__(self, *, batched: bool) -> None:
        super().__init__(batched=batched)
        self.method = "BatchIssueTokens" if batched else "IssueToken"

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        issue_tokens(stage, 1)

    def _body(self, stage: Stage, items: int) -> Message:
        request = issue_request(stage)
        return pb.BatchIssueTokensRequest(requests=[request] * items) if self._batched else request

    def _is_success(self, answer: bytes) -> bool:
        if not self._batched:
            return bool(pb.IssueTokenResponse.FromString(answer).access_token)
        return all(result.token.access_token for result in pb.BatchIssueTokensResponse.FromString(answer).results)


class IntrospectCalls(GrpcLoad):
    """`IntrospectToken` of one token, or `BatchIntrospectTokens` of different ones."""

    issues_tokens = False

    def __init__(self, *, batched: bool) -> None:
        super().__init__(batched=batched)
        self.method = "BatchIntrospectTokens" if batched else "IntrospectToken"

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        check_introspection(stage)

    def _body(self, stage: Stage, items: int) -> Message:
        questions = [pb.IntrospectTokenRequest(token=token) for token in issue_tokens(stage, items)]
        return pb.BatchIntrospectTokensRequest(requests=questions) if self._batched else questions[0]

    def _is_success(self, answer: bytes) -> bool:
        if not self._batched:
            return pb.IntrospectTokenResponse.FromString(answer).active
        results = pb.BatchIntrospectTokensResponse.FromString(answer).results
        return all(result.introspection.active for result in results)

"""gRPC calls by h2load: prebuilt bodies, so that the caller costs next to nothing."""

import re
from abc import abstractmethod
from pathlib import Path

import grpc
from google.protobuf.message import Message

from bench.figures import percentile
from bench.loads.load import Command, Load, LoadError, LoadFigures
from bench.stage import SCOPE, Stage
from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc as rpc

_TIMEOUT_SECONDS = 10
_FINISHED = re.compile(r"^finished in (?P<seconds>[\d.]+)(?P<unit>ms|s|us),", re.MULTILINE)
_REQUESTS = re.compile(r"^requests: .* (?P<succeeded>\d+) succeeded, (?P<failed>\d+) failed", re.MULTILINE)
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_OK_STATUS = "200"


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

    h2load does not look at `grpc-status`: `check` does before, and for tokens the count in the store does after.

    Args:
        batched: One call at a time with as many items as tokens are wanted at any moment, instead of one call each.
    """

    method: str

    def __init__(self, *, batched: bool) -> None:
        self._batched = batched

    @abstractmethod
    def _body(self, stage: Stage, items: int) -> Message:
        """The message to send."""

    def tokens_per_request(self, concurrency: int) -> int:
        """See `Load`."""
        return concurrency if self._batched else 1

    def command(self, stage: Stage, *, concurrency: int, seconds: int, scratch: Path) -> Command:
        """See `Load`."""
        body = scratch / "body"
        body.write_bytes(framed(self._body(stage, concurrency)))
        log = scratch / "calls.tsv"
        log.unlink(missing_ok=True)
        words = ["h2load", "--clients", "1", "--max-concurrent-streams", "1" if self._batched else str(concurrency)]
        words += ["--duration", str(seconds), "--data", str(body), "--log-file", str(log)]
        words += ["--header", "content-type: application/grpc", "--header", "te: trailers"]
        return Command([*words, f"http://{stage.core}/grantway.v1.TokenService/{self.method}"])

    def figures(self, output: str, scratch: Path) -> LoadFigures:
        """See `Load`."""
        requests, finished = _REQUESTS.search(output), _FINISHED.search(output)
        if requests is None or finished is None:
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
        return LoadFigures(
            requests=int(requests["succeeded"]),
            seconds=float(finished["seconds"]) * _SECONDS[finished["unit"]],
            p50_ms=percentile(milliseconds, 50),
            p99_ms=percentile(milliseconds, 99),
            failures=int(requests["failed"]) + refused,
        )


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

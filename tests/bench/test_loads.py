"""Generating load, and reading what the generators say."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bench.loads.grpc_calls import IntrospectCalls, IssueCalls, framed, other_answers
from bench.loads.http import HttpLoad
from bench.loads.load import Command, Load, LoadError, LoadFigures, run
from bench.loads.sdk import SdkLoad
from bench.stages.stage import SCOPE, Credentials, Stage
from grantway.v1 import token_service_pb2 as pb
from grantway.v1.client_service_pb2 import DisableClientRequest
from tests.deployment import Deployment

_H2LOAD = """\
finished in 2.00s, 2100.50 req/s, 500.00KB/s
requests: 4201 total, 4202 started, 4201 done, 4200 succeeded, 1 failed, 1 errored, 0 timeout
status codes: 4200 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 598.32KB (612680) total, 188.40KB (192922) headers (space savings 95.25%), 410.16KB (420000) data
"""


@pytest.fixture(name="scratch")
def _scratch(tmp_path: Path) -> Path:
    """What h2load and the call before it leave."""
    (tmp_path / "calls.tsv").write_text("1\t200\t400\n2\t200\t200\n3\t503\t300\n")
    (tmp_path / "expected.json").write_text('{"bytes_per_answer": 100, "under_way": 2}')
    return tmp_path


def test_wrk_findings_are_the_last_line(tmp_path: Path) -> None:
    """Before it stands what wrk tells a person."""
    line = '{"requests": 100, "microseconds": 2000000, "p50_us": 1500, "p99_us": 9000, "non_2xx": 3, "broken": 2}'
    figures = HttpLoad().figures(f"Running 2s test\n  1 threads\n{line}\n", tmp_path)
    assert (figures.requests, figures.seconds, figures.p50_ms, figures.p99_ms) == (100, 2.0, 1.5, 9.0)
    assert figures.failures == 5


def test_h2load_latencies_come_from_its_log(scratch: Path) -> None:
    """Its summary has no percentiles; a status that is not 200 is a failure too."""
    figures = IssueCalls(batched=False).figures(_H2LOAD, scratch)
    assert (figures.requests, figures.seconds, figures.p50_ms, figures.failures) == (4200, 2.0, 0.3, 2)


@pytest.mark.parametrize(
    ("received", "others"),
    [
        pytest.param(1000, 0, id="ten answers as they should be"),
        pytest.param(1150, 0, id="and parts of the two that were under way"),
        pytest.param(400, 6, id="six errors, which have no message"),
        pytest.param(995, 1, id="one answer is a little shorter: the token is not active"),
        pytest.param(1201, 1, id="one is longer: a refusal with many words"),
    ],
)
def test_answers_of_another_length_are_failures(received: int, others: int) -> None:
    """An error of gRPC is HTTP status 200, and h2load counts a success."""
    assert other_answers(received, 10, bytes_per_answer=100, under_way=2) == others


@pytest.fixture(name="stage")
def _stage(deployment: Deployment) -> Stage:
    """Grantway as it runs in all tests, with a client of its own."""
    client = deployment.create_client(scopes=[SCOPE])
    return Stage(
        [],
        token_url=f"{deployment.http_url}/oauth/token",
        core=deployment.grpc_target,
        client=Credentials(client.client_id, client.client_secret),
    )


def _loaded(load: Load, stage: Stage, scratch: Path) -> LoadFigures:
    command = load.command(stage, concurrency=4, seconds=0.3, scratch=scratch)
    return load.figures(run(command, min(os.sched_getaffinity(0)), 0.3), scratch)


@pytest.mark.parametrize(
    ("load", "program"),
    [
        pytest.param(HttpLoad(), "wrk", id="a form over HTTP"),
        pytest.param(IssueCalls(batched=True), "h2load", id="batches over gRPC"),
        pytest.param(IntrospectCalls(batched=False), "h2load", id="checks over gRPC"),
        pytest.param(SdkLoad("issue"), "python3", id="tokens by the SDK"),
        pytest.param(SdkLoad("introspect"), "python3", id="checks by the SDK"),
    ],
)
def test_a_generator_takes_the_time_that_it_is_given(load: Load, program: str, stage: Stage, tmp_path: Path) -> None:
    """A part of a second too. Each is the program that the bench uses, on the real Grantway."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    load.check(stage)
    figures = _loaded(load, stage, tmp_path)
    assert figures.failures == 0
    assert figures.requests > 4
    assert 0.2 < figures.seconds < 2
    assert 0 < figures.p50_ms <= figures.p99_ms


@pytest.mark.skipif(not shutil.which("h2load"), reason="h2load, of Debian's nghttp2-client, is not installed")
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in batches"])
def test_a_token_that_is_no_longer_active_is_a_failure_of_h2load(
    deployment: Deployment, stage: Stage, tmp_path: Path, *, batched: bool
) -> None:
    """It was, a moment before. All answers are HTTP status 200, and their length tells."""
    load = IntrospectCalls(batched=batched)
    command = load.command(stage, concurrency=4, seconds=0.3, scratch=tmp_path)
    deployment.clients.DisableClient(DisableClientRequest(client_id=stage.client.client_id), timeout=5)
    figures = load.figures(run(command, min(os.sched_getaffinity(0)), 0.3), tmp_path)
    assert figures.requests > 0
    assert figures.failures > figures.requests / 2


def test_a_generator_that_fails_says_why(tmp_path: Path, stage: Stage) -> None:
    """Before its prompt or after."""
    nobody = replace(stage, core="127.0.0.1:1")
    with pytest.raises(LoadError, match="issues no tokens"):
        _loaded(SdkLoad("introspect"), nobody, tmp_path)
    with pytest.raises(LoadError, match="no such thing"):
        run(Command(["sh", "-c", "echo no such thing >&2; exit 3"], prompted=True), min(os.sched_getaffinity(0)), 1)
    with pytest.raises(LoadError, match="no such thing"):
        run(Command(["sh", "-c", "echo no such thing >&2; exit 3"]), min(os.sched_getaffinity(0)), 1)


def test_h2load_that_says_something_else_is_an_error(tmp_path: Path) -> None:
    """No figures are made up."""
    with pytest.raises(LoadError, match="cannot connect"):
        IssueCalls(batched=False).figures("cannot connect", tmp_path)


def test_a_batch_holds_as_many_tokens_as_are_wanted_at_once() -> None:
    """One call of 32, not 32 calls."""
    assert IssueCalls(batched=True).tokens_per_request(32) == 32
    assert IssueCalls(batched=False).tokens_per_request(32) == 1


def test_a_grpc_message_is_framed() -> None:
    """A flag, the length in four bytes, the message."""
    assert framed(pb.IntrospectTokenRequest(token="abc")) == b"\0\0\0\0\5\n\3abc"

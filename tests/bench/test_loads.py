"""Reading what load generators say."""

from pathlib import Path

import pytest

from bench.loads.grpc_calls import IssueCalls, framed
from bench.loads.http import HttpLoad
from bench.loads.load import LoadError
from grantway.v1 import token_service_pb2 as pb

_H2LOAD = """\
finished in 2.00s, 2100.50 req/s, 500.00KB/s
requests: 4201 total, 4202 started, 4201 done, 4200 succeeded, 1 failed, 1 errored, 0 timeout
status codes: 4200 2xx, 0 3xx, 0 4xx, 0 5xx
"""


def test_wrk_findings_are_the_last_line(tmp_path: Path) -> None:
    """Before it stands what wrk tells a person."""
    line = '{"requests": 100, "microseconds": 2000000, "p50_us": 1500, "p99_us": 9000, "non_2xx": 3, "broken": 2}'
    figures = HttpLoad().figures(f"Running 2s test\n  1 threads\n{line}\n", tmp_path)
    assert (figures.requests, figures.seconds, figures.p50_ms, figures.p99_ms) == (100, 2.0, 1.5, 9.0)
    assert figures.failures == 5


def test_h2load_latencies_come_from_its_log(tmp_path: Path) -> None:
    """Its summary has no percentiles; a status that is not 200 is a failure too."""
    (tmp_path / "calls.tsv").write_text("1\t200\t400\n2\t200\t200\n3\t503\t300\n")
    figures = IssueCalls(batched=False).figures(_H2LOAD, tmp_path)
    assert (figures.requests, figures.seconds, figures.p50_ms, figures.failures) == (4200, 2.0, 0.3, 2)


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

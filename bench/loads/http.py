"""Requests over HTTP, by wrk: one thread, keep-alive connections, one request at a time on each."""

import http.client
import json
import secrets
from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from bench.loads.grpc_calls import MANY_TOKENS, issue_tokens
from bench.loads.load import Command, Load, LoadError, LoadFigures
from bench.stages.stage import SCOPE, Credentials, Stage

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_SCRIPT = Path(__file__).with_name("token.lua")
_TIMEOUT_SECONDS = 60


class WrkLoad(Load):
    """`POST` of prepared bodies.

    Args:
        media_type: Of the bodies.
        in_turn: Whether each request takes the next body; else one at random.
    """

    def __init__(self, media_type: str, *, in_turn: bool) -> None:
        self._media_type = media_type
        self._in_turn = in_turn

    @abstractmethod
    def url(self, stage: Stage) -> str:
        """Where they go."""

    @abstractmethod
    def bodies(self, stage: Stage) -> str:
        """All of them, a line each."""

    @abstractmethod
    def is_wanted(self, answer: str) -> bool:
        """Whether the body of an answer is what a good one is."""

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        url = urlsplit(self.url(stage))
        assert url.hostname
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=_TIMEOUT_SECONDS)
        body = self.bodies(stage).partition("\n")[0]
        connection.request("POST", url.path, body, {"Content-Type": self._media_type})
        response = connection.getresponse()
        answer = response.read().decode(errors="replace")
        connection.close()
        if response.status != http.client.OK or not self.is_wanted(answer):
            msg = f"{url.path} answered {response.status}: {answer[:500]}"
            raise LoadError(msg)

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """See `Load`."""
        # wrk knows whole seconds only, but ends as well when it is interrupted.
        words = ["timeout", "--preserve-status", "--signal", "INT", str(seconds), "wrk", "--threads", "1"]
        words += ["--connections", str(concurrency), "--duration", f"{int(seconds) + _TIMEOUT_SECONDS}s"]
        words += ["--timeout", f"{_TIMEOUT_SECONDS}s", "--script", str(_SCRIPT), self.url(stage)]
        bodies = scratch / "bodies"
        bodies.write_text(self.bodies(stage))
        env = {
            "BENCH_BODIES": str(bodies),
            "BENCH_CONTENT_TYPE": self._media_type,
            "BENCH_SEED": str(secrets.randbits(31)),
        }
        return Command(words, env | ({"BENCH_IN_TURN": "1"} if self._in_turn else {}))

    def figures(self, output: str, scratch: Path) -> LoadFigures:  # noqa: ARG002 - wrk leaves no files.
        """See `Load`."""
        found = json.loads(output.splitlines()[-1])
        return LoadFigures(
            requests=found["requests"],
            seconds=found["microseconds"] / 1e6,
            p50_ms=found["p50_us"] / 1e3,
            p99_ms=found["p99_us"] / 1e3,
            failures=found["non_2xx"] + found["broken"],
        )


class HttpLoad(WrkLoad):
    """The client credentials grant (RFC 6749 section 4.4.2), the client's secret in the body.

    Args:
        media_type: `FORM` or `JSON`.
        clients: Who asks, each request another at random; none for the stage's own client.
        in_turn: Whether they ask one after the other instead.
    """

    def __init__(self, media_type: str = FORM, clients: Sequence[Credentials] = (), *, in_turn: bool = False) -> None:
        super().__init__(media_type, in_turn=in_turn)
        self._clients = clients

    def url(self, stage: Stage) -> str:
        """See `WrkLoad`."""
        return stage.token_url

    def bodies(self, stage: Stage) -> str:
        """See `WrkLoad`."""
        return self._of_clients if self._clients else self._body(stage.client)

    def is_wanted(self, answer: str) -> bool:
        """See `WrkLoad`."""
        return "access_token" in answer

    def _body(self, client: Credentials) -> str:
        fields = {
            "grant_type": "client_credentials",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "scope": SCOPE,
        }
        return (urlencode(fields) if self._media_type == FORM else json.dumps(fields)) + "\n"

    @cached_property
    def _of_clients(self) -> str:
        """Of 100,000 they are not written anew each time."""
        return "".join(map(self._body, self._clients))


class HttpIntrospection(WrkLoad):
    """Questions about live tokens (RFC 7662 section 2.1), one after the other, the client's secret in the body."""

    issues_tokens = False

    def __init__(self) -> None:
        super().__init__(FORM, in_turn=True)

    def url(self, stage: Stage) -> str:
        """See `WrkLoad`."""
        return urljoin(stage.token_url, "introspect")

    def bodies(self, stage: Stage) -> str:
        """See `WrkLoad`."""
        caller = {"client_id": stage.client.client_id, "client_secret": stage.client.client_secret}
        return "".join(f"{urlencode({'token': token, **caller})}\n" for token in issue_tokens(stage, MANY_TOKENS))

    def is_wanted(self, answer: str) -> bool:
        """See `WrkLoad`."""
        return '"active":true' in answer.replace(" ", "")

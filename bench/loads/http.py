"""Token requests over HTTP, by wrk: one thread, keep-alive connections, one request at a time on each."""

import http.client
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.loads.load import Command, Load, LoadError, LoadFigures
from bench.stage import SCOPE, Credentials, Stage

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_SCRIPT = Path(__file__).with_name("token.lua")
_TIMEOUT_SECONDS = 60


class HttpLoad(Load):
    """`POST` of the client credentials grant (RFC 6749 section 4.4.2), the client's secret in the body.

    Args:
        media_type: `FORM` or `JSON`.
        clients: Who asks, each request another at random; none for the stage's own client.
        in_turn: Whether they ask one after the other instead.
    """

    def __init__(self, media_type: str = FORM, clients: Sequence[Credentials] = (), *, in_turn: bool = False) -> None:
        self._media_type = media_type
        self._clients = clients
        self._in_turn = in_turn

    def _body(self, client: Credentials) -> str:
        fields = {
            "grant_type": "client_credentials",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "scope": SCOPE,
        }
        return urlencode(fields) if self._media_type == FORM else json.dumps(fields)

    @cached_property
    def _bodies(self) -> str:
        """Of all clients: of 100,000 they are not written anew each time."""
        return "".join(f"{self._body(client)}\n" for client in self._clients)

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        url = urlsplit(stage.token_url)
        assert url.hostname
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=_TIMEOUT_SECONDS)
        connection.request("POST", url.path, self._body(stage.client), {"Content-Type": self._media_type})
        response = connection.getresponse()
        answer = response.read().decode(errors="replace")
        connection.close()
        if response.status != http.client.OK or "access_token" not in answer:
            msg = f"the token endpoint answered {response.status}: {answer[:500]}"
            raise LoadError(msg)

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """See `Load`."""
        # wrk knows whole seconds only, but ends as well when it is interrupted.
        words = ["timeout", "--preserve-status", "--signal", "INT", str(seconds), "wrk", "--threads", "1"]
        words += ["--connections", str(concurrency), "--duration", f"{int(seconds) + _TIMEOUT_SECONDS}s"]
        words += ["--timeout", f"{_TIMEOUT_SECONDS}s", "--script", str(_SCRIPT), stage.token_url]
        bodies = scratch / "bodies"
        bodies.write_text(self._bodies if self._clients else self._body(stage.client) + "\n")
        env = {"BENCH_BODIES": str(bodies), "BENCH_CONTENT_TYPE": self._media_type}
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

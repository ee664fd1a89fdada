"""Calls of a Python service through `grantway.TokenClient` or `grantway.TokenVerifier`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.loads.grpc_calls import MANY_TOKENS, check_introspection, issue_tokens
from bench.loads.load import Command, Load, LoadFigures
from bench.stages.stage import SCOPE, Stage

_WARM_UP_SECONDS = 0.5
"""In its own process, after which it waits for its prompt."""


class SdkLoad(Load):
    """Tasks of one event loop that issue or check tokens, each one after the other.

    Args:
        method: "issue", "introspect", or "verify", which holds no answers.
        tokens: Which tokens are checked, in turn; none for some new ones.
    """

    def __init__(self, method: str, tokens: Sequence[str] = ()) -> None:
        self._method = method
        self._tokens = tokens
        self.issues_tokens = method == "issue"

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        check_introspection(stage)

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """See `Load`."""
        words = [sys.executable, "-m", "bench.loads.sdk_caller", self._method, stage.core]
        tokens = scratch / "tokens"
        if not self.issues_tokens:
            tokens.write_text("\n".join(self._tokens or issue_tokens(stage, MANY_TOKENS)))
        env = {
            "BENCH_CLIENT_ID": stage.client.client_id,
            "BENCH_CLIENT_SECRET": stage.client.client_secret,
            "BENCH_SCOPE": SCOPE,
            "BENCH_TOKENS": str(tokens),
        }
        return Command([*words, str(concurrency), str(seconds), str(_WARM_UP_SECONDS)], env, prompted=True)

    def figures(self, output: str, scratch: Path) -> LoadFigures:  # noqa: ARG002 - it leaves no files.
        """See `Load`."""
        return LoadFigures(**json.loads(output))

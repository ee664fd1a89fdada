"""What a load generator is to the bench."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.cores import pinned
from bench.processes import ROOT
from bench.stage import Stage

_OVERTIME_SECONDS = 120
"""How long a generator may take beyond its time: the slowest system answers 128 requests in 30 s."""


class LoadError(Exception):
    """A load generator failed, or said what cannot be understood."""


@dataclass(frozen=True, slots=True)
class Command:
    """A generator, ready to run.

    Attributes:
        words: The program and its arguments.
        env: What its environment has beyond the bench's.
    """

    words: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """What a generator saw.

    Attributes:
        requests: How many answers came.
        seconds: In what time.
        p50_ms: Half of the answers came within this.
        p99_ms: All but one in a hundred came within this.
        failures: Answers that were no success, and requests that got no answer.
    """

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failures: int


class Load(ABC):
    """A kind of request."""

    issues_tokens = True
    """Whether every successful request leaves tokens in the store."""

    def tokens_per_request(self, concurrency: int) -> int:  # noqa: ARG002 - batches depend on it.
        """How many tokens one request gets or checks."""
        return 1

    @abstractmethod
    def check(self, stage: Stage) -> None:
        """Makes one request and reads the answer.

        Raises:
            LoadError: It is not the one that is wanted.
        """

    @abstractmethod
    def command(self, stage: Stage, *, concurrency: int, seconds: int, scratch: Path) -> Command:
        """The generator for *concurrency* tokens wanted at any moment; prepares what it needs."""

    @abstractmethod
    def figures(self, output: str, scratch: Path) -> LoadFigures:
        """What the generator found, from what it printed and from the files that it left."""


def run(command: Command, core: int, seconds: int) -> str:
    """Runs a generator on *core*; what it printed.

    Raises:
        LoadError: It failed or did not end.
    """
    done = subprocess.run(
        [*pinned(list(command.words), core)],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **command.env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds + _OVERTIME_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        msg = f"{command.words[0]} failed: {done.stderr or done.stdout}"
        raise LoadError(msg)
    return done.stdout

"""What a load generator is to the bench."""

import os
import select
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.stages.cores import pinned
from bench.stages.processes import ROOT
from bench.stages.stage import Stage

_OVERTIME_SECONDS = 120
"""How long a generator may take beyond its time: the slowest system answers 128 requests in 30 s."""


READY = "ready"
"""What a prompted generator says, in a line of its own."""


class LoadError(Exception):
    """A load generator failed, or said what cannot be understood."""


@dataclass(frozen=True, slots=True)
class Command:
    """A generator, ready to run.

    Attributes:
        words: The program and its arguments.
        env: What its environment has beyond the bench's.
        prompted: Whether it warms itself and the system up, says `READY` and waits for a line before it begins.
    """

    words: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    prompted: bool = False


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
    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """The generator for *concurrency* tokens wanted at any moment; prepares what it needs."""

    @abstractmethod
    def figures(self, output: str, scratch: Path) -> LoadFigures:
        """What the generator found, from what it printed and from the files that it left."""


class Generator:
    """A generator on its core. One that wants a prompt is ready when this has been made; another one starts at `run`.

    Args:
        command: What it is.
        core: Where it runs.

    Raises:
        LoadError: It does not get ready.
    """

    def __init__(self, command: Command, core: int) -> None:
        self._command = command
        self._core = core
        self._process = self._start() if command.prompted else None
        if self._process and self._process.stdout:
            ready, _, _ = select.select([self._process.stdout], [], [], _OVERTIME_SECONDS)
            if not ready or self._process.stdout.readline().strip() != READY:
                self._kill(self._process)
                self._fail(*self._process.communicate())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it, if it has not ended."""
        if self._process and self._process.poll() is None:
            self._kill(self._process)
            with suppress(ValueError):  # Its pipes may be closed.
                self._process.communicate()

    def run(self, seconds: float) -> str:
        """Lets it do its work, which takes *seconds*; what it printed.

        Raises:
            LoadError: It failed or did not end.
        """
        self._process = self._process or self._start()
        try:
            output, errors = self._process.communicate("\n", timeout=seconds + _OVERTIME_SECONDS)
        except subprocess.TimeoutExpired:
            msg = f"{self._command.words[0]} does not end"
            raise LoadError(msg) from None
        if self._process.returncode != 0:
            self._fail(output, errors)
        return output

    @staticmethod
    def _kill(process: subprocess.Popen[str]) -> None:
        """Its children too: they would go on, and hold its output open."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # Its own session, so its own group.

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            pinned(list(self._command.words), self._core),
            cwd=ROOT,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", **self._command.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _fail(self, output: str, errors: str) -> None:
        msg = f"{self._command.words[0]} failed: {errors or output}"
        raise LoadError(msg)


def run(command: Command, core: int, seconds: float) -> str:
    """Runs a generator on *core*; what it printed.

    Raises:
        LoadError: It failed or did not end.
    """
    with Generator(command, core) as generator:
        return generator.run(seconds)

"""Grantway's programs as processes: with the settings that a test gives and no other, found by what they log."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from grantway.cli.tether import tethered

PROGRAMS = Path(sys.executable).parent
"""Where they are installed."""

_START_SECONDS = 20


def environment(**variables: str) -> dict[str, str]:
    """This environment without Grantway's variables and without those of a `make` above us, plus *variables*."""
    ours = ("GRANTWAY_", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | variables


def free_ports(count: int) -> list[int]:
    """So many ports of the loopback interface that were free a moment ago."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


class Ended(NamedTuple):
    """How a program ended, and what it wrote."""

    exit_code: int
    output: str
    errors: str

    @property
    def events(self) -> list[str]:
        """What it logged: the event of each line. Nothing else is ever on standard error."""
        return [json.loads(line)["event"] for line in self.errors.splitlines()]


class Program:
    """A running program.

    Attributes:
        process: The same, to be sent signals to and waited for.
    """

    def __init__(self, process: "subprocess.Popen[str]", errors: Path) -> None:
        self.process = process
        self._errors = errors

    def errors(self) -> str:
        """What it has written to standard error so far."""
        return self._errors.read_text()

    def address(self) -> str:
        """Where it listens, once it logs that it has started."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            # Of a line that is being written only a part may be there.
            for line in self.errors().rpartition("\n")[0].splitlines():
                if (entry := json.loads(line))["event"].endswith(" started"):
                    return f"{entry['host']}:{entry['port']}"
            time.sleep(0.01)
        raise AssertionError(f"it did not start: {self.errors()}")

    def end(self, seconds: float = 10) -> Ended:
        """Waits for its end, which somebody has brought about."""
        output, _ = self.process.communicate(timeout=seconds)
        return Ended(self.process.returncode, output, self.errors())


@contextmanager
def running(program: str, **variables: str) -> Iterator[Program]:
    """A program of Grantway with those *variables*, for as long as the context lasts; then it is killed.

    What it writes to standard error goes to a file: a pipe that nobody reads would stop it one day.
    """
    with (
        tempfile.NamedTemporaryFile() as errors,
        subprocess.Popen(
            tethered([str(PROGRAMS / program)]),
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Program(process, Path(errors.name))
        finally:
            process.kill()

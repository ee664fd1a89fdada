"""Programs under measurement: started on their core, waited for, read, stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.stages import procfs
from bench.stages.cores import pinned

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

_START_SECONDS = 30
_STOP_SECONDS = 10
_POLL_SECONDS = 0.02
_LOG_TAIL_CHARACTERS = 2000


class ProcessError(Exception):
    """A program did not start, or ended when it should not have."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a program and its children have used so far.

    Attributes:
        pids: The processes that it consisted of.
        cpu_nanoseconds: The CPU time of each.
    """

    pids: frozenset[int]
    cpu_nanoseconds: int


class Process:
    """A program on a core of its own choosing, with its children.

    Args:
        name: What it is to the system: "core", "gateway", "store", "app".
        command: The program and its arguments.
        core: Where it runs.
        log: Where its output goes.
        env: What its environment has beyond this process's.
        cwd: Where it runs; the repository when it does not matter.
    """

    def __init__(  # noqa: PLR0913 - a process has that many properties.
        self,
        name: str,
        command: list[str],
        *,
        core: int,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                pinned(command, core),
                cwd=cwd,
                env={**_clean_environment(), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_for_port(self, port: int) -> None:
        """Returns once the program listens on *port* of the loopback interface."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._popen.poll() is not None:
                break
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(_POLL_SECONDS)
        self._fail(f"{self.name} does not listen")

    def usage(self) -> Usage:
        """What it has used so far."""
        if self._popen.poll() is not None:
            self._fail(f"{self.name} ended with code {self._popen.returncode}")
        pids = procfs.tree(self._popen.pid)
        return Usage(pids, sum(procfs.cpu_nanoseconds(pid) for pid in pids))

    def resident_mib(self) -> float:
        """How much memory it holds."""
        return procfs.resident_mib_of(procfs.tree(self._popen.pid))

    def stop(self) -> None:
        """Ends it and all its children."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, how)  # Its own session, so its own group.
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(_STOP_SECONDS)
                return

    def _fail(self, why: str) -> None:
        tail = self._log.read_text(errors="replace")[-_LOG_TAIL_CHARACTERS:]
        msg = f"{why}; its last words:\n{tail}"
        raise ProcessError(msg)


def _clean_environment() -> dict[str, str]:
    """This process's environment without settings of Grantway: everything runs with its defaults."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GRANTWAY_")}


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

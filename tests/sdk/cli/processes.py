"""Real processes of Grantway, and what became of them."""

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.programs import PROGRAMS, environment, free_ports

NAMES = frozenset({"grantway-server", "grantway-gateway", "valkey-server"})
"""What a `grantway dev` runs."""


def dev_ports() -> dict[str, str]:
    """Variables that name two ports that were free a moment ago."""
    http, grpc = free_ports(2)
    return {"GRANTWAY_HTTP_PORT": str(http), "GRANTWAY_GRPC_PORT": str(grpc)}


def children(parent: int) -> dict[str, int]:
    """The process ids of the children of *parent* by the names of their programs."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        # It may end while we look.
        with suppress(OSError):
            state, its_parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(its_parent) == parent and state != "Z":
                command = (process / "cmdline").read_text()
                found[next((name for name in NAMES if name in command), command)] = int(process.name)
    return found


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is not just waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_open(pid: int, path: Path) -> None:
    """Waits until the process *pid* has *path* open; fails after five seconds."""
    deadline = time.monotonic() + 5
    while True:
        # A descriptor may be closed while we look.
        with suppress(OSError):
            if any(file.readlink() == path for file in Path(f"/proc/{pid}/fd").iterdir()):
                return
        assert time.monotonic() < deadline, f"{pid} does not open {path}"
        time.sleep(0.01)


def wait_until_gone(pids: Mapping[str, int]) -> None:
    """Waits until none of *pids* runs any more; fails after five seconds."""
    deadline = time.monotonic() + 5
    while left := [name for name, pid in pids.items() if is_running(pid)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.01)


@dataclass(frozen=True)
class Dev:
    """A `grantway dev` that has printed its banner."""

    process: "subprocess.Popen[str]"
    directory: Path
    banner: str

    @property
    def curl(self) -> str:
        """The line to paste."""
        (line,) = (line for line in self.banner.splitlines() if line.startswith("curl "))
        return line

    @property
    def variables(self) -> dict[str, str]:
        """What `.grantway/dev.env` says."""
        return self.variables_in(".grantway/dev.env")

    def variables_in(self, file: str) -> dict[str, str]:
        """What *file* says."""
        lines = (self.directory / file).read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def port(self) -> str:
        """Where its gateway listens."""
        return self.curl.removesuffix("/oauth/token").rpartition(":")[2]

    def paste_curl(self) -> str:
        """What the banner's line prints when a shell runs it."""
        return subprocess.run(self.curl, shell=True, check=True, capture_output=True, text=True, timeout=10).stdout  # noqa: S602 - that is the point.

    def finish(self, stop: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Stops it; the answer is the exit code and what it printed after its banner."""
        self.process.send_signal(stop)
        output, errors = self.process.communicate(timeout=15)
        return self.process.returncode, output, errors


@contextmanager
def dev_process(directory: Path, *arguments: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """A `grantway dev` in *directory*, in a process group of its own, as it starts."""
    with subprocess.Popen(
        [str(PROGRAMS / "grantway"), "dev", *arguments],
        cwd=directory,
        env=environment(**(dev_ports() | variables)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        umask=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def running_dev(directory: Path, *arguments: str, **variables: str) -> Iterator[Dev]:
    """A `grantway dev` in *directory*, from its banner on."""
    with dev_process(directory, *arguments, **variables) as process:
        yield Dev(process, directory, read_banner(process))


def read_banner(process: "subprocess.Popen[str]") -> str:
    """What a `grantway dev` prints until it is ready."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("curl "):
        line = process.stdout.readline()
        assert line, process.stderr and process.stderr.read()
        lines.append(line)
    lines.append(process.stdout.readline())
    return "".join(lines)

"""A process of our own: started tied to our life, and stopped within a bound."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grantway.cli.tether import tethered


@dataclass(frozen=True, slots=True)
class Child:
    """A process and what people call it."""

    name: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def running(  # noqa: PLR0913 - what a process is started with.
    name: str,
    command: Sequence[str],
    *,
    stop_seconds: float,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    output: IO[bytes] | None = None,
    keep_open: Sequence[int] = (),
) -> Iterator[Child]:
    """Runs *command* for as long as the context lasts; then SIGTERM and, after *stop_seconds*, SIGKILL.

    Args:
        name: What people call it.
        command: An absolute path and its arguments.
        stop_seconds: How long it may take to stop.
        environ: Its environment; ours when not given.
        directory: Its working directory; ours when not given. Files that it makes are for the owner alone.
        output: Where its output goes; where ours goes when not given.
        keep_open: Descriptors that it inherits.
    """
    process = subprocess.Popen(  # noqa: S603 - no shell; the callers name the program.
        tethered(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=environ,
        cwd=directory,
        pass_fds=keep_open,
        umask=0o077,
    )
    try:
        yield Child(name, process)
    finally:
        process.terminate()
        try:
            process.wait(stop_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

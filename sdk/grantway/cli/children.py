"""A process of our own: started tied to our life, and stopped within a bound."""

import signal
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grantway.cli.tether import tethered

_TERMINAL_SIGNALS = frozenset({signal.SIGINT, signal.SIGHUP})
"""What a terminal sends to all processes of its group: Ctrl-C was pressed, or the terminal is gone."""


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
    stop: Callable[[], None] | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    output: IO[bytes] | None = None,
    keep_open: Sequence[int] = (),
) -> Iterator[Child]:
    """Runs *command* for as long as the context lasts; then asks it to stop and, after *stop_seconds*, kills it.

    A terminal sends its signals to every process of the group at once, but it is the parent who knows in which order
    things stop: Ctrl-C does not reach the process, nor does the end of the terminal.

    Args:
        name: What people call it.
        command: An absolute path and its arguments.
        stop_seconds: How long it may take to stop.
        stop: Asks it to stop. When not given: SIGTERM. When given, SIGTERM does not reach the process either.
        environ: Its environment; ours when not given.
        directory: Its working directory; ours when not given.
        output: Where its output goes; where ours goes when not given.
        keep_open: Descriptors that it inherits.
    """
    with _held_back(_TERMINAL_SIGNALS if stop is None else _TERMINAL_SIGNALS | {signal.SIGTERM}):
        process = subprocess.Popen(  # noqa: S603 - no shell; the callers name the program.
            tethered(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environ,
            cwd=directory,
            pass_fds=keep_open,
            # Whatever files it makes are for the owner alone.
            umask=0o077,
        )
    try:
        yield Child(name, process)
    finally:
        if process.poll() is None:
            (stop or process.terminate)()
        try:
            process.wait(stop_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _held_back(signals: Collection[signal.Signals]) -> Iterator[None]:
    """Blocks *signals*, for ever, in the processes that are started inside, whatever handlers those install.

    (A blocked signal stays blocked across exec. An ignored one would not: servers install handlers of their own.)
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

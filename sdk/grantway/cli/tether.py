"""Ties a program to the process that starts it: when that process dies, even by SIGKILL, so does the program.

    python tether.py PARENT_PID PROGRAM [ARGUMENT...]

arms the tie and then *becomes* the program (exec: same process id, same process group). This is a program of its own
because the alternative, `preexec_fn`, runs Python between fork and exec, which is unsafe beside gRPC's threads.

Only the standard library is imported, and the file is run by its path: `python -m` would import the package above it,
gRPC included, for every child.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""

_EXIT_CANNOT_EXECUTE = 126
"""What a shell answers when a program is there but cannot be run."""


def tethered(command: Sequence[str]) -> list[str]:
    """The command that runs *command*, an absolute path and its arguments, tied to the calling process.

    Linux ties it to the calling *thread*: start it from a thread that lives as long as the program is wanted. Where the
    system has no such tie (macOS) the program simply runs.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def _die_with_parent() -> None:
    if not sys.platform.startswith("linux"):
        return
    # SIGKILL and not SIGTERM: nobody is left to see that a stuck program goes.
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "cannot tie the program to its parent")


def main(arguments: Sequence[str]) -> None:
    """Becomes the program that *arguments* name, or exits when the parent is already gone."""
    parent, program = int(arguments[0]), list(arguments[1:])
    try:
        _die_with_parent()
        if os.getppid() != parent:  # It died before the tie was armed.
            sys.exit(0)
        os.execv(program[0], program)  # noqa: S606 - no shell is wanted; the caller names the program.
    except OSError as error:
        sys.stderr.write(f"grantway: cannot run {program[0]}: {error.strerror}\n")
        sys.exit(_EXIT_CANNOT_EXECUTE)


if __name__ == "__main__":
    main(sys.argv[1:])

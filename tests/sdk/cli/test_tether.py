"""The tie between a program and the process that starts it."""

import signal
import subprocess
import sys
import time

import pytest

from grantway.cli import tether
from grantway.cli.tether import tethered
from tests.sdk.cli.processes import is_running, wait_until_gone

_SLEEP = [sys.executable, "-S", "-c", "import time; print('ready', flush=True); time.sleep(60)"]
_PARENT = f"""
import subprocess, sys, time
from grantway.cli.tether import tethered
child = subprocess.Popen(tethered({_SLEEP!r}), stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have no such tie")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_dies_with_its_parent(end: signal.Signals) -> None:
    """However the parent dies."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.send_signal(end)

    wait_until_gone({"child": pid})


def test_a_program_whose_parent_is_gone_does_not_start() -> None:
    """The parent may die before the tie is armed."""
    process = subprocess.run(
        [sys.executable, tether.__file__, "1", sys.executable, "-c", "print('started')"],
        check=False,
        capture_output=True,
        text=True,
        timeout=10,
    )

    assert (0, "", "") == (process.returncode, process.stdout, process.stderr)


def test_a_program_is_the_process_that_was_started() -> None:
    """No process stands between: its id, its output and its exit code are the program's."""
    program = [sys.executable, "-c", "import os, sys; print(os.getpid(), sys.argv[1:]); sys.exit(7)", "a b", ""]
    with subprocess.Popen(tethered(program), stdout=subprocess.PIPE, text=True) as process:
        output, _ = process.communicate(timeout=10)

    assert (7, f"{process.pid} ['a b', '']\n") == (process.returncode, output)


def test_a_program_that_cannot_be_run_is_one_line() -> None:
    """And the exit code that a shell has for it."""
    process = subprocess.run(tethered(["/nowhere"]), check=False, capture_output=True, text=True, timeout=10)

    assert (126, "grantway: cannot run /nowhere: No such file or directory\n") == (process.returncode, process.stderr)


def test_the_tie_costs_little() -> None:
    """It imports neither gRPC nor anything else that is not needed."""
    started = time.monotonic()
    subprocess.run(tethered([sys.executable, "-S", "-c", ""]), check=True, timeout=10)

    assert time.monotonic() - started < 1

"""Reading the kernel's accounts."""

import os
import subprocess
import sys
import time

import pytest

from bench.stages import procfs
from bench.stages.procfs import CoreTime

_STAT = """\
cpu  300 0 60 900 0 3 6 9 0 0
cpu0 100 0 20 300 0 1 2 3 0 0
cpu1 200 10 40 600 50 2 4 6 0 0
intr 12345
"""


def test_a_program_name_may_hold_anything() -> None:
    """The fields are counted from the last parenthesis."""
    assert procfs.parent_of("42 (evil) S 1) name) S 17 42 42 0 -1") == 17


def test_resident_memory_is_read_in_mib() -> None:
    """The kernel says kB and means KiB."""
    assert procfs.resident_mib("Name:\tx\nVmRSS:\t  2048 kB\nThreads:\t1\n") == 2.0


def test_a_process_that_ends_holds_nothing() -> None:
    """A zombie has no VmRSS line."""
    assert procfs.resident_mib("Name:\tx\nState:\tZ (zombie)\n") == 0.0


def test_a_core_is_busy_with_everything_but_waiting() -> None:
    """Idle and iowait are left out, and what the hypervisor stole counts for itself."""
    assert CoreTime.parse(_STAT, 1, ticks_per_second=100) == CoreTime(busy_seconds=2.56, stolen_seconds=0.06)


def test_an_unknown_core_is_an_error() -> None:
    """Not a core that is never busy."""
    with pytest.raises(ValueError, match="no core 7"):
        CoreTime.parse(_STAT, 7, ticks_per_second=100)


def test_a_tree_holds_children_and_their_time() -> None:
    """The CPU time of a child that spins is found within the tree of its parent, to the millisecond."""
    spin = "import time\nwhile time.process_time() < 0.2: pass\ninput()"
    with subprocess.Popen([sys.executable, "-c", spin], stdin=subprocess.PIPE) as child:
        assert child.pid in procfs.tree(os.getpid())
        deadline = time.monotonic() + 30
        while procfs.cpu_nanoseconds(child.pid) < 200_000_000:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        child.communicate(b"\n")

"""What the Linux kernel knows of processes and cores."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_KIB_PER_MIB = 1024
_SCHEDULER_CLOCK = 2
"""CPUCLOCK_SCHED: time on a CPU by the scheduler's own account, in nanoseconds."""


def cpu_nanoseconds(pid: int) -> int:
    """CPU time of a process so far: all its threads, ended ones too, in user and kernel mode.

    /proc/PID/stat counts the same time but in ticks of 10 ms, and /proc/PID/schedstat counts the main thread only.
    """
    clock = (~pid << 3) | _SCHEDULER_CLOCK  # What clock_getcpuclockid(3) computes.
    return time.clock_gettime_ns(clock)


def parent_of(stat: str) -> int:
    """The parent in the text of a /proc/PID/stat. The program's name may hold spaces and parentheses."""
    return int(stat.rpartition(")")[2].split()[1])


def resident_mib(status: str) -> float:
    """The resident set in the text of a /proc/PID/status; 0 for a process that is ending."""
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / _KIB_PER_MIB
    return 0.0


def tree(root: int) -> frozenset[int]:
    """*root* and all its descendants."""
    children: dict[int, list[int]] = {}
    for directory in _PROC.glob("[0-9]*"):
        try:
            stat = (directory / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):  # Ended between the listing and the look.
            continue
        children.setdefault(parent_of(stat), []).append(int(directory.name))
    found: set[int] = set()
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting.extend(children.get(pid, ()))
    return frozenset(found)


def resident_mib_of(pids: Iterable[int]) -> float:
    """The resident sets of some processes, added up: pages that they share count for each of them."""
    return sum(resident_mib((_PROC / str(pid) / "status").read_text()) for pid in pids)


@dataclass(frozen=True, slots=True)
class CoreTime:
    """How long a core was busy since boot, whoever kept it so.

    Attributes:
        busy_seconds: Time in processes, the kernel and interrupts.
        stolen_seconds: Time in which the hypervisor ran somebody else.
    """

    busy_seconds: float
    stolen_seconds: float

    @classmethod
    def now(cls, core: int) -> Self:
        """The account of *core*."""
        return cls.parse((_PROC / "stat").read_text(), core, os.sysconf("SC_CLK_TCK"))

    @classmethod
    def parse(cls, stat: str, core: int, ticks_per_second: int) -> Self:
        """The account of *core* in the text of a /proc/stat."""
        for line in stat.splitlines():
            name, *fields = line.split()
            if name == f"cpu{core}":
                user, nice, system, _idle, _iowait, irq, softirq, steal, *_guests = map(int, fields)
                busy = user + nice + system + irq + softirq
                return cls(busy / ticks_per_second, steal / ticks_per_second)
        msg = f"the kernel knows no core {core}"
        raise ValueError(msg)

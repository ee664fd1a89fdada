"""Which core the measured processes run on and which one the load, and how to start a process there."""

import os
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Cores:
    """Two different cores.

    Attributes:
        system: The core of every measured process.
        load: The core of the load generator and of the bench itself.
    """

    system: int
    load: int

    @classmethod
    def choose(cls) -> Self:
        """The last two cores that this process may use: core 0 is where a kernel likes to serve its interrupts.

        Raises:
            SystemExit: There is one core only.
        """
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:  # noqa: PLR2004 - two cores, as it says.
            msg = "The bench needs two cores: one for the system, one for the load."
            raise SystemExit(msg)
        return cls(system=usable[-1], load=usable[-2])


def pinned(command: list[str], core: int) -> list[str]:
    """The command that runs *command* and all its children on *core*, and ends it when the bench ends."""
    return ["setpriv", "--pdeathsig", "TERM", "--", "taskset", "--cpu-list", str(core), *command]

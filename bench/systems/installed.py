"""Which systems can run here."""

from collections.abc import Sequence

from rich.console import Console

from bench.stages.install import install_peer
from bench.systems.system import System


def runnable(systems: Sequence[System], console: Console) -> list[System]:
    """Those of *systems* whose programs are here, after installing what can be."""
    usable: dict[str, bool] = {}
    for system in systems:
        if system.peer and system.peer not in usable:
            usable[system.peer] = install_peer(system.peer, console)
    return [system for system in systems if not system.peer or usable[system.peer]]

"""Where stages are set up: scratch space, and processes that end with it."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from bench.stages.cores import Cores
from bench.stages.processes import ROOT, Process


class Workshop:
    """What is needed to set stages up.

    Args:
        cores: The cores to use.
        directory: Scratch space; every call of `room` gives a new part of it.
    """

    def __init__(self, cores: Cores, directory: Path) -> None:
        self.cores = cores
        self._directory = directory
        self._rooms = 0
        self._processes: list[Process] = []

    @classmethod
    @contextmanager
    def opened(cls, cores: Cores) -> Iterator[Self]:
        """A workshop in a new directory. At the end all of its processes are ended, and the directory is removed."""
        with tempfile.TemporaryDirectory(prefix="grantway-bench-") as directory:
            workshop = cls(cores, Path(directory))
            try:
                yield workshop
            finally:
                workshop.stop()

    def room(self, name: str) -> Path:
        """A new directory for logs and files."""
        directory = self._directory / f"{self._rooms:02}-{name}"
        directory.mkdir(parents=True)
        self._rooms += 1
        return directory

    def start(
        self, name: str, command: list[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> Process:
        """A process on the core of the system; see `Process`."""
        process = Process(name, command, core=self.cores.system, log=log, env=env, cwd=cwd)
        self._processes.append(process)
        return process

    def stop(self) -> None:
        """Ends all processes, those that were started first at last: a store is among them."""
        while self._processes:
            self._processes.pop().stop()

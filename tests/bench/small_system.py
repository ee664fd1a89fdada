"""The smallest system that can be measured: a process that does next to nothing, a generator, and a file for tokens."""

import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.loads.load import Command, Load, LoadFigures
from bench.stages.cores import Cores
from bench.stages.stage import Stage, TokenBook
from bench.stages.workshop import Workshop
from bench.systems.system import Kind, System

_IDLE = "import time\nwhile True: time.sleep(0.01)"
_GENERATOR = """
import sys
tokens, answered, failures, prompted, book = sys.argv[1:]
if prompted == "True":
    print("ready", flush=True)
    assert sys.stdin.readline() == "\\n"
with open(book, "a") as file:
    file.write("token\\n" * int(tokens))
print(f'{{"requests": {answered}, "seconds": 1.0, "p50_ms": 2.0, "p99_ms": 3.0, "failures": {failures}}}')
"""


def one_core() -> Cores:
    """The system and the load on the same core: there may be one only."""
    (core, *_) = sorted(os.sched_getaffinity(0))
    return Cores(system=core, load=core)


class FileBook(TokenBook):
    """Tokens as lines of a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def reset(self) -> None:
        """See `TokenBook`."""
        self.file.write_text("")

    def count(self) -> int:
        """See `TokenBook`."""
        return len(self.file.read_text().splitlines())


class SmallLoad(Load):
    """A generator that says what it is told to say.

    Args:
        stored: How many tokens it writes down.
        answered: How many it says that it got.
        failures: How many requests it says failed.
        prompted: See `Command`.
        breaks_after: How many times it works.
    """

    def __init__(
        self,
        stored: int = 100,
        answered: int = 100,
        *,
        failures: int = 0,
        prompted: bool = False,
        breaks_after: int = sys.maxsize,
    ) -> None:
        self._words = [str(stored), str(answered), str(failures), str(prompted)]
        self._prompted = prompted
        self._left = breaks_after

    def check(self, stage: Stage) -> None:
        """See `Load`."""

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:  # noqa: ARG002 - a `Load` has them.
        """See `Load`."""
        assert isinstance(stage.book, FileBook)
        self._left -= 1
        program = _GENERATOR if self._left >= 0 else "raise SystemExit('broken')"
        return Command([sys.executable, "-c", program, *self._words, str(stage.book.file)], prompted=self._prompted)

    def figures(self, output: str, scratch: Path) -> LoadFigures:  # noqa: ARG002 - a `Load` has it.
        """See `Load`."""
        return LoadFigures(**json.loads(output))


def small_stage(workshop: Workshop) -> Stage:
    """A process and a file that are there."""
    room = workshop.room("small")
    process = workshop.start("app", [sys.executable, "-c", _IDLE], log=room / "log")
    return Stage([process], book=FileBook(room / "tokens"))


def small_system(load: Load, name: str = "small", references: Sequence[str] = ()) -> System:
    """A system on such a stage, which it shares with no other."""
    return System(
        name=name,
        title=name,
        kind=Kind.OURS,
        build=partial(small_stage),
        load=load,
        settings="",
        references=references,
    )

"""What the first token of each client costs after a start: the core has not read any of them yet."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from bench.loads.http import HttpLoad
from bench.loads.load import Command, Load, LoadFigures
from bench.stages.stage import Credentials, Stage


class FirstTokens(Load):
    """A token for each client, one after the other. Each command has its own part of them.

    Args:
        clients: Who asks.
        measurements: How often it is measured before the core is started anew; each takes a command to wake it up, too.
    """

    def __init__(self, clients: Sequence[Credentials], *, measurements: int) -> None:
        count = 2 * measurements
        parts = [clients[number::count] for number in range(count)]
        self._parts = deque(HttpLoad(clients=part, in_turn=True) for part in parts)

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        self._parts[0].check(stage)

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """See `Load`: each time for the next part."""
        self._parts.rotate(-1)
        return self._parts[0].command(stage, concurrency=concurrency, seconds=seconds, scratch=scratch)

    def figures(self, output: str, scratch: Path) -> LoadFigures:
        """See `Load`."""
        return self._parts[0].figures(output, scratch)

"""What the first token of each client costs after a start: the core has not read any of them yet."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench.growth.population import Population
from bench.loads.http import HttpLoad
from bench.loads.load import Command, Load, LoadFigures
from bench.stages.stage import Credentials, Stage
from bench.stages.workshop import Workshop
from bench.systems import ours


class FirstTokens(Load):
    """A token for each client, one after the other. Each of two commands has one half of them.

    Args:
        clients: Who asks.
    """

    def __init__(self, clients: Sequence[Credentials]) -> None:
        self._halves = [HttpLoad(clients=half, in_turn=True) for half in (clients[::2], clients[1::2])]

    def check(self, stage: Stage) -> None:
        """See `Load`."""
        self._halves[0].check(stage)

    def command(self, stage: Stage, *, concurrency: int, seconds: float, scratch: Path) -> Command:
        """See `Load`: the wake-up takes the one half, the measurement the other."""
        self._halves.reverse()
        return self._halves[0].command(stage, concurrency=concurrency, seconds=seconds, scratch=scratch)

    def figures(self, output: str, scratch: Path) -> LoadFigures:
        """See `Load`."""
        return self._halves[0].figures(output, scratch)


def cold_stages(population: Population, count: int, workshop: Workshop) -> Generator[Stage]:
    """The store of *population* behind a new core and gateway, *count* times; each ends when the next one is wanted."""
    store = population.store
    for _ in range(count):
        with ExitStack() as running:
            core, address = ours.start_core(workshop, store)
            running.callback(core.stop)
            gateway, url = ours.start_gateway(workshop, address)
            running.callback(gateway.stop)
            processes = [store.process, core, gateway]
            yield replace(population.stage, processes=processes, token_url=url, core=address)

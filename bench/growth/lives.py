"""Cores and gateways on one store, one of each after the other: two processes of one program never cost the same.

They differ by the seeds of their hashes and the addresses of their memory, for as long as they live. So what is
measured on some of them is compared with nothing that is measured on others, and several have their say.
"""

from collections.abc import Generator
from contextlib import ExitStack

from bench.stages.stage import Stage
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems import ours


def lives(store: Store, count: int, workshop: Workshop) -> Generator[Stage]:
    """A new core and a new gateway on *store*, *count* times; they end when the next ones are wanted."""
    for _ in range(count):
        with ExitStack() as running:
            core, address = ours.start_core(workshop, store)
            running.callback(core.stop)
            gateway, url = ours.start_gateway(workshop, address)
            running.callback(gateway.stop)
            yield Stage([store.process, core, gateway], token_url=url, core=address)

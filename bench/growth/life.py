"""A core and a gateway on a store that others had before: two processes of one program never cost the same.

They differ by the seeds of their hashes and the addresses of their memory, for as long as they live. So what is
measured in one life is compared with nothing that is measured in another, and several have their say.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.stages.stage import Stage
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems import ours


@contextmanager
def life(store: Store, workshop: Workshop) -> Iterator[Stage]:
    """A new core and a new gateway on *store*, which end with the block."""
    with ExitStack() as running:
        core, address = ours.start_core(workshop, store)
        running.callback(core.stop)
        gateway, url = ours.start_gateway(workshop, address)
        running.callback(gateway.stop)
        yield Stage([store.process, core, gateway], token_url=url, core=address)

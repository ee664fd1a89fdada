"""A core and a gateway on a store that others had before them.

No two of them cost the same, for as long as they live (see `data_sets`). So what is measured in one life is compared
with nothing that is measured in another, and several have their say. What they have in common no error tells: the store
is the same for all, and where each data set lies in its memory.
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

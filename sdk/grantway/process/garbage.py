"""Python's cyclic garbage collector, set for a server that makes many short-lived objects and few cycles."""

import gc

_YOUNG_OBJECTS = 50_000
"""How many more objects than now start a collection. Python's 700 is reached by the requests under way alone, and each
collection then walks all of them: at 128 requests it took a seventh of the gateway's time."""

_YOUNG_COLLECTIONS = 20
_MIDDLE_COLLECTIONS = 50


def set_garbage_collection() -> None:
    """Leaves alone what there is now, the program itself, and looks at the rest less often.

    Reference counting frees nearly everything at once; what the collector is for, cycles, waits a little longer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, _YOUNG_COLLECTIONS, _MIDDLE_COLLECTIONS)

"""What a process must not go on using when it was forked: in it nobody keeps it true.

Threads do not survive a fork, and gRPC does not: whoever held something that they renewed, or told the end of, holds a
copy in the child that would be believed for ever.
"""

import os
from typing import Protocol
from weakref import WeakSet


class Holder(Protocol):
    """Whoever holds such a thing."""

    def let_go(self) -> None:
        """Holds nothing of it any more."""


_holders: WeakSet[Holder] = WeakSet()


def let_go_in_children(holder: Holder) -> None:
    """Has *holder* let go in every process that is forked from now on, as long as it lives."""
    _holders.add(holder)


def _let_go() -> None:
    for holder in list(_holders):
        holder.let_go()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)

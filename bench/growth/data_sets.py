"""Data sets that take turns in one store, so that the same processes serve each of them.

Two processes of one program differ by some per cent in what they cost, for as long as they live: by the seeds of their
hashes and the addresses of their memory. Had each data set its own, that difference would count as growth.
"""

from collections.abc import Sequence

from bench.stages.stage import TokenBook
from bench.stages.store import Store
from bench.systems.ours import TOKEN_KEYS


class DataSets:
    """Several data sets. The core sees one at a time: it uses database 0, and they are exchanged.

    What a core notes of one and writes while another one is shown is written nowhere: the clients are not there.

    Args:
        store: Where they are. What it holds already belongs to none of them.
        common: Keys that are there already and that each of them gets, before anything else.
    """

    def __init__(self, store: Store, common: Sequence[bytes] = ()) -> None:
        self.store = store
        self._common = common
        self._count = 0
        self._shown = 0

    def add(self) -> int:
        """A new one, shown, and empty but for what all have in common; its number."""
        self._count += 1
        for key in self._common:
            self.store.copy(key, self._count)
        self.show(self._count)
        return self._count

    def show(self, number: int) -> None:
        """Lets the core see this one from now on."""
        if number == self._shown:
            return
        if self._shown:
            self.store.swap(self._shown)
        self.store.swap(number)
        self._shown = number

    def share(self, key: bytes) -> None:
        """Has all of them hold under *key* what the one that is shown does."""
        for number in range(1, self._count + 1):
            if number != self._shown:
                self.store.copy(key, number)


class DataSetBook(TokenBook):
    """The tokens of a data set. Those that it holds now are kept, and what comes later is forgotten.

    Args:
        data_sets: All of them.
        number: The data set, which is shown now.
    """

    def __init__(self, data_sets: DataSets, number: int) -> None:
        self._data_sets = data_sets
        self._number = number
        self._store = data_sets.store
        self._kept = frozenset(self._store.scan(TOKEN_KEYS))
        self._size = self._store.size()

    def open(self) -> None:
        """See `TokenBook`."""
        self._data_sets.show(self._number)

    def reset(self) -> None:
        """See `TokenBook`."""
        self.open()
        if self._store.size() != self._size:  # To look through a million keys takes seconds.
            self._store.delete(key for key in self._store.scan(TOKEN_KEYS) if key not in self._kept)
            self._size = self._store.size()

    def count(self) -> int:
        """See `TokenBook`: only those that came since the last reset."""
        return self._store.size() - self._size

"""Where `grantway dev` keeps data that go when it stops."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grantway.cli.embedded_valkey import LOCK, is_in_use

_PREFIX = "grantway-"
_STALE_SECONDS = 60
"""How old a directory is before it is taken for one that was left behind: a new one is not in use yet."""


@contextmanager
def temporary_data() -> Iterator[Path]:
    """A directory for as long as the context lasts. Those of runs that were killed go as well."""
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as directory:
        yield Path(directory)


def _sweep(parent: Path) -> None:
    for directory in parent.glob(f"{_PREFIX}*"):
        # Somebody else may sweep at the same time.
        with suppress(OSError):
            if _is_ours(directory) and _is_stale(directory / LOCK) and not is_in_use(directory):
                shutil.rmtree(directory, ignore_errors=True)


def _is_ours(directory: Path) -> bool:
    # Not a link: in a directory that is open to all, anybody could lay one to what is not his.
    status = directory.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _is_stale(lock: Path) -> bool:
    return time.time() - lock.lstat().st_mtime > _STALE_SECONDS

"""`.grantway/dev.env`: where a `grantway dev` can be called, and its demo client's credentials, for a shell to read.

Of several at work in one directory the first has this file, and each other one a file of its own, named by its port.
"""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_LINE = re.compile(r"^(?P<name>[A-Z_]+)=(?P<value>\S*)$", re.MULTILINE)

DEV_ENV = Path(".grantway/dev.env")
"""In the working directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevEnv:
    """What the file says."""

    url: str
    grpc: str
    client_id: str
    client_secret: str = field(repr=False)

    @contextmanager
    def published(self, path: Path, *, keep: bool) -> Iterator[None]:
        """Has *path*, which is reserved, say this for as long as the context lasts, and with *keep* after it."""
        self._write(path)
        try:
            yield
        finally:
            if not keep:
                path.unlink(missing_ok=True)

    def _write(self, path: Path) -> None:
        """Replaces *path*. At no moment can anybody but the owner read it."""
        # Never to be committed, whatever repository the directory is in.
        (path.parent / ".gitignore").write_text("*\n", encoding="ascii")
        lines = (
            f"GRANTWAY_URL={self.url}",
            f"GRANTWAY_GRPC={self.grpc}",
            f"GRANTWAY_CLIENT_ID={self.client_id}",
            f"GRANTWAY_CLIENT_SECRET={self.client_secret}",
        )
        # mkstemp creates the file with mode 0600.
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        Path(temporary).replace(path)


@contextmanager
def reserved_dev_env(http_port: int) -> Iterator[Path]:
    """A file that no other run writes for as long as the context lasts: DEV_ENV or, beside another run, one by port.

    The first run in a directory keeps what its shells have read.
    """
    directory = DEV_ENV.parent
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        yield DEV_ENV if _locked(descriptor) else directory / f"dev-{http_port}.env"
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether nobody else had a lock, which is now held until *descriptor* is closed, however this process ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_dev_env(path: Path) -> DevEnv | None:
    """What *path* says; None when there is no such file, or it is not complete."""
    try:
        found = dict(_LINE.findall(path.read_text(encoding="utf-8")))
        return DevEnv(
            url=found["GRANTWAY_URL"],
            grpc=found["GRANTWAY_GRPC"],
            client_id=found["GRANTWAY_CLIENT_ID"],
            client_secret=found["GRANTWAY_CLIENT_SECRET"],
        )
    except (OSError, UnicodeDecodeError, KeyError):
        return None

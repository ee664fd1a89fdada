"""`.grantway/dev.env`: where a `grantway dev` can be called, and its demo client's credentials, for a shell to read."""

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
    def published(self, path: Path, *, keep: bool) -> Iterator[bool]:
        """Has *path* say this for as long as the context lasts, and with *keep* after it.

        The value is whether *path* is another's who still needs it, and now loses it.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        with _present(path.parent) as others:
            self._write(path)
            try:
                yield others
            finally:
                # By now it may say what a later one has to say.
                if not keep and read_dev_env(path) == self:
                    path.unlink()

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
def _present(directory: Path) -> Iterator[bool]:
    """Is seen by others who are present in *directory* too, however this process ends; whether there are any now."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            others = False
        except BlockingIOError:
            others = True
        # All who are present hold it together.
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield others
    finally:
        os.close(descriptor)


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

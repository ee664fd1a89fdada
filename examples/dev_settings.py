"""Where the examples find Grantway: in the environment, else in the file that `grantway dev` writes."""

import os
import sys
from pathlib import Path

_FILE = Path(".grantway/dev.env")


def setting(name: str, default: str | None = None) -> str:
    """The variable *name*; without one of that name, and without a *default*, the example ends here."""
    written = dict(line.split("=", 1) for line in _FILE.read_text().splitlines()) if _FILE.exists() else {}
    value = os.environ.get(name) or written.get(name) or default
    if value is None:
        sys.exit(f"{name} is not set, and there is no {_FILE} here: run `grantway dev` in this folder")
    return value

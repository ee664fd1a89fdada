"""Where the programs are that `grantway dev` runs."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from grantway.cli.failures import EXIT_USAGE, CommandFailed

_EXTRAS = {
    # The scripts come with every installation; what they run comes with an extra, known by one module of it.
    "grantway-server": ("server", "grpc_reflection"),
    "grantway-gateway": ("gateway", "uvicorn"),
}


def programs() -> tuple[str, str]:
    """The paths of grantway-server and of grantway-gateway.

    Raises:
        CommandFailed: One or both are not installed; it says which extras to install.
    """
    server, gateway = (_find(name) for name in _EXTRAS)
    if server and gateway:
        return server, gateway
    extras = ",".join(extra for (extra, _), found in zip(_EXTRAS.values(), (server, gateway), strict=True) if not found)
    msg = f"this needs more than is installed: in a checkout of grantway, pip install '.[{extras}]'"
    raise CommandFailed("not_installed", msg, exit_code=EXIT_USAGE)


def _find(name: str) -> str | None:
    _, module = _EXTRAS[name]
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return str(beside) if find_spec(module) else None
    return shutil.which(name)

"""The entry point of the program `grantway`."""

import signal
import sys
from importlib.util import find_spec


def main() -> None:
    """Runs the command line, or says how to install what it needs."""
    missing = [name for name in ("typer", "grpc_health") if find_spec(name) is None]
    if missing:
        sys.exit("grantway: the command line is an extra of its own: in a checkout of grantway, pip install '.[cli]'")
    # Ctrl-C ends a command at once and without a traceback; `grantway dev` does it its own way.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from grantway.cli.app import run  # noqa: PLC0415 - only once it is known to be installed.

    sys.exit(run(sys.argv[1:]))

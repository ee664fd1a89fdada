"""The entry point of the program `grantway`."""

import sys
from importlib.util import find_spec


def main() -> None:
    """Runs the command line, or says how to install what it needs."""
    if find_spec("typer") is None:
        sys.exit("grantway: the command line is an extra: pip install 'grantway[cli]'")

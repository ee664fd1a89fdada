"""The program `grantway`: a whole Grantway for development, and administration from a terminal.

Only the entry point is imported here, and it imports the rest when it runs: the base install brings no
command line library, and the tests use single modules of this package.
"""

from grantway.cli.entry import main

__all__ = ["main"]

"""The program `grantway`: a whole Grantway for development, and administration from a terminal.

Nothing is imported here but the entry point, which imports the rest when it runs: `pip install grantway` alone brings no
command line library, and the tests use single modules of this package.
"""

from grantway.cli.entry import main

__all__ = ["main"]

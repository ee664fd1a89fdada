"""What may stand on the command lines of the two processes. Little: their settings come from the environment.

Only the standard library is imported, for this also speaks where the extra of a process is not installed.
"""

import argparse
import sys
from importlib.metadata import version
from typing import NoReturn

_EXIT_USAGE = 2
_EXIT_NOT_INSTALLED = 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:  # noqa: ARG002 - it repeats the argument, which may be a secret.
        """One line, as of everything else that is wrong."""
        sys.stderr.write(f"{self.prog}: there is no such argument: see '{self.prog} --help'\n")
        sys.exit(_EXIT_USAGE)


def asks_for_check(program: str, *, does: str) -> bool:
    """Whether *program* is to check its settings and not to run.

    `--help`, which says what it *does*, and `--version` are answered here and end the process; so does what is no
    argument, with exit code 2.
    """
    parser = _Parser(
        prog=program,
        description=f"{does} Settings are environment variables: README.md lists them, under Configuration.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{program} {version('grantway')}")
    parser.add_argument(
        "--check", action="store_true", help="check the settings and exit: with 0, or with 2 and a line for each fault"
    )
    return bool(parser.parse_args().check)


def refuse_missing(error: ModuleNotFoundError, program: str, *, extra: str) -> NoReturn:
    """Ends *program*, which cannot import what its *extra* brings; a module of our own that is missing is a fault."""
    if (error.name or "").startswith("grantway"):
        raise error
    sys.stderr.write(
        f"{program}: this needs an extra of its own: in a checkout of grantway, pip install '.[{extra}]'\n"
    )
    sys.exit(_EXIT_NOT_INSTALLED)

"""What the programs that `grantway dev` runs find wrong in their settings, asked before anything is started."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from grantway.cli.children import Child, running
from grantway.cli.failures import EXIT_USAGE

_CHECK_SECONDS = 20
"""How long a check may take. One that takes longer tells nothing, and the start itself will."""

_STOP_SECONDS = 1


def wrong_settings(programs: Sequence[str], environ: Mapping[str, str]) -> Iterator[str]:
    """One line for each thing that *programs* find wrong in *environ*; two may find the same."""
    # `grantway dev` tells both where the core is.
    environ = {name: value for name, value in environ.items() if name != "GRANTWAY_GRPC"}
    with ExitStack() as stack:
        checks = [_start(program, environ, stack) for program in programs]
        for check, output in checks:
            yield from _problems(check, output)


def _start(program: str, environ: Mapping[str, str], stack: ExitStack) -> tuple[Child, IO[bytes]]:
    # A file and no pipe: it takes whatever comes while the other one is waited for.
    output = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it.
    name, command = Path(program).name, [program, "--check"]
    check = running(name, command, stop_seconds=_STOP_SECONDS, environ=environ, output=output)
    return stack.enter_context(check), output


def _problems(check: Child, output: IO[bytes]) -> Iterator[str]:
    try:
        exit_code = check.process.wait(_CHECK_SECONDS)
    except subprocess.TimeoutExpired:
        return
    if exit_code == EXIT_USAGE:
        output.seek(0)
        for line in output.read().decode(errors="replace").splitlines():
            yield line.removeprefix(f"{check.name}: ")

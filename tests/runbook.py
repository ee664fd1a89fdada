"""Runs a runbook of docs/runbooks as it is written: its `sh` blocks, one after the other, in one shell."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.programs import PROGRAMS, environment

RUNBOOKS = Path(__file__).parents[1] / "docs/runbooks"
_BLOCK = re.compile(r"^```(?P<language>sh|text)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_END_OF_BLOCK = "\x1e"


@dataclass(frozen=True)
class Step:
    """A block of commands, what the runbook says that they print (None: nothing is said), and what they printed."""

    commands: str
    expected: str | None
    printed: str

    @property
    def kept(self) -> bool:
        """Whether what is said was printed, where "…" stands for anything in a line, and columns may be wider."""
        if self.expected is None:
            return True
        pattern = "[^\n]*".join(map(re.escape, _narrow(self.expected).split("…")))
        return re.fullmatch(pattern, _narrow(self.printed)) is not None


def _narrow(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def pasted(name: str, directory: Path, **variables: str) -> str:
    """What a shell prints into which somebody pastes all of the runbook *name*, whatever goes wrong."""
    script = "".join(
        match["text"] for match in _BLOCK.finditer((RUNBOOKS / name).read_text()) if match["language"] == "sh"
    )
    process = subprocess.run(
        ["bash", "--norc", "--noprofile", "-i"],  # noqa: S607 - the bash of this machine.
        input=script,
        cwd=directory,
        # What nobody has set must be missing, and a history would be left.
        env=environment(HISTFILE="", PS1="", PS2="", **variables) | {"PATH": f"{PROGRAMS}:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
        start_new_session=True,
    )
    return process.stdout + process.stderr


def run_runbook(name: str, directory: Path, *, without: str = "", **variables: str) -> list[Step]:
    """Runs the runbook *name* in *directory*, with the *variables* that it asks for; every command must succeed.

    Of alternatives one is taken: *without* is how the heading of the other one begins.
    """
    sections = re.split(r"^(?=## )", (RUNBOOKS / name).read_text(), flags=re.MULTILINE)
    text = "".join(one for one in sections if not (without and one.startswith(f"## {without}")))
    blocks = [(match["language"], match["text"]) for match in _BLOCK.finditer(text)]
    commands = [text for language, text in blocks if language == "sh"]
    # What a shell does for whoever pastes: nothing goes on after a failure, half a pipe included.
    script = "set -euo pipefail\n" + "".join(f"{block}printf '{_END_OF_BLOCK}'\n" for block in commands)
    process = subprocess.run(
        ["bash"],  # noqa: S607 - the bash of this machine.
        input=script,
        cwd=directory,
        env=environment(**variables) | {"PATH": f"{PROGRAMS}:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (0, "") == (process.returncode, process.stderr), process.stdout + process.stderr
    printed = process.stdout.split(_END_OF_BLOCK)[:-1]
    expected: list[str | None] = []
    for language, text in blocks:
        if language == "sh":
            expected.append(None)
        else:
            expected[-1] = text
    return [Step(*step) for step in zip(commands, expected, printed, strict=True)]

"""Which code a run measures: its processes are started from the working tree, again and again until it ends."""

import subprocess
from dataclasses import dataclass

from rich.console import Console

from bench.stages.processes import ROOT

_MEASURED = ("sdk", "server", "gateway", "bench", "protos", "pyproject.toml", "constraints.txt", "Makefile")
_NOT_MEASURED = ":!bench/README.md"


@dataclass(frozen=True, slots=True)
class Revision:
    """The code in the working tree at one moment.

    Attributes:
        commit: The last commit; what git says instead where there is none.
        uncommitted_changes: Whether what is measured differs from it.
    """

    commit: str
    uncommitted_changes: bool

    @classmethod
    def now(cls) -> "Revision":
        """The one that would be measured now."""
        changes = _git("status", "--porcelain", "--untracked-files=all", "--", *_MEASURED, _NOT_MEASURED)
        return cls(_git("rev-parse", "--short", "HEAD"), bool(changes))

    def was_measured(self) -> bool:
        """Whether a run that began at this revision, and ends now, says what its commit costs, and nothing else."""
        return not self.uncommitted_changes and self == Revision.now()

    def warn(self, console: Console) -> None:
        """Says at the beginning of a run if it will not be shown."""
        if self.uncommitted_changes:
            console.print("[yellow]There are uncommitted changes: they are measured too, and not shown as a commit's.")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(  # The git of this machine.
            ["git", *words],  # noqa: S607 - as above.
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "no git here"
    return (done.stderr if done.returncode else done.stdout).strip()

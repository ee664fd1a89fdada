"""`protos/check-breaking.sh`: what it compares the contract with, in repositories that are made for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).parents[2]
_CONTRACT = """syntax = "proto3";
package grantway.v1;
message Token {
  string text = 1;%s
}
"""
_KEPT, _GROWN, _BROKEN = "", "\n  string more = 2;", "\n  reserved 3;\n  int64 more = 2;"
_WARNING = "  WARNING: there is no earlier contract to compare with. In a shallow clone: git fetch --unshallow\n"


class _Repository:
    """A repository with a contract of one message."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file = directory / "protos/grantway/v1/token.proto"

    def clone(self, directory: Path, *options: str) -> "_Repository":
        """A clone of it in *directory*."""
        self.git("clone", "--quiet", *options, f"file://{self.directory}", str(directory))
        return _Repository(directory)

    def git(self, *arguments: str) -> None:
        """Runs one command of git."""
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "core.hooksPath=/dev/null")
        subprocess.run(["git", *identity, *arguments], cwd=self.directory, check=True, timeout=10)  # noqa: S607 - the git of this machine.

    def write(self, contract: str) -> None:
        """Changes the contract."""
        self._file.write_text(_CONTRACT % contract)

    def commit(self, contract: str) -> None:
        """Changes the contract, and something else, and commits both."""
        self.write(contract)
        (self.directory / "other").write_text(os.urandom(8).hex())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x")

    def check(self) -> tuple[bool, str]:
        """Whether the contract passes, and what is warned of."""
        process = subprocess.run(
            ["sh", str(_CHECKOUT / "protos/check-breaking.sh")],  # noqa: S607 - the shell of this machine.
            cwd=self.directory,
            env=os.environ | {"BUF": str(Path(sys.executable).with_name("buf"))},
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
        return process.returncode == 0, process.stderr


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> _Repository:
    repository = _Repository(tmp_path / "repository")
    (repository.directory / "protos/grantway/v1").mkdir(parents=True)
    (repository.directory / "buf.yaml").write_text((_CHECKOUT / "buf.yaml").read_text())
    repository.git("init", "--quiet", "--initial-branch=main")
    return repository


@pytest.mark.parametrize(
    ("contracts", "passes"),
    [
        pytest.param([_KEPT, _GROWN], True, id="a field more passes"),
        pytest.param([_GROWN, _BROKEN], False, id="a field of another type does not"),
        pytest.param([_GROWN, _BROKEN, _BROKEN, _BROKEN], False, id="nor when other commits follow"),
    ],
)
def test_a_contract_is_compared_with_those_before_it(
    repository: _Repository,
    contracts: list[str],
    passes: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    """With more than the last commit's."""
    for contract in contracts:
        repository.commit(contract)

    assert (passes, "") == repository.check()


def test_what_is_not_committed_is_compared_too(repository: _Repository) -> None:
    """Before it can be pushed."""
    repository.commit(_KEPT)
    repository.commit(_GROWN)
    repository.write(_BROKEN)

    assert (False, "") == repository.check()


def test_a_branch_is_compared_with_main(repository: _Repository, tmp_path: Path) -> None:
    """However many commits it has."""
    repository.commit(_GROWN)
    branch = repository.clone(tmp_path / "clone")
    fields = _BROKEN
    for number in range(10, 16):
        branch.commit(fields := f"{fields}\n  string field_{number} = {number};")

    assert (False, "") == branch.check()


def test_a_shallow_clone_is_told_of(repository: _Repository, tmp_path: Path) -> None:
    """Nothing was compared, and nobody should believe that something was."""
    repository.commit(_KEPT)
    repository.commit(_GROWN)

    assert (True, _WARNING) == repository.clone(tmp_path / "clone", "--depth=1").check()

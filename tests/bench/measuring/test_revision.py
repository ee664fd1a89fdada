"""A run is credited to a commit only when it measured that commit and nothing else."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.measuring import revision
from bench.measuring.revision import Revision


def _git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    command = ["git", *identity, *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(name="tree")
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(revision, "ROOT", tmp_path)
    _git(tmp_path, "init")
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "core.py").write_text("1")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--message", "One")
    return tmp_path


def _nothing(_: Path) -> None:
    pass


def _other_files(tree: Path) -> None:
    (tree / "README.md").write_text("What the run before this one wrote.")
    (tree / "bench").mkdir()
    (tree / "bench" / "README.md").write_text("What somebody says of it.")


def _change(tree: Path) -> None:
    (tree / "server" / "core.py").write_text("2")


def _new_file(tree: Path) -> None:
    (tree / "server" / "new.py").write_text("1")


def _commit(tree: Path) -> None:
    _change(tree)
    _git(tree, "commit", "--all", "--message", "Two")


@pytest.mark.parametrize(
    ("happens", "was_measured"),
    [
        pytest.param(_nothing, True, id="nothing"),
        pytest.param(_other_files, True, id="a file that is not measured is written"),
        pytest.param(_change, False, id="a file is changed"),
        pytest.param(_new_file, False, id="a file is added"),
        pytest.param(_commit, False, id="somebody commits"),
    ],
)
def test_what_happens_during_a_run(tree: Path, happens: Callable[[Path], None], *, was_measured: bool) -> None:
    """Whatever became of what its processes are started from, it is not of that commit alone."""
    before = Revision.now()
    happens(tree)
    assert before.was_measured() is was_measured


@pytest.mark.parametrize("before_it", [_change, _new_file])
def test_a_run_of_what_is_not_committed_is_of_no_commit(tree: Path, before_it: Callable[[Path], None]) -> None:
    """Even if nothing happens while it goes on."""
    before_it(tree)
    assert not Revision.now().was_measured()


def test_without_a_repository_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an unpacked archive, say."""
    monkeypatch.setattr(revision, "ROOT", tmp_path)
    assert not Revision.now().was_measured()

"""Data that go: when their run ends, and when it was killed with the next run."""

import os
import tempfile
from pathlib import Path

import pytest

from grantway.cli.embedded_valkey import LOCK
from grantway.cli.temporary_data import temporary_data
from tests.valkey_server import embedded_valkey


@pytest.fixture(name="parent")
def _parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary directories are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _left_behind(parent: Path, name: str = "grantway-left", *, lock: str = LOCK, age_seconds: float = 3600) -> Path:
    """A directory as a run that was killed leaves it."""
    directory = parent / name
    directory.mkdir()
    (directory / lock).touch()
    modified = (directory / lock).stat().st_mtime - age_seconds
    os.utime(directory / lock, (modified, modified))
    return directory


def test_data_go_with_their_context(parent: Path) -> None:
    """Nothing is left."""
    with temporary_data() as directory:
        assert [directory] == list(parent.iterdir())

    assert [] == list(parent.iterdir())


def test_what_a_killed_run_left_goes_with_the_next(parent: Path) -> None:
    """Nobody else would take it away before the machine restarts."""
    left = _left_behind(parent)

    with temporary_data():
        assert not left.exists()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"age_seconds": 1}, id="a directory that is new"),
        pytest.param({"lock": "notes"}, id="a directory that no server has used"),
        pytest.param({"name": "grant-left"}, id="a directory of another name"),
    ],
)
def test_what_is_not_left_behind_stays(parent: Path, changes: dict[str, object]) -> None:
    """It may be somebody's."""
    kept = _left_behind(parent, **changes)  # type: ignore[arg-type] # By name.

    with temporary_data():
        assert kept.exists()


def test_what_is_in_use_stays(parent: Path) -> None:
    """However long its server has been running."""
    left = _left_behind(parent)
    with embedded_valkey(left, persist=False):
        os.utime(left / LOCK, (0, 0))

        with temporary_data():
            assert left.exists()


def test_a_link_is_not_followed(parent: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Somebody else may have laid it."""
    elsewhere = _left_behind(tmp_path_factory.mktemp("elsewhere"))
    (parent / "grantway-link").symlink_to(elsewhere)

    with temporary_data():
        assert elsewhere.exists()

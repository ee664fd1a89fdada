"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import Deployment, deployed_with_valkey
from tests.log_reader import StartLog, log_starter


@pytest.fixture(scope="session", name="deployment")
def _deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Grantway as real processes. One for each worker of xdist; whoever needs a client creates one."""
    with deployed_with_valkey(Path(tmp_path_factory.mktemp("deployment"))) as deployment:
        yield deployment


@pytest.fixture(name="start_log")
def _start_log(capfd: pytest.CaptureFixture[str]) -> Iterator[StartLog]:
    """Starts the log of a process in the test."""
    yield from log_starter(capfd)

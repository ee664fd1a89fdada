"""When the processes of `grantway dev` can be used, and how the wait for one that cannot be used ends."""

import time

import pytest

from grantway.cli import readiness
from grantway.cli.config import DevSettings
from grantway.cli.failures import CommandFailed
from grantway.cli.readiness import wait_until_ready
from tests.programs import free_ports, running

_NO_CORE = "the core does not answer; its output says why"
_NO_STORE = "the core cannot use its store (GRANTWAY_REDIS_URL); its output says why"


@pytest.fixture(name="settings")
def _settings() -> DevSettings:
    http, grpc = free_ports(2)
    return DevSettings.from_env({"GRANTWAY_HTTP_PORT": str(http), "GRANTWAY_GRPC_PORT": str(grpc)})


@pytest.fixture(name="hasty")
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for longer than a tenth of a second."""
    monkeypatch.setattr(readiness, "_START_SECONDS", 0.1)


def _failure(settings: DevSettings) -> str:
    with pytest.raises(CommandFailed) as caught:
        wait_until_ready(settings, time.sleep)
    assert ("temporarily_unavailable", 1) == (caught.value.error, caught.value.exit_code)
    (description,) = caught.value.descriptions
    return description


@pytest.mark.usefixtures("hasty")
def test_the_wait_for_a_core_that_does_not_come_ends(settings: DevSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so once, at its end: starting takes its time."""
    assert f"{_NO_CORE}; gave up after 0.1 s" == _failure(settings)
    assert ("", "") == capsys.readouterr()


@pytest.mark.usefixtures("hasty")
def test_the_wait_for_a_store_that_does_not_come_ends(
    settings: DevSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what is in the way when it begins, and again when it ends."""
    with running(
        "grantway-server", GRANTWAY_GRPC_PORT=str(settings.grpc_port), GRANTWAY_REDIS_URL="redis://127.0.0.1:1"
    ) as core:
        core.address()
        assert f"{_NO_STORE}; gave up after 0.1 s" == _failure(settings)

    assert ("", f"grantway: {_NO_STORE}; waiting for 0.1 s at most\n") == capsys.readouterr()

"""How `grantway dev` ends: by a signal, by the end of one of its processes, and what it leaves behind (nothing)."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.sdk.cli.processes import NAMES, children, dev_process, running_dev, wait_until_gone, wait_until_open

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="these tests look for processes in /proc")


def _events(log: str) -> list[str]:
    return [json.loads(line)["event"] for line in log.splitlines()]


@pytest.mark.parametrize(
    ("stop", "send"),
    [
        pytest.param(signal.SIGINT, os.killpg, id="Ctrl-C in a terminal"),
        pytest.param(signal.SIGINT, os.kill, id="SIGINT to the command"),
        pytest.param(signal.SIGTERM, os.killpg, id="SIGTERM to the process group"),
        pytest.param(signal.SIGTERM, os.kill, id="SIGTERM to the command"),
        pytest.param(signal.SIGHUP, os.killpg, id="the terminal is closed"),
    ],
)
def test_a_signal_stops_everything(tmp_path: Path, stop: signal.Signals, send: Callable[[int, int], None]) -> None:
    """In order, with exit code 0, within seconds, and nothing is left: no process, no port, no traceback."""
    with running_dev(tmp_path) as dev:
        pids, variables = children(dev.process.pid), dev.variables
        assert {os.getpgid(dev.process.pid)} == {os.getpgid(pid) for pid in pids.values()}

        started = time.monotonic()
        send(dev.process.pid, stop)
        output, errors = dev.process.communicate(timeout=10)

    assert time.monotonic() - started < 5
    assert (0, "Stopped.\n") == (dev.process.returncode, output)
    assert NAMES == set(pids)
    wait_until_gone(pids)
    # The demo client was created.
    logged = {"core started", "audit", "core stopping", "core stopped", "gateway started", "gateway stopped"}
    assert logged == set(_events(errors))
    for variable in ("GRANTWAY_URL", "GRANTWAY_GRPC"):
        host, port = variables[variable].removeprefix("http://").split(":")
        socket.create_server((host, int(port))).close()


def test_a_second_ctrl_c_changes_nothing(tmp_path: Path) -> None:
    """Whoever is impatient gets no traceback either."""
    with running_dev(tmp_path) as dev:
        pids = children(dev.process.pid)
        for _ in range(3):
            os.killpg(dev.process.pid, signal.SIGINT)
            time.sleep(0.05)
        output, errors = dev.process.communicate(timeout=10)

    assert (0, "Stopped.\n") == (dev.process.returncode, output)
    assert "Traceback" not in errors
    wait_until_gone(pids)


@pytest.mark.parametrize(
    ("stop", "send"),
    [
        pytest.param(signal.SIGINT, os.killpg, id="Ctrl-C in a terminal"),
        pytest.param(signal.SIGTERM, os.kill, id="SIGTERM to the command"),
    ],
)
def test_a_stop_fails_no_request(tmp_path: Path, stop: signal.Signals, send: Callable[[int, int], None]) -> None:
    """Every answer is 200: the core and the store last as long as the gateway needs them."""
    with running_dev(tmp_path) as dev:
        url = urlsplit(dev.variables["GRANTWAY_URL"])
        form = {
            "grant_type": "client_credentials",
            "client_id": dev.variables["GRANTWAY_CLIENT_ID"],
            "client_secret": dev.variables["GRANTWAY_CLIENT_SECRET"],
        }
        statuses: list[int] = []

        def load() -> None:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            while True:
                connection = http.client.HTTPConnection(url.netloc, timeout=5)
                try:
                    connection.request("POST", "/oauth/token", urlencode(form), headers)
                    statuses.append(connection.getresponse().status)
                except ConnectionRefusedError:  # Nobody listens any more.
                    return
                finally:
                    connection.close()

        callers = [threading.Thread(target=load) for _ in range(4)]
        for caller in callers:
            caller.start()
        time.sleep(0.3)
        send(dev.process.pid, stop)
        for caller in callers:
            caller.join(timeout=10)
        dev.process.communicate(timeout=10)

    assert {200} == set(statuses)


def test_sigkill_leaves_no_process_behind(tmp_path: Path) -> None:
    """Nobody is there to stop them: the tie does."""
    with running_dev(tmp_path) as dev:
        pids = children(dev.process.pid)
        dev.process.kill()

    assert NAMES == set(pids)
    wait_until_gone(pids)


@pytest.mark.parametrize("seconds", [0.15, 0.25, 0.35])
def test_a_stop_while_it_starts_leaves_nothing_behind(tmp_path: Path, seconds: float) -> None:
    """At any moment: before it listens for signals it simply dies, after that it stops as always."""
    with dev_process(tmp_path) as process:
        time.sleep(seconds)
        pids = children(process.pid)
        os.killpg(process.pid, signal.SIGTERM)
        _, errors = process.communicate(timeout=10)

    assert process.returncode in {0, -signal.SIGTERM}
    assert "Traceback" not in errors
    wait_until_gone(pids)


def test_a_stop_does_not_wait_for_the_store(tmp_path: Path) -> None:
    """Not for its directory, which another one uses: it would wait for two seconds, and then say so."""
    with running_dev(tmp_path, "--data", "data"), dev_process(tmp_path, "--data", "data") as waiting:
        wait_until_open(waiting.pid, tmp_path / "data/valkey.lock")
        waiting.send_signal(signal.SIGINT)
        output, errors = waiting.communicate(timeout=15)

    assert (0, "Stopped.\n", "") == (waiting.returncode, output, errors)


@pytest.mark.parametrize(
    ("program", "name"),
    [
        pytest.param("grantway-server", "the core (grantway-server)", id="the core"),
        pytest.param("grantway-gateway", "the gateway (grantway-gateway)", id="the gateway"),
        pytest.param("valkey-server", "the embedded Valkey", id="the store"),
    ],
)
def test_the_end_of_one_process_is_the_end_of_all(tmp_path: Path, program: str, name: str) -> None:
    """It says which one it was."""
    with running_dev(tmp_path) as dev:
        pids = children(dev.process.pid)
        os.kill(pids[program], signal.SIGKILL)
        output, errors = dev.process.communicate(timeout=15)

    assert (1, "") == (dev.process.returncode, output)
    assert f"grantway: {name} was killed by signal 9; everything else was stopped" == errors.splitlines()[-1]
    wait_until_gone(pids)

"""The command line."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.stages import procfs
from bench.stages.processes import ROOT

_START_SECONDS = 30


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="the bench needs two cores")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_bench_that_is_stopped_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    """Neither its directory nor a process: not the floor, and not its load."""
    command = [sys.executable, "-m", "bench", "--systems", "floor-http", "--concurrencies", "1"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as bench:
        deadline = time.monotonic() + _START_SECONDS
        while not list(tmp_path.glob("grantway-bench-*/*floor-local/log")):
            assert time.monotonic() < deadline
            assert bench.poll() is None, bench.stderr
            time.sleep(0.05)
        time.sleep(1.5)  # It is warming the floor up.
        children = procfs.tree(bench.pid) - {bench.pid}
        assert children
        bench.send_signal(how)
        assert bench.wait(_START_SECONDS) != 0
    assert list(tmp_path.iterdir()) == []
    while [pid for pid in children if Path(f"/proc/{pid}").exists()]:  # Orphans take a moment to end.
        assert time.monotonic() < deadline + _START_SECONDS
        time.sleep(0.05)


def test_an_unknown_system_is_named() -> None:
    """Before anything is started."""
    command = [sys.executable, "-m", "bench", "--systems", "floor-http,nonsense"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There is no system 'nonsense'. There are " in done.stderr


@pytest.mark.parametrize("variable", ["SYSTEMS=floor-http", "quick=1", "QUICK=false", "GROWTH=yes"])
def test_make_refuses_what_it_would_not_heed(variable: str) -> None:
    """Else an hour begins that nobody asked for, and README is written anew."""
    make = shutil.which("make") or "make"
    done = subprocess.run([make, "-n", "bench", variable], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "make bench takes QUICK=1 or GROWTH=1" in done.stderr


def test_a_choice_of_nothing_is_told() -> None:
    """A quick look has fewer systems, and this is none of them."""
    command = [sys.executable, "-m", "bench", "--quick", "--systems", "grantway-json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (1, "None of these systems is in a quick look, or can be installed here.\n") == (
        done.returncode,
        done.stderr,
    )

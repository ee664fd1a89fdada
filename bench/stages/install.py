"""Installs what the bench runs beside this project: load generators from Debian, peers into git-ignored folders."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from bench.stages.processes import ROOT

PEERS = ROOT / "bench" / "peers"
"""A folder for each of the other token services."""

_DEBIAN_PACKAGES = {"wrk": "wrk", "h2load": "nghttp2-client", "setpriv": "util-linux", "taskset": "util-linux"}
"""The package of each program."""


def install_tools(console: Console) -> None:
    """Load generators.

    Raises:
        SystemExit: Some are missing and cannot be installed by this user.
    """
    missing = sorted({package for program, package in _DEBIAN_PACKAGES.items() if not shutil.which(program)})
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        msg = f"The bench needs {', '.join(missing)}. On Debian, as root: {' '.join(command)}"
        raise SystemExit(msg)
    console.print(f"Installing {', '.join(missing)} from Debian")
    subprocess.run(["apt-get", "update"], check=True, stdout=subprocess.DEVNULL)  # noqa: S607 - the system's own.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def install_peer(peer: str, console: Console) -> bool:
    """Puts the pinned libraries of the peer in folder *peer* beside it; whether it can run."""
    folder = PEERS / peer
    if (folder / "package-lock.json").exists():
        if not shutil.which("npm"):
            console.print(f"[yellow]{peer} is left out: there is no Node.js with npm here.")
            return False
        install = ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        return _install(folder, folder / "package-lock.json", folder / "node_modules", [install], console)
    python = str(folder / ".venv" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]
    pins = folder / "requirements.txt"
    commands = [[sys.executable, "-m", "venv", str(folder / ".venv")], [*pip, str(pins)]]
    return _install(folder, pins, folder / ".venv", commands, console)


def _install(folder: Path, pins: Path, target: Path, commands: list[list[str]], console: Console) -> bool:
    stamp = target / ".bench-installed"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    console.print(f"Installing {folder.name}")
    for command in commands:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            console.print(f"[yellow]{folder.name} is left out: it cannot be installed.\n{done.stderr}")
            return False
    stamp.write_text(wanted)
    return True

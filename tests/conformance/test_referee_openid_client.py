"""openid-client for Node.js: it configures itself from our metadata, gets a token, asks about it and revokes it."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS, PERMISSION_ISSUE_TOKENS
from tests.conformance.answers import ACCESS_TOKEN
from tests.deployment import Deployment
from tests.programs import environment, free_ports, running

_FOLDER = Path(__file__).with_name("openid_client")


@pytest.fixture(scope="session", name="node")
def _node() -> str:
    """Node.js, with the library of the lock file in the referee's folder."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js with npm is not installed")
    wanted = sha256((_FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = _FOLDER / "node_modules" / ".installed"
    descriptor = os.open(_FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # Several workers of xdist share the folder.
        if not stamp.exists() or stamp.read_text() != wanted:
            install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
            subprocess.run(install, cwd=_FOLDER, check=True, timeout=50)
            stamp.write_text(wanted)
    finally:
        os.close(descriptor)
    return node


@pytest.fixture(scope="module", name="issuer")
def _issuer(deployment: Deployment) -> Iterator[str]:
    """A gateway whose name is where it is: its metadata lead back to it."""
    (port,) = free_ports(1)
    issuer = f"http://127.0.0.1:{port}"
    with running(
        "grantway-gateway",
        GRANTWAY_HTTP_PORT=str(port),
        GRANTWAY_GRPC=deployment.grpc_target,
        GRANTWAY_DRAIN_SECONDS="0",
        GRANTWAY_ISSUER=issuer,
    ) as gateway:
        gateway.address()
        yield issuer


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_openid_client(node: str, issuer: str, deployment: Deployment, method: str) -> None:
    """Discovery, a grant with two resources, introspection, revocation; and the errors that it makes of refusals."""
    audiences = ["https://api.example/a", "https://api.example/b"]
    client = deployment.create_client(
        scopes=["read"], audiences=audiences, permissions=[PERMISSION_ISSUE_TOKENS, PERMISSION_INTROSPECT_TOKENS]
    )
    variables = {
        "ISSUER": issuer,
        "CLIENT_ID": client.client_id,
        "CLIENT_SECRET": client.client_secret,
        "METHOD": method,
    }

    process = subprocess.run(
        [node, str(_FOLDER / "referee.js")],
        env=environment(**variables),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert 0 == process.returncode, process.stderr
    seen: dict[str, Any] = json.loads(process.stdout)
    assert (issuer, f"{issuer}/oauth/introspect") == (
        seen["metadata"]["issuer"],
        seen["metadata"]["introspection_endpoint"],
    )
    assert ACCESS_TOKEN.fullmatch(seen["token"])
    assert (True, client.client_id, "read", audiences) == (
        seen["active"]["active"],
        seen["active"]["sub"],
        seen["active"]["scope"],
        seen["active"]["aud"],
    )
    assert {"active": False} == seen["revoked"]
    assert (400, "invalid_target") == (seen["refusedTarget"]["status"], seen["refusedTarget"]["cause"]["error"])
    for refused in (seen["refusedIntrospection"], seen["refusedRevocation"]):
        ((challenge),) = refused["cause"]
        assert (401, "basic", "invalid_client") == (
            refused["status"],
            challenge["scheme"],
            challenge["parameters"]["error"],
        )

"""An example as a process, in the folder of a `grantway dev`, and tokens of the demo client."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc
import httpx

from grantway.v1 import token_service_pb2, token_service_pb2_grpc
from tests.programs import environment, free_ports
from tests.sdk.cli.processes import Dev

EXAMPLES = Path(__file__).parents[2] / "examples"
_START_SECONDS = 20


@contextmanager
def running_example(name: str, dev: Dev) -> Iterator[int]:
    """The port of the example *name*, an API, while it runs."""
    (port,) = free_ports(1)
    log = dev.directory / f"{name}.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, str(EXAMPLES / name)],
            cwd=dev.directory,
            env=environment(PORT=str(port)),
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _answers(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.02)
            yield port
        finally:
            process.kill()


def run_example(name: str, dev: Dev, *, port: int) -> str:
    """What the example *name*, a caller of the API at *port*, prints."""
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        cwd=dev.directory,
        env=environment(PORT=str(port)),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def issue(dev: Dev, scope: str) -> str:
    """A token of the demo client."""
    variables = dev.variables
    response = httpx.post(
        f"{variables['GRANTWAY_URL']}/oauth/token",
        data={"grant_type": "client_credentials", "scope": scope},
        auth=(variables["GRANTWAY_CLIENT_ID"], variables["GRANTWAY_CLIENT_SECRET"]),
    )
    return str(response.raise_for_status().json()["access_token"])


def revoke(dev: Dev, token: str) -> None:
    """Ends *token*."""
    with grpc.insecure_channel(dev.variables["GRANTWAY_GRPC"]) as channel:
        tokens = token_service_pb2_grpc.TokenServiceStub(channel)
        tokens.RevokeToken(token_service_pb2.RevokeTokenRequest(token=token), timeout=5)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False

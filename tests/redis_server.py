"""Debian's redis-server as a second real backend, where it is installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import free_ports

BINARY = shutil.which("redis-server")
OPENSSL = shutil.which("openssl")


@contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """Runs a redis-server on a Unix socket in *directory*; the value is its URL."""
    sock = directory / "redis.sock"
    with _running(directory, "--unixsocket", str(sock)):
        _wait_for(socket.AF_UNIX, str(sock))
        yield f"unix://{sock}"


@contextmanager
def redis_server_with_tls(directory: Path) -> Iterator[tuple[str, Path]]:
    """Runs a redis-server that speaks TLS only, on a port of loopback: its URL and its certificate."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    _make_certificate(certificate, key)
    (port,) = free_ports(1)
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    with _running(directory, "--bind", "127.0.0.1", "--tls-port", str(port), *files, "--tls-auth-clients", "no"):
        _wait_for(socket.AF_INET, ("127.0.0.1", port))
        yield f"rediss://127.0.0.1:{port}", certificate


def _make_certificate(certificate: Path, key: Path) -> None:
    assert OPENSSL is not None
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
    names = ("-subj", "/CN=store", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-out", str(certificate), "-keyout", str(key))
    subprocess.run([OPENSSL, "req", "-x509", "-days", "1", *curve, *names, *files], check=True, capture_output=True)


@contextmanager
def _running(directory: Path, *options: str) -> Iterator[None]:
    assert BINARY is not None
    always = ("--port", "0", "--dir", str(directory), "--save", "", "--appendonly", "no")
    with subprocess.Popen([BINARY, *always, *options], stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _wait_for(family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
    deadline = time.monotonic() + 10
    while True:
        with socket.socket(family) as connection:
            try:
                connection.connect(address)
            except OSError:
                assert time.monotonic() < deadline, "redis-server does not listen"
                time.sleep(0.01)
            else:
                return

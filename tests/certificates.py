"""Certificates of an authority of the test's own, made by OpenSSL where it is installed."""

import shutil
from pathlib import Path
from subprocess import run
from typing import NamedTuple

import pytest

from grantway import Tls

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


class Certificate(NamedTuple):
    """The files of one."""

    certificate: str
    key: str


class Authority:
    """Who signs certificates.

    Attributes:
        file: The file with its own certificate.
    """

    def __init__(self, directory: Path, name: str = "authority") -> None:
        self._directory = directory
        self._own = _made(directory, name, subject=f"/CN={name}")
        self.file = self._own.certificate

    def certificate(self, name: str, *, subject: str | None = None, names: str = "DNS:localhost") -> Certificate:
        """A new certificate of *name*, in files of that name. *names* are its alternative names."""
        return _made(
            self._directory, name, subject=f"/CN={name}" if subject is None else subject, names=names, issuer=self._own
        )

    def tls_of(self, name: str) -> Tls:
        """How somebody with a certificate of *name* calls a core with one of this authority."""
        certificate = self.certificate(name)
        return Tls(authorities=self.file, certificate=certificate.certificate, key=certificate.key)


def _made(
    directory: Path, name: str, *, subject: str, names: str = "DNS:localhost", issuer: Certificate | None = None
) -> Certificate:
    assert OPENSSL is not None
    made = Certificate(str(directory / f"{name}.pem"), str(directory / f"{name}.key"))
    signer = ("-CA", issuer.certificate, "-CAkey", issuer.key) if issuer else ()
    extension = ("-addext", f"subjectAltName={names}") if names else ()
    run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "1"),
            *("-subj", subject, *extension, "-keyout", made.key, "-out", made.certificate, *signer),
        ],
        check=True,
        capture_output=True,
    )
    return made

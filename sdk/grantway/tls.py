"""TLS on the way to the core: the files that it takes, read and judged before gRPC sees them.

gRPC takes anything for a certificate, and calls then fail without saying why.
"""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc


class BadTlsFile(ValueError):
    """A file cannot be used. The text says why, in words that go behind the name of whatever named the file."""


def read_certificates(path: str) -> bytes:
    """The certificates in a PEM file.

    Raises:
        BadTlsFile: They cannot be read, or are none.
    """
    data = _read(path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=data.decode("ascii", "replace"))
    except (ssl.SSLError, ValueError):  # Nothing that could be one, and nothing at all.
        raise BadTlsFile("holds no certificate in PEM") from None
    return data


def read_key(path: str, *, certificate: str) -> bytes:
    """The private key in a PEM file, which must be that of the first certificate in the file *certificate*.

    Raises:
        BadTlsFile: It cannot be read, or is none, or another one.
    """
    data = _read(path)
    try:
        # Without the password it would ask for one at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, path, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise BadTlsFile("is not the key of the certificate") from None
        raise BadTlsFile("holds no private key in PEM without a passphrase") from None
    except OSError as error:  # The files are read twice, and may go in between.
        raise _unreadable(error) from None
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How to call a core that speaks TLS.

    Attributes:
        authorities: The file with the certificates of those who may have signed the core's. PEM, as all of them.
        certificate: The file with one's own certificate, for a core that asks for one; "" = none.
        key: The file with its private key.
        server_name: The name in the core's certificate, where the address does not say it; "" = it does.
    """

    authorities: str
    certificate: str = ""
    key: str = ""
    server_name: str = ""

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the files: the attribute, and the problem. The certificate goes before its key."""
        if not self.authorities:
            yield "authorities", "must be set where TLS is configured"
        else:
            yield from problem_of("authorities", lambda: read_certificates(self.authorities))
        if self.key and not self.certificate:
            yield "certificate", "must be set where its key is"
        if not self.certificate:
            return
        if found := list(problem_of("certificate", lambda: read_certificates(self.certificate))):
            yield from found
        elif not self.key:
            yield "key", "must be set where its certificate is"
        else:
            yield from problem_of("key", lambda: read_key(self.key, certificate=self.certificate))

    def credentials(self) -> grpc.ChannelCredentials:
        """What gRPC takes for a channel. The files are read now, and not again when they change.

        Raises:
            BadTlsFile: One of them cannot be used.
        """
        for name, problem in self.problems():
            raise BadTlsFile(f"{name} {problem}")
        return grpc.ssl_channel_credentials(
            _read(self.authorities),
            _read(self.key) if self.key else None,
            _read(self.certificate) if self.certificate else None,
        )

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """What a channel with the credentials needs besides."""
        return (("grpc.ssl_target_name_override", self.server_name),) if self.server_name else ()


VARIABLES = {
    "authorities": "GRANTWAY_GRPC_CA_FILE",
    "certificate": "GRANTWAY_GRPC_CERT_FILE",
    "key": "GRANTWAY_GRPC_KEY_FILE",
    "server_name": "GRANTWAY_GRPC_SERVER_NAME",
}
"""Which attribute of `Tls` is which environment variable, of every program that calls a core."""


def problem_of(name: str, read: Callable[[], bytes]) -> Iterator[tuple[str, str]]:
    """What is wrong with the file called *name* that *read* reads, if anything is."""
    try:
        read()
    except BadTlsFile as error:
        yield name, str(error)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: OSError) -> BadTlsFile:
    return BadTlsFile(f"cannot be read ({error.strerror or 'the system does not say why'})")

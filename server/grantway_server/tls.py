"""TLS at the core's port: its certificate, and whose certificates callers must have."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog

from grantway.tls import BadTlsFile, problem_of, read_certificates, read_key

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTls:
    """The files, all of them PEM.

    Attributes:
        certificate: The core's, and those that lead from it to one that callers trust.
        key: Its private key.
        caller_authorities: The certificates of those who must have signed the caller's; "" = callers need none.
    """

    certificate: str
    key: str
    caller_authorities: str = ""

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the files: the attribute, and the problem. The certificate goes before its key."""
        if not self.certificate:
            yield "certificate", "must be set where TLS is configured"
        elif found := list(problem_of("certificate", lambda: read_certificates(self.certificate))):
            yield from found
        elif not self.key:
            yield "key", "must be set where its certificate is"
        else:
            yield from problem_of("key", lambda: read_key(self.key, certificate=self.certificate))
        if self.caller_authorities:
            yield from problem_of("caller_authorities", lambda: read_certificates(self.caller_authorities))

    def credentials(self) -> grpc.ServerCredentials:
        """What gRPC takes for a port. It follows the files: the next connection gets what is in them then.

        Raises:
            BadTlsFile: One of them cannot be used.
        """
        return grpc.dynamic_ssl_server_credentials(
            self.configuration(),
            _Watch(self).changed,  # type: ignore[arg-type] # Their stub does not know that None means "as before".
            require_client_authentication=bool(self.caller_authorities),
        )

    def configuration(self) -> grpc.ServerCertificateConfiguration:
        """What is in the files now.

        Raises:
            BadTlsFile: One of them cannot be used.
        """
        certificate, key = read_certificates(self.certificate), read_key(self.key, certificate=self.certificate)
        authorities = read_certificates(self.caller_authorities) if self.caller_authorities else None
        return grpc.ssl_server_certificate_configuration([(key, certificate)], authorities)


class _Watch:
    """Sees when the files of *tls* are others."""

    def __init__(self, tls: ServerTls) -> None:
        self._tls = tls
        self._seen = _marks(tls)

    def changed(self) -> grpc.ServerCertificateConfiguration | None:
        """What is in the files if they changed since the last time, and can be used; gRPC asks for each connection."""
        marks = _marks(self._tls)
        if marks == self._seen:
            return None
        self._seen = marks
        try:
            configuration = self._tls.configuration()
        except BadTlsFile as error:
            # While one is replaced after the other they do not belong together. The next change is looked at again.
            _log.warning("certificates not reloaded", problem=str(error))
            return None
        _log.info("certificates reloaded")
        return configuration


def _marks(tls: ServerTls) -> list[tuple[int, int, int] | None]:
    return [_mark(path) for path in (tls.certificate, tls.key, tls.caller_authorities) if path]


def _mark(path: str) -> tuple[int, int, int] | None:
    """What tells one state of a file from the next; None when there is no such file."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino

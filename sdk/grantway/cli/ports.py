"""Whether the ports of `grantway dev` are free, asked before anything is started."""

import errno
import socket

from grantway.cli.config import DevSettings
from grantway.cli.failures import EXIT_USAGE, CommandFailed


def refuse_unusable_ports(settings: DevSettings) -> None:
    """Ends the command when the gateway or the core could not listen, naming the variable to change."""
    problems = [
        _problem(settings.http_host, settings.http_port, "HTTP"),
        _problem(settings.grpc_host, settings.grpc_port, "GRPC"),
    ]
    if any(problems):
        raise CommandFailed("port_unavailable", *filter(None, problems), exit_code=EXIT_USAGE)


def _problem(host: str, port: int, protocol: str) -> str:
    """Why nobody can listen on *host* and *port*; empty when somebody can."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as probe:
            # As servers do: connections of a server that has just ended do not keep the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                return f"port {port} is in use: set GRANTWAY_{protocol}_PORT to another one"
            case errno.EACCES:
                return f"port {port} needs privileges: set GRANTWAY_{protocol}_PORT to one above 1023"
            case _:
                return f"GRANTWAY_{protocol}_HOST is no address of this machine"
    return ""

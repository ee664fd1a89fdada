"""Why a process cannot listen where its settings say, and which variable to change."""

import errno
import socket

from grantway.process.settings import BadSettings


def listening_socket(variables: str, host: str, port: int, *, backlog: int) -> socket.socket:
    """A socket that listens on *host* and *port*, which *variables* ("GRANTWAY_HTTP") name. Connections queue up.

    Raises:
        BadSettings: It cannot be listened there.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=backlog)
    except OSError as error:  # socket.gaierror is one.
        match error.errno:
            case errno.EADDRINUSE:
                problem = f"_PORT: port {port} on {host} is in use: choose another, or stop what uses it"
            case errno.EACCES:
                problem = "_PORT: this process may not listen on it: choose one above 1023"
            case _:
                problem = "_HOST: this machine has no such address: listen on 127.0.0.1, or on one of its own"
        raise BadSettings([f"{variables}{problem}"]) from None

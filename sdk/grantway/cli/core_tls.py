"""How the command line calls a core that speaks TLS."""

from collections.abc import Mapping

from grantway.tls import Tls

_VARIABLES = {
    "authorities": "GRANTWAY_GRPC_CA_FILE",
    "certificate": "GRANTWAY_GRPC_CERT_FILE",
    "key": "GRANTWAY_GRPC_KEY_FILE",
    "server_name": "GRANTWAY_GRPC_SERVER_NAME",
}
"""Which attribute of `Tls` is which variable: those of the gateway."""


def tls_of(environ: Mapping[str, str], problems: list[str]) -> Tls | None:
    """What *environ* says of TLS; None means plaintext. What is wrong goes to *problems*."""
    given = {attribute: environ.get(name, "") for attribute, name in _VARIABLES.items()}
    if not any(given.values()):
        return None
    tls = Tls(**given)
    problems += (f"{_VARIABLES[attribute]}: {problem}" for attribute, problem in tls.problems())
    return tls

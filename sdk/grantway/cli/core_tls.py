"""How the command line calls a core that speaks TLS."""

from collections.abc import Mapping

from grantway.tls import VARIABLES, Tls


def tls_of(environ: Mapping[str, str], problems: list[str]) -> Tls | None:
    """What *environ* says of TLS; None means plaintext. What is wrong goes to *problems*."""
    given = {attribute: environ.get(name, "") for attribute, name in VARIABLES.items()}
    if not any(given.values()):
        return None
    tls = Tls(**given)
    problems += (f"{VARIABLES[attribute]}: {problem}" for attribute, problem in tls.problems())
    return tls

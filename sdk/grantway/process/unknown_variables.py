"""Variables that begin like Grantway's and are none: most likely misspelled, and silently without effect.

They are a warning and no error: a variable of another version must not keep this one from starting.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

import structlog

_PREFIX = "GRANTWAY_"

KNOWN = frozenset(
    {
        # The core.
        "GRANTWAY_ADMIN_CERTIFICATES",
        "GRANTWAY_ADMIN_TOKENS",
        "GRANTWAY_AUDIT_MAX_RECORDS",
        "GRANTWAY_AUTH_FAILURES_PER_MINUTE",
        "GRANTWAY_AUTH_FAILURE_BURST",
        "GRANTWAY_ENVIRONMENT",
        "GRANTWAY_GRPC_CALLER_CA_FILE",
        "GRANTWAY_GRPC_SERVER_CERT_FILE",
        "GRANTWAY_GRPC_SERVER_KEY_FILE",
        "GRANTWAY_IMPORTED_SECRET_MIN_LENGTH",
        "GRANTWAY_MAX_SECRETS_PER_CLIENT",
        "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS",
        "GRANTWAY_METRICS_HOST",
        "GRANTWAY_METRICS_PORT",
        "GRANTWAY_PEPPER",
        "GRANTWAY_REDIS_URL",
        "GRANTWAY_REVOCATIONS_MAX_EVENTS",
        "GRANTWAY_SECRET_MAX_AGE_SECONDS",
        "GRANTWAY_SECRET_WARNING_SECONDS",
        "GRANTWAY_TOKEN_LIFETIME_SECONDS",
        "GRANTWAY_TRUSTED_NETWORK",
        # Core and gateway.
        "GRANTWAY_GRPC_HOST",
        "GRANTWAY_GRPC_PORT",
        # The gateway.
        "GRANTWAY_DRAIN_SECONDS",
        "GRANTWAY_HTTP_HOST",
        "GRANTWAY_HTTP_PORT",
        "GRANTWAY_ISSUER",
        "GRANTWAY_KEEP_ALIVE_SECONDS",
        "GRANTWAY_MAX_CONCURRENCY",
        "GRANTWAY_MAX_CONNECTIONS",
        "GRANTWAY_RECEIVE_SECONDS",
        "GRANTWAY_TLS_PROXY",
        "GRANTWAY_TRUSTED_PROXIES",
        # Gateway and command line.
        "GRANTWAY_GRPC",
        "GRANTWAY_GRPC_CA_FILE",
        "GRANTWAY_GRPC_CERT_FILE",
        "GRANTWAY_GRPC_KEY_FILE",
        "GRANTWAY_GRPC_SERVER_NAME",
        # The command line, and what `.grantway/dev.env` tells a shell.
        "GRANTWAY_ADMIN_TOKEN",
        "GRANTWAY_CLIENT_ID",
        "GRANTWAY_CLIENT_SECRET",
        "GRANTWAY_URL",
    }
)
"""Each process is told of all of them: often one file sets the variables of several."""

_SERVICE_LINK = re.compile(r"_SERVICE_(?:HOST|PORT)|_PORT_\d+_")
"""What Kubernetes sets for a service whose name begins with "grantway"."""


def unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """A line for each in *environ*: its name, and that of the one that may be meant. Never a value."""
    for name in sorted(environ):
        # The case does not matter, and an empty variable is an unset one.
        known_as = name.upper()
        if known_as.startswith(_PREFIX) and environ[name] and known_as not in KNOWN and not _SERVICE_LINK.search(name):
            # Without the prefix, which makes everything alike.
            known = [one.removeprefix(_PREFIX) for one in KNOWN]
            nearest = get_close_matches(known_as.removeprefix(_PREFIX), known, n=1)
            yield f"{name}: there is no such setting{''.join(f'; is {_PREFIX}{one} meant?' for one in nearest)}"


def print_unknown_variables(program: str) -> None:
    """Says on standard error which there are in the environment of *program*."""
    for line in unknown_variables(os.environ):
        sys.stderr.write(f"{program}: {line}\n")


def log_unknown_variables() -> None:
    """Says in the log which there are in the environment."""
    for line in unknown_variables(os.environ):
        structlog.get_logger().warning("unknown variable", problem=line)

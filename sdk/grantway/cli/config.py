"""What the environment tells the command line. No other module of it reads the environment."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self
from urllib.parse import urlsplit

from grantway.addresses import MAX_PORT, address_to_call, is_loopback, target_of
from grantway.cli.core_tls import tls_of
from grantway.cli.failures import EXIT_USAGE, CommandFailed
from grantway.tls import Tls

Check = Callable[[Mapping[str, str]], Iterable[str]]
"""Finds what is wrong with variables: a line for each, which begins with its name and a colon."""

_ADMIN_TOKEN = re.compile(r"[!-~]{0,1024}")
"""What a header can carry. gRPC would refuse anything else with an error that repeats it."""


def _no_check(_: Mapping[str, str]) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """For the commands that call a core: where it is, and whose credentials to show."""

    core: str
    """GRANTWAY_GRPC; default: GRANTWAY_GRPC_HOST (127.0.0.1) and GRANTWAY_GRPC_PORT (50051)."""

    client_id: str
    """GRANTWAY_CLIENT_ID; default: none."""

    client_secret: str = field(repr=False)
    """GRANTWAY_CLIENT_SECRET; default: none."""

    admin_token: str = field(repr=False)
    """GRANTWAY_ADMIN_TOKEN: says to the core who calls; default: none."""

    tls: Tls | None = None
    """GRANTWAY_GRPC_CA_FILE and its kind: how to call a core that speaks TLS; default: in plaintext."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The settings that *environ* holds; an empty variable is an unset one.

        Raises:
            CommandFailed: Some variables are wrong; it names all of them.
        """
        problems: list[str] = []
        core = environ.get("GRANTWAY_GRPC", "")
        try:
            if core:
                target_of(core)
        except ValueError as error:
            problems.append(f"GRANTWAY_GRPC: {error}")
        if not core:
            port = _port(environ, "GRANTWAY_GRPC_PORT", 50051, problems)
            core = address_to_call(_host(environ, "GRANTWAY_GRPC_HOST", problems), port)
        admin_token = _admin_token(environ, problems)
        tls = tls_of(environ, problems)
        _refuse(problems)
        return cls(
            core=core,
            client_id=environ.get("GRANTWAY_CLIENT_ID", ""),
            client_secret=environ.get("GRANTWAY_CLIENT_SECRET", ""),
            admin_token=admin_token,
            tls=tls,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DevSettings:
    """For `grantway dev`: where to listen, and on which store.

    Everything else goes to the processes as it is, but for GRANTWAY_GRPC: the gateway calls the core beside it.
    """

    http_host: str
    """GRANTWAY_HTTP_HOST; default 127.0.0.1."""

    http_port: int
    """GRANTWAY_HTTP_PORT; default 8080."""

    grpc_host: str
    """GRANTWAY_GRPC_HOST; default 127.0.0.1."""

    grpc_port: int
    """GRANTWAY_GRPC_PORT; default 50051."""

    redis_url: str = field(repr=False)
    """GRANTWAY_REDIS_URL; default: none, which means an embedded Valkey. May hold a password."""

    admin_token: str = field(repr=False)
    """GRANTWAY_ADMIN_TOKEN: makes the demo client; default: none, refused where there are GRANTWAY_ADMIN_TOKENS."""

    environ: Mapping[str, str] = field(repr=False)
    """What the processes inherit."""

    tls: Tls | None = None
    """GRANTWAY_GRPC_CA_FILE and its kind: how to call the core, if it is told to speak TLS; default: in plaintext."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, *, check: Check = _no_check) -> Self:
        """The settings that *environ* holds; an empty variable is an unset one.

        Args:
            environ: The variables.
            check: What else is wrong with them, for whoever reads those that are not read here.

        Raises:
            CommandFailed: Some variables are wrong; it names all of them.
        """
        problems: list[str] = []
        settings = cls(
            http_host=_host(environ, "GRANTWAY_HTTP_HOST", problems),
            http_port=_port(environ, "GRANTWAY_HTTP_PORT", 8080, problems),
            grpc_host=_host(environ, "GRANTWAY_GRPC_HOST", problems),
            grpc_port=_port(environ, "GRANTWAY_GRPC_PORT", 50051, problems),
            redis_url=environ.get("GRANTWAY_REDIS_URL", ""),
            admin_token=_admin_token(environ, problems),
            environ=environ,
            tls=tls_of(environ, problems),
        )
        if not problems and not _is_listed(settings.admin_token, environ):
            # Else everything would start, and stop again where the demo client is made.
            problems.append("GRANTWAY_ADMIN_TOKEN: must hold a token that GRANTWAY_ADMIN_TOKENS has the SHA-256 of")
        if not problems and bool(environ.get("GRANTWAY_GRPC_SERVER_CERT_FILE")) is not bool(settings.tls):
            # Else the core would be up, and nobody here could call it.
            problems.append("GRANTWAY_GRPC_SERVER_CERT_FILE and GRANTWAY_GRPC_CA_FILE: must be set both, or neither")
        if not problems and settings.http_port == settings.grpc_port:
            problems.append("GRANTWAY_HTTP_PORT and GRANTWAY_GRPC_PORT: must be two different ports")
        first: dict[str, str] = {}
        for problem in (*problems, *check(environ)):
            # One line for a variable is enough, however many read it.
            first.setdefault(problem.partition(":")[0], problem)
        _refuse(list(first.values()))
        return settings

    @property
    def url(self) -> str:
        """Where the gateway can be called."""
        return f"http://{address_to_call(self.http_host, self.http_port)}"

    @property
    def issuer(self) -> str:
        """What the gateway may call itself without TLS: where it is on loopback, and nothing anywhere else."""
        url = self.url.lower()
        host = urlsplit(url).hostname or ""
        return url if is_loopback(host) and "%" not in host else ""  # A URL has no words for a zone.

    @property
    def core(self) -> str:
        """Where the core can be called."""
        return address_to_call(self.grpc_host, self.grpc_port)


def _port(environ: Mapping[str, str], name: str, default: int, problems: list[str]) -> int:
    text = environ.get(name) or str(default)
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= MAX_PORT:
        return int(text)
    problems.append(f"{name}: must be a port, 1 to {MAX_PORT}")
    return default


def _host(environ: Mapping[str, str], name: str, problems: list[str]) -> str:
    host = environ.get(name) or "127.0.0.1"
    try:
        target_of(address_to_call(host, MAX_PORT))
    except ValueError:
        problems.append(f"{name}: must be an IP address or a host name")
    return host


def _admin_token(environ: Mapping[str, str], problems: list[str]) -> str:
    token = environ.get("GRANTWAY_ADMIN_TOKEN", "")
    if not _ADMIN_TOKEN.fullmatch(token):
        problems.append("GRANTWAY_ADMIN_TOKEN: must be at most 1024 printable ASCII characters without spaces")
        return ""
    return token


def _is_listed(admin_token: str, environ: Mapping[str, str]) -> bool:
    """Whether a core with *environ* would take *admin_token*; what is wrong with its list it says itself."""
    listed = environ.get("GRANTWAY_ADMIN_TOKENS", "").lower()
    return not listed or sha256(admin_token.encode()).hexdigest() in listed


def _refuse(problems: list[str]) -> None:
    if problems:
        raise CommandFailed("invalid_request", *problems, exit_code=EXIT_USAGE)

"""The gateway's settings: read from the environment once, here and nowhere else."""

import re
from ipaddress import ip_address, ip_network
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from grantway.channel import target_of

_PREFIX = "GRANTWAY_"
_WITH_PORT = re.compile(r":\d{1,5}$")


class BadSettings(Exception):
    """Some variables are wrong.

    Attributes:
        problems: One line for each: the variable, what is wrong with it, what to change. Never holds a value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _core(core: str) -> str:
    target = target_of(core)
    if target.startswith("dns:") and not _WITH_PORT.search(target):
        raise ValueError("must be host:port, several ip:port with commas between, or a gRPC target")
    return core


def _comma_separated(text: object) -> object:
    return [part for part in (part.strip() for part in text.split(",")) if part] if isinstance(text, str) else text


def _addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        try:
            ip_network(address)
        except ValueError:
            raise ValueError("must be IP addresses or networks (like 10.0.0.0/8) with commas between") from None
    return addresses


class Settings(BaseSettings):
    """What the gateway can be told. Each field is the variable `GRANTWAY_` + its name in upper case; empty is unset."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    tls_proxy: bool = False
    """Says that a proxy stands in front that speaks TLS to the clients."""

    http_host: str = "127.0.0.1"
    """Where to listen: an IP address or a host name. Beyond loopback only with `tls_proxy`."""

    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Where to listen; 0 takes any free port."""

    grpc: Annotated[str, AfterValidator(_core)] | None = None
    """Where the core is: `host:port`, several `ip:port` with commas between, or a gRPC target. Unset: as below."""

    grpc_host: str = "127.0.0.1"
    """Where the core listens."""

    grpc_port: Annotated[int, Field(ge=0, le=65535)] = 50051
    """Where the core listens."""

    trusted_proxies: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_comma_separated), AfterValidator(_addresses)
    ] = ()
    """Addresses and networks of the proxies whose X-Forwarded-For is believed, with commas between. Unset: nobody's."""

    max_connections: Annotated[int, Field(ge=1)] = 1000
    """How many HTTP connections may be open at once; one more is answered 503. Each takes a file descriptor."""

    max_concurrency: Annotated[int, Field(ge=1)] = 1000
    """How many token requests may be under way at once; one more is answered 503."""

    receive_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    """How long a request may take to come in, all of it; then 408."""

    keep_alive_seconds: Annotated[int, Field(ge=1, le=3600)] = 5
    """How long a connection may idle between two requests. Behind a proxy: longer than the proxy lets it."""

    drain_seconds: Annotated[float, Field(ge=0, le=60)] = 1
    """How long, after SIGTERM, `/readyz` says no while requests are still taken: time for a load balancer to see it."""

    @field_validator("http_host")
    @classmethod
    def _loopback_unless_tls(cls, host: str, info: ValidationInfo) -> str:
        # RFC 6749 section 3.2: "The authorization server MUST require the use of TLS".
        if not info.data.get("tls_proxy", True) and not _is_loopback(host):
            raise ValueError(
                "this address is not loopback, and the gateway speaks plaintext: "
                "set GRANTWAY_TLS_PROXY=true if a proxy with TLS stands in front, or listen on 127.0.0.1"
            )
        return host

    @field_validator("grpc_port")
    @classmethod
    def _known_unless_told(cls, port: int, info: ValidationInfo) -> int:
        if port == 0 and not info.data.get("grpc", True):
            raise ValueError("0 does not say where the core is: set GRANTWAY_GRPC")
        return port

    @property
    def core(self) -> str:
        """Where the core is, as `grantway.TokenClient` takes it."""
        host = f"[{self.grpc_host}]" if ":" in self.grpc_host else self.grpc_host
        return self.grpc or f"{host}:{self.grpc_port}"

    @classmethod
    def from_env(cls) -> Self:
        """The settings that the environment holds.

        Raises:
            BadSettings: All that is wrong, together.
        """
        try:
            return cls()
        except ValidationError as error:
            problems = [
                f"{_PREFIX}{str(problem['loc'][0]).upper()}: {problem['msg'].removeprefix('Value error, ')}"
                for problem in error.errors(include_input=False, include_url=False)
            ]
            raise BadSettings(problems) from None


def _is_loopback(host: str) -> bool:
    """Whether *host* can be reached from this machine only. A name but "localhost" might resolve to anything."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

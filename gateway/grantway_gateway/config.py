"""The gateway's settings. Nothing else in the gateway reads the environment."""

import re
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from grantway.addresses import MAX_PORT, address_to_call, is_loopback, target_of
from grantway.process.core_tls import CoreTlsSettings
from grantway.process.expectations import Port, comma_separated

_ANY_PORT = 1

# RFC 8414 section 2: "a URL that uses the "https" scheme and has no query or fragment components". It is compared byte
# by byte (section 4), so it holds nothing that one reader would spell in another way than the next.
_ISSUER = re.compile(
    r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*/?",
    re.ASCII,
)


def _core(core: str) -> str:
    target_of(core)
    return core


def _host_of_a_core(host: str) -> str:
    try:
        target_of(address_to_call(host, _ANY_PORT))
    except ValueError:
        raise ValueError("must be an IP address or a host name") from None
    return host


def _listed(addresses: object) -> object:
    return comma_separated(addresses) if isinstance(addresses, str) else addresses


def _addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        try:
            ip_network(address)
        except ValueError:
            raise ValueError("must be IP addresses or networks (like 10.0.0.0/8) with commas between") from None
    return addresses


def _issuer(issuer: str) -> str:
    match = _ISSUER.fullmatch(issuer)
    # RFC 6749 section 3.2 on plaintext; nobody else can listen in on loopback.
    if (
        not match
        or not 0 < int(match["port"] or 1) <= MAX_PORT
        or not (issuer.startswith("https:") or is_loopback(urlsplit(issuer).hostname or ""))
    ):
        raise ValueError(
            "must be an https URL in lower case without a query, a fragment or credentials (http on loopback), "
            "like https://auth.example.com"
        )
    return issuer


class Settings(CoreTlsSettings):
    """What the gateway can be told."""

    issuer: Annotated[str, AfterValidator(_issuer)] | None = None
    """The URL that names this service: in the metadata, and as `iss` of tokens. Unset: there are no metadata."""

    tls_proxy: bool = False
    """Says that a proxy stands in front that speaks TLS to the clients."""

    http_host: str = "127.0.0.1"
    """Where to listen: an IP address or a host name. Beyond loopback only with `tls_proxy`."""

    http_port: Port = 8080
    """Where to listen; 0 takes any free port."""

    grpc: Annotated[str, AfterValidator(_core)] | None = None
    """Where the core is: `host:port`, several `ip:port` with commas between, or a gRPC target. Unset: as below."""

    grpc_host: Annotated[str, AfterValidator(_host_of_a_core)] = "127.0.0.1"
    """Where the core listens; of all addresses, loopback is called."""

    grpc_port: Port = 50051
    """Where the core listens."""

    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_addresses)] = ()
    """Addresses and networks of the proxies whose X-Forwarded-For is believed, with commas between. Unset: nobody's."""

    max_connections: Annotated[int, Field(ge=1)] = 1000
    """How many HTTP connections may be open at once; one more is answered 503. Each takes a file descriptor."""

    max_concurrency: Annotated[int, Field(ge=1)] = 1000
    """How many requests may be under way at once at each endpoint; one more is answered 503."""

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
        if not info.data.get("tls_proxy", True) and not is_loopback(host):
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
        return self.grpc or address_to_call(self.grpc_host, self.grpc_port)

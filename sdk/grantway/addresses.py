"""Where a core or a gateway is: as people write it, and as gRPC and URLs take it."""

import re
from ipaddress import ip_address

_TARGET = re.compile(r"(?:dns|ipv4|ipv6|unix|unix-abstract):")
_DNS_TARGET = re.compile(r"dns:(?://[^/]*/)?(?P<address>.*)")
_IPV4_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
# An IPv6 address in brackets, or a name without any character that would mean something else here.
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^\s:/,\[\]]+):(?P<port>\d{1,5})", re.ASCII)
MAX_PORT = 65535
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound.


def address_to_call(host: str, port: int) -> str:
    """Where a listener on *host* and *port* can be called from this machine, as URLs and gRPC targets write it.

    A wildcard is no address to call, and an IPv6 address stands in brackets.
    """
    host = _WILDCARDS.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether *host* can be reached from this machine only. A name but "localhost" might resolve to anything."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def target_of(core: str) -> str:
    """The gRPC target of *core*: a `host:port`, several `ip:port` with commas between, or a gRPC target as it is.

    Raises:
        TypeError: It is no text.
        ValueError: It is none of them. gRPC would look for an address without a port on a port of its own choosing.
    """
    if not isinstance(core, str):
        raise TypeError(f"the core's address must be a text, not {type(core).__name__}")
    if _TARGET.match(core):
        dns = _DNS_TARGET.fullmatch(core)
        if dns is not None and _host(dns["address"]) is None:
            raise _no_address()
        return core
    addresses = [address.strip() for address in core.split(",")]
    hosts = [_host(address) for address in addresses]
    if all(host is not None and _IPV4_ADDRESS.fullmatch(host) for host in hosts):
        return "ipv4:" + ",".join(addresses)
    if len(addresses) > 1:
        msg = "several cores are named by IPv4 address and port; use one host name that resolves to all of them instead"
        raise ValueError(msg)
    if hosts[0] is None:
        raise _no_address()
    return f"dns:///{addresses[0]}"


def _host(address: str) -> str | None:
    """The host of a `host:port`; None if *address* is none."""
    match = _ADDRESS.fullmatch(address)
    return match["host"] if match and 0 < int(match["port"]) <= MAX_PORT else None


def _no_address() -> ValueError:
    return ValueError(
        f"must be host:port with a port of 1 to {MAX_PORT}, several ip:port with commas between, or a gRPC target"
    )

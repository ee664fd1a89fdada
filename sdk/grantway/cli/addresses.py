"""Hosts and ports as one text."""

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound.


def host_port(host: str, port: int) -> str:
    """*host* and *port* as URLs and gRPC targets write them: an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reachable(host: str) -> str:
    """Where a listener on *host* can be called from this machine: a wildcard is no address to call."""
    return _WILDCARDS.get(host, host)

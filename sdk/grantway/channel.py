"""Channels to the core, with the settings that make a lost, frozen or restarting core a matter of a second.

Figures behind the settings: docs/adr/0004-calls-to-the-core.md.
"""

import json
from collections.abc import Callable

import grpc

from grantway.addresses import target_of
from grantway.tls import Tls

BASE_OPTIONS: tuple[tuple[str, int], ...] = (
    # Loopback and cluster-internal addresses never go through a proxy.
    ("grpc.enable_http_proxy", 0),
)
"""What every channel to a core has, also one that is made elsewhere."""

_OPTIONS: tuple[tuple[str, str | int], ...] = (
    *BASE_OPTIONS,
    # Find a black hole in a second (gRPC's default is never).
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 1_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Find a frozen peer in a second; without it gRPC waits for a minute, whatever the keepalive says.
    ("grpc.http2.ping_timeout_ms", 1_000),
    # Come back within a second after an outage, however long it was.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)

_RETRIED = (
    ("grantway.v1.TokenService", "IntrospectToken"),
    ("grantway.v1.TokenService", "BatchIntrospectTokens"),
    ("grantway.v1.TokenService", "RevokeToken"),
    # A retried issue can leave a token that nobody holds; it expires by itself.
    ("grantway.v1.TokenService", "IssueToken"),
    ("grantway.v1.TokenService", "BatchIssueTokens"),
)

_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    # A core that reports NOT_SERVING (its store is gone, or it is about to stop) gets no calls.
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{"service": service, "method": method} for service, method in _RETRIED],
            # No "timeout" here: gRPC fires it far too early. Every call passes its own.
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.01s",
                "maxBackoff": "0.1s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
}


def open_channel(core: str, tls: Tls | None = None) -> grpc.aio.Channel:
    """A channel that balances calls over all of *core* (see `target_of`); plaintext without *tls*.

    It lives on the running loop. The caller closes it.

    Raises:
        ValueError: *core* is no address.
        BadTlsFile: A file of *tls* cannot be used.
    """
    return channel_opener(core, tls)()


def channel_opener(core: str, tls: Tls | None = None) -> Callable[[], grpc.aio.Channel]:
    """What opens such channels, later and as many as are wanted; the arguments are judged now, and the files read.

    Raises:
        ValueError: *core* is no address.
        BadTlsFile: A file of *tls* cannot be used.
    """
    target = target_of(core)
    options = (*_OPTIONS, ("grpc.service_config", json.dumps(_SERVICE_CONFIG)))
    if tls is None:
        return lambda: grpc.aio.insecure_channel(target, options=options)
    credentials = tls.credentials()
    return lambda: grpc.aio.secure_channel(target, credentials, options=(*options, *tls.options))

"""The core's settings. Nothing else in the core reads the environment."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from grantway.addresses import is_loopback
from grantway.process.expectations import Port, comma_separated
from grantway.process.settings import EnvironmentSettings, FaultOf
from grantway_server.domain.environment import Environment
from grantway_server.tls import ServerTls

_REDIS_SCHEME = re.compile(r"^(?:redis|rediss|valkey|valkeys|unix)://")
_REDIS_PATH = re.compile(r"/?\d*")
_REDIS_QUERY = re.compile(r"(?:db=\d+)?")
_MIN_PEPPER_LENGTH = 16
_ADMIN_TOKEN = re.compile(r"[A-Za-z0-9._@-]{1,64}=[0-9a-f]{64}")
_TLS_FIELDS = {
    "certificate": "grpc_server_cert_file",
    "key": "grpc_server_key_file",
    "caller_authorities": "grpc_caller_ca_file",
}
"""Which attribute of `ServerTls` is which setting."""

_DEFAULT_TOKEN_LIFETIME_SECONDS = 3600
_DEFAULT_MAX_TOKEN_LIFETIME_SECONDS = 86_400


def _redis_url(url: SecretStr) -> SecretStr:
    if not _REDIS_SCHEME.match(url.get_secret_value()):
        raise ValueError("must begin with redis://, rediss://, valkey://, valkeys:// or unix://")
    try:
        parts = urlsplit(url.get_secret_value())
        well_formed = parts.scheme == "unix" or (_REDIS_PATH.fullmatch(parts.path) and parts.port != 0)
    except ValueError:  # Its text would hold a part of the URL, which may hold a password.
        well_formed = False
    if not well_formed:
        raise ValueError("is malformed: must be like redis://user:password@host:6379/0, the password percent-encoded")
    # How long to wait and how many connections to open is not the URL's to say.
    if not _REDIS_QUERY.fullmatch(parts.query):
        raise ValueError("may have no options behind a question mark but db")
    return url


def _pepper(pepper: SecretStr) -> SecretStr:
    if len(pepper.get_secret_value()) < _MIN_PEPPER_LENGTH:
        raise ValueError(f"must have at least {_MIN_PEPPER_LENGTH} characters")
    return pepper


def _admin_tokens(tokens: SecretStr) -> SecretStr:
    entries = comma_separated(tokens.get_secret_value())
    if not all(map(_ADMIN_TOKEN.fullmatch, entries)):
        raise ValueError(
            "must be like alice=0123…,bob=4567…: names of [A-Za-z0-9._@-] and the SHA-256 of each one's token in hex"
        )
    if len({entry.partition("=")[0] for entry in entries}) < len(entries):
        raise ValueError("names somebody twice")
    return tokens


def _tls_of(settings: Mapping[str, str | None]) -> ServerTls | None:
    given = {attribute: settings.get(name) or "" for attribute, name in _TLS_FIELDS.items()}
    return ServerTls(**given) if any(given.values()) else None


class Settings(EnvironmentSettings):
    """What the core can be told."""

    trusted_network: bool = False
    """Says that whoever can reach the core may administer it, and, where it is plaintext, read what others send."""

    grpc_server_cert_file: str | None = None
    """The core's certificate, in PEM, and those that lead to one that callers trust. Unset: the core is plaintext."""

    grpc_server_key_file: str | None = None
    """Its private key, in PEM."""

    grpc_caller_ca_file: Annotated[str | None, Field(validate_default=True)] = None
    """The certificates of those who must have signed the callers', in PEM. Unset: callers need no certificate."""

    admin_certificates: str | None = None
    """Who of the callers with a certificate may administer: common names, with commas between. Unset: all of them."""

    grpc_host: str = "127.0.0.1"
    """Where to listen: an IP address or a host name. Beyond loopback only with `trusted_network` or caller CAs."""

    grpc_port: Port = 50051
    """Where to listen; 0 takes any free port."""

    redis_url: Annotated[SecretStr, AfterValidator(_redis_url)] = SecretStr("redis://127.0.0.1:6379/0")
    """Where the store is. May hold a password."""

    environment: Environment = Environment.LIVE
    """The world that this core serves."""

    pepper: Annotated[SecretStr, AfterValidator(_pepper)] | None = None
    """Keys the digests of client secrets. Unset: plain digests. A change invalidates every secret."""

    token_lifetime_seconds: Annotated[int, Field(ge=1)] = _DEFAULT_TOKEN_LIFETIME_SECONDS
    """How long tokens live of a client that is created from now on and does not say otherwise."""

    max_token_lifetime_seconds: Annotated[int, Field(ge=1, le=31_536_000)] = _DEFAULT_MAX_TOKEN_LIFETIME_SECONDS
    """How long tokens may live at most, whatever their client says."""

    auth_failure_burst: Annotated[int, Field(ge=1)] = 500
    """Failed authentications in a row of one client from one source that are answered 401; after them 429."""

    auth_failures_per_minute: Annotated[int, Field(ge=1)] = 600
    """How many more of them each minute allows."""

    admin_tokens: Annotated[SecretStr, AfterValidator(_admin_tokens)] | None = None
    """Who may administer: `name=SHA-256 of the token in hex`, with commas between. Unset: whoever reaches the core."""

    max_secrets_per_client: Annotated[int, Field(ge=2, le=20)] = 5
    """Good secrets of one client at a time."""

    imported_secret_min_length: Annotated[int, Field(ge=1, le=128)] = 12
    """Characters that a secret from another system must have, and half as many different ones, to obtain tokens."""

    secret_max_age_seconds: Annotated[int, Field(ge=60)] | None = None
    """How old a secret that is made from now on may become. Unset: as old as it likes."""

    secret_warning_seconds: Annotated[int, Field(ge=0)] = 2_592_000
    """How long before its end whoever uses a secret is told."""

    metrics_port: Port | None = None
    """Where to serve metrics for Prometheus, on `metrics_host`. Unset: nowhere."""

    metrics_host: str = "127.0.0.1"
    """Where to serve metrics."""

    audit_max_records: Annotated[int, Field(ge=1_000)] = 100_000
    """About how many changes the audit trail keeps, and as many failures."""

    revocations_max_events: Annotated[int, Field(ge=1_000)] = 100_000
    """About how many revocations a subscriber may have missed and still be told of, one by one."""

    @field_validator("grpc_caller_ca_file")
    @classmethod
    def _usable(cls, path: str | None, info: ValidationInfo) -> str | None:
        # The last of the three: it knows them all.
        tls = _tls_of({**info.data, "grpc_caller_ca_file": path})
        for attribute, problem in tls.problems() if tls else ():
            raise FaultOf(_TLS_FIELDS[attribute], problem)
        return path

    @field_validator("admin_certificates")
    @classmethod
    def _only_of_callers(cls, names: str | None, info: ValidationInfo) -> str | None:
        if names is not None and not info.data.get("grpc_caller_ca_file", True):
            raise ValueError(
                "names holders of certificates, but nobody has to have one: set GRANTWAY_GRPC_CALLER_CA_FILE"
            )
        return names

    @field_validator("grpc_host")
    @classmethod
    def _loopback_unless_trusted(cls, host: str, info: ValidationInfo) -> str:
        trusted = info.data.get("trusted_network", True) or info.data.get("grpc_caller_ca_file", True)
        if not trusted and not is_loopback(host):
            raise ValueError(
                "this address is not loopback, and whoever reaches the core is its administrator: set "
                "GRANTWAY_GRPC_CALLER_CA_FILE so that callers must have a certificate, or "
                "GRANTWAY_TRUSTED_NETWORK=true if the network may be trusted so far, or listen on 127.0.0.1"
            )
        return host

    @field_validator("max_token_lifetime_seconds")
    @classmethod
    def _holds_the_default(cls, maximum: int, info: ValidationInfo) -> int:
        lifetime = info.data.get("token_lifetime_seconds", 0)
        if lifetime <= maximum:
            return maximum
        # Whoever set one of the two has to be told of that one.
        if maximum == _DEFAULT_MAX_TOKEN_LIFETIME_SECONDS:
            raise FaultOf(
                "token_lifetime_seconds", f"must be at most GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS, which is {maximum}"
            )
        known = f", which is {lifetime}" if lifetime == _DEFAULT_TOKEN_LIFETIME_SECONDS else ""
        raise ValueError(f"must be at least GRANTWAY_TOKEN_LIFETIME_SECONDS{known}")

    @property
    def auth_failure_refill(self) -> timedelta:
        """How long until one more failed authentication is allowed."""
        return timedelta(minutes=1) / self.auth_failures_per_minute

    @property
    def tls(self) -> ServerTls | None:
        """TLS at the port; None means plaintext."""
        return _tls_of({name: getattr(self, name) for name in _TLS_FIELDS.values()})

    @property
    def admin_names(self) -> frozenset[str] | None:
        """Who of the callers with a certificate may administer; None means all of them."""
        if self.admin_certificates is None:
            return None
        return frozenset(comma_separated(self.admin_certificates))

    @property
    def admin_token_digests(self) -> dict[str, bytes]:
        """Who may administer, and the SHA-256 of each one's token."""
        tokens = "" if self.admin_tokens is None else self.admin_tokens.get_secret_value()
        entries = (entry.split("=") for entry in comma_separated(tokens))
        return {name: bytes.fromhex(digest) for name, digest in entries}

    @property
    def secret_max_age(self) -> timedelta | None:
        """How old a new secret may become; None means as old as it likes."""
        return None if self.secret_max_age_seconds is None else timedelta(seconds=self.secret_max_age_seconds)

    @property
    def secret_warning(self) -> timedelta:
        """How long before its end whoever uses a secret is told."""
        return timedelta(seconds=self.secret_warning_seconds)

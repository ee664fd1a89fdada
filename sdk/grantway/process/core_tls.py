"""The settings of whoever calls a core that speaks TLS."""

from pydantic import Field, ValidationInfo, field_validator

from grantway.process.settings import EnvironmentSettings, FaultOf
from grantway.tls import VARIABLES, Tls

_FIELDS = {attribute: name.removeprefix("GRANTWAY_").lower() for attribute, name in VARIABLES.items()}
"""Which attribute of `Tls` is which setting."""


class CoreTlsSettings(EnvironmentSettings):
    """How to call the core by TLS, for the settings of a process that calls it."""

    grpc_ca_file: str | None = None
    """The certificates of those who may have signed the core's, in PEM. Unset: the core is called in plaintext."""

    grpc_cert_file: str | None = None
    """The certificate to show to a core that asks for one, in PEM."""

    grpc_key_file: str | None = None
    """Its private key, in PEM."""

    grpc_server_name: str | None = Field(default=None, validate_default=True)
    """The name in the core's certificate, where its address does not say it."""

    @field_validator("grpc_server_name")
    @classmethod
    def _usable(cls, name: str | None, info: ValidationInfo) -> str | None:
        # The last of the four: it knows them all.
        tls = _tls_of({**info.data, "grpc_server_name": name})
        for attribute, problem in tls.problems() if tls else ():
            raise FaultOf(_FIELDS[attribute], problem)
        return name

    @property
    def tls(self) -> Tls | None:
        """How to call the core; None means in plaintext."""
        return _tls_of({name: getattr(self, name) for name in _FIELDS.values()})


def _tls_of(settings: dict[str, str | None]) -> Tls | None:
    given = {attribute: settings.get(name) or "" for attribute, name in _FIELDS.items()}
    return Tls(**given) if any(given.values()) else None

"""How clients are used, as the store writes it down: see `keys`."""

from collections.abc import Sequence

from grantway_server.domain.secret_use import ClientUse, SecretUse
from grantway_server.storage.moments import moment


def client_use(fields: Sequence[bytes]) -> ClientUse:
    """The use that *fields*, names and values in turn, are written of."""
    values = dict(zip(fields[::2], fields[1::2], strict=True))
    secrets = {}
    for name, first_at in values.items():
        if name.startswith(b"f:"):
            secret = name[2:]
            secrets[secret.decode("ascii")] = SecretUse(
                count=int(values.get(b"n:" + secret, 0)),
                first_at=moment(int(first_at)),
                last_at=moment(int(values[b"t:" + secret])),
                source=values[b"s:" + secret].decode(),
            )
    last = values.get(b"last")
    return ClientUse(
        last_token_at=None if last is None else moment(int(last)),
        secrets=secrets,
        retired_count=int(values.get(b"retired", 0)),
    )

"""What is stored by other versions of the core."""

from dataclasses import replace

import pytest

from grantway_server.domain.clients import AuthMethod, Permission
from grantway_server.storage.codec import decode_client, encode_client, encode_token
from grantway_server.storage.v1 import records_pb2 as pb
from tests.server.samples import a_client, a_token

_CLIENT = a_client(permissions=frozenset({Permission.ISSUE_TOKENS}), version=bytes(range(8)))
_NEWER = "private_key_jwt"


def _as_a_newer_core_writes_it(*auth_methods: str) -> bytes:
    stored = encode_client(_CLIENT)
    record = pb.ClientRecord.FromString(stored[8:])
    record.permissions.append("rule_the_world")
    record.auth_methods[:] = auth_methods
    return stored[:8] + record.SerializeToString()


@pytest.mark.parametrize(
    ("auth_methods", "known", "unknown"),
    [
        pytest.param((_NEWER,), set(), {_NEWER}, id="no method that is known here"),
        pytest.param((_NEWER, "client_secret_post"), {AuthMethod.CLIENT_SECRET_POST}, {_NEWER}, id="one that is"),
        pytest.param(("unknown",), set(), {"unknown"}, id="what older cores made of it"),
        pytest.param((), set(), set(), id="any method"),
    ],
)
def test_a_client_of_a_newer_core_is_read(
    auth_methods: tuple[str, ...], known: set[AuthMethod], unknown: set[str]
) -> None:
    """A permission that is not known here grants nothing; a method that is not known keeps the others out."""
    read = decode_client(_as_a_newer_core_writes_it(*auth_methods))

    assert replace(_CLIENT, auth_methods=frozenset(known), unknown_auth_methods=frozenset(unknown)) == read
    assert (known or (set() if unknown else {AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST})) == {
        method for method in AuthMethod if read.may_use(method)
    }


def test_a_method_of_a_newer_core_survives_a_change_by_this_one() -> None:
    """The newer core reads the name that it wrote, and the client still gets in there."""
    read = decode_client(_as_a_newer_core_writes_it(_NEWER, "client_secret_post"))

    record = pb.ClientRecord.FromString(encode_client(replace(read, name="Renamed"))[8:])

    assert ["client_secret_post", _NEWER] == list(record.auth_methods)


@pytest.mark.parametrize("length", [1, 24, 127])
def test_a_token_begins_with_the_id_of_its_client(length: int) -> None:
    """Where the script that reads tokens looks for it: behind the tag of the first field and one byte of length."""
    client_id = "x" * length

    assert encode_token(a_token(client_id)).startswith(b"\x0a" + bytes([length]) + client_id.encode())

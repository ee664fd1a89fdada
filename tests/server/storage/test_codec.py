"""What is stored by other versions of the core."""

from dataclasses import replace

from grantway_server.domain.clients import AuthMethod, Permission
from grantway_server.storage.codec import decode_client, encode_client
from grantway_server.storage.v1 import records_pb2 as pb
from tests.server.samples import a_client


def test_a_client_of_a_newer_core_is_read() -> None:
    """A permission that is not known here grants nothing; a method that is not known keeps the others out."""
    client = a_client(permissions=frozenset({Permission.ISSUE_TOKENS}), version=1)
    stored = encode_client(client)
    record = pb.ClientRecord.FromString(stored[8:])
    record.permissions.append("rule_the_world")
    record.auth_methods[:] = ["private_key_jwt"]

    read = decode_client(stored[:8] + record.SerializeToString())

    assert replace(client, auth_methods=frozenset({AuthMethod.UNKNOWN})) == read
    assert not read.may_use(AuthMethod.CLIENT_SECRET_BASIC)

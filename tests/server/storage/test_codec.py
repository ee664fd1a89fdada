"""What is stored is read back as it was, and what other versions of the core have stored is read too."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway_server.domain.audit import AuditRecord, Failure, FieldChange, Kind
from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.clients import KNOWN_AUTH_METHODS, AuthMethod, Client, Permission
from grantway_server.domain.idempotency import Outcome
from grantway_server.domain.ports import UnreadableRecord
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from grantway_server.domain.tokens import Token
from grantway_server.storage.audit_codec import decode_audit_record, encode_audit_record
from grantway_server.storage.client_codec import decode_client, encode_client
from grantway_server.storage.outcome_codec import decode_outcome, encode_outcome
from grantway_server.storage.token_codec import decode_token, encode_token
from grantway_server.storage.v1 import records_pb2 as pb
from tests.server.samples import NOON, a_client, a_token

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


_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
_WORD = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
_WORDS = st.lists(_WORD, max_size=3).map(tuple)
_SECRET_ID = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=8, max_size=8)
_MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it.
_SECOND = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - as above.
    lambda moment: moment.replace(microsecond=0)
)
_NAMED_MOMENT = st.datetimes(timezones=st.just(UTC), allow_imaginary=False) | st.just(datetime(1970, 1, 1, tzinfo=UTC))
"""One that a caller names may be any."""
_EPOCH_NUMBER = st.integers(0, 2**32 - 1)

_TOKENS = st.builds(
    Token,
    client_id=_WORD,
    epoch=_EPOCH_NUMBER,
    issued_at=_SECOND,
    lifetime=st.integers(1, 31_536_000).map(lambda seconds: timedelta(seconds=seconds)),
    scopes=_WORDS,
    audiences=_WORDS,
    secret_id=_SECRET_ID | st.just(""),
)
_SECRETS = st.builds(
    Secret,
    secret_id=_SECRET_ID,
    digest=st.binary(max_size=32),
    created_at=_MOMENT,
    expires_at=st.none() | _MOMENT,
    foreign_hash=_TEXT,
)
_RETIRED_SECRETS = st.builds(RetiredSecret, secret_id=_SECRET_ID, digest=st.binary(max_size=32), retired_at=_MOMENT)
_REVOCATIONS = st.builds(
    PartialRevocation,
    below_epoch=_EPOCH_NUMBER,
    selection=st.builds(
        TokenSelection,
        secret_id=_SECRET_ID | st.just(""),
        issued_from=st.none() | _NAMED_MOMENT,
        issued_before=st.none() | _NAMED_MOMENT,
    ),
    forget_at=_MOMENT,
    revoked_at=st.none() | _MOMENT,
)
_CLIENT_FIELDS: dict[str, st.SearchStrategy[object]] = {
    "client_id": _WORD,
    "name": _TEXT,
    "allowed_scopes": _WORDS,
    "default_scopes": st.none() | _WORDS,
    "audiences": _WORDS,
    "own_audiences": _WORDS,
    "tokens_revoked_at": st.none() | _MOMENT,
    "longest_token_lifetime": st.integers(1, 31_536_000).map(lambda seconds: timedelta(seconds=seconds)),
    "token_lifetime": st.integers(1, 31_536_000).map(lambda seconds: timedelta(seconds=seconds)),
    "permissions": st.frozensets(st.sampled_from(Permission)),
    "auth_methods": st.frozensets(st.sampled_from(sorted(KNOWN_AUTH_METHODS))),
    "unknown_auth_methods": st.frozensets(st.just("private_key_jwt")),
    "secrets": st.lists(_SECRETS, max_size=3).map(tuple),
    "created_at": _MOMENT,
    "updated_at": _MOMENT,
    "disabled_at": st.none() | _MOMENT,
    "created_by": _TEXT,
    "updated_by": _TEXT,
    "disabled_by": _TEXT,
    "organization": _TEXT,
    "description": _TEXT,
    "labels": st.dictionaries(_WORD, _TEXT, max_size=3).map(lambda labels: tuple(sorted(labels.items()))),
    "epoch": _EPOCH_NUMBER,
    "min_epoch": _EPOCH_NUMBER,
    "revocations": st.lists(_REVOCATIONS, max_size=3).map(tuple),
    "retired_secrets": st.lists(_RETIRED_SECRETS, max_size=3).map(tuple),
    "version": st.binary(min_size=8, max_size=8),
}
_CLIENTS = st.builds(Client, **_CLIENT_FIELDS)
_AUDIT_RECORDS = st.builds(
    AuditRecord,
    at=_MOMENT,
    kind=st.sampled_from(Kind),
    client_id=_TEXT,
    actor=_TEXT,
    source=_TEXT,
    request_id=_TEXT,
    changes=st.lists(st.builds(FieldChange, _TEXT, _TEXT, _TEXT), max_size=3).map(tuple),
    failure=st.none() | st.sampled_from(Failure),
    secret_id=_SECRET_ID | st.just(""),
    record_id=st.just("c1-0"),
)
_OUTCOMES = st.builds(Outcome, fingerprint=st.binary(), client_id=_WORD, salt=st.binary())


def test_what_clients_have_in_common_is_there_once() -> None:
    """It stays in the processor's caches, however many clients there are."""
    one, other = [
        decode_client(encode_client(replace(_CLIENT, client_id=name, audiences=("https://api.example",))))
        for name in ("one", "two")
    ]

    assert one.allowed_scopes is other.allowed_scopes
    assert one.default_scopes is other.default_scopes
    assert one.audiences is other.audiences
    assert one.token_lifetime is other.token_lifetime


@given(_TOKENS)
def test_any_token_is_encoded_as_protobuf_has_it(token: Token) -> None:
    """Byte for byte, though it is put together by hand."""
    record = pb.TokenRecord(
        client_id=token.client_id,
        epoch=token.epoch,
        issued_at_seconds=int(token.issued_at.timestamp()),
        lifetime_seconds=int(token.lifetime.total_seconds()),
        scope=" ".join(token.scopes),
        audiences=token.audiences,
        secret_id=token.secret_id,
    )
    assert record.SerializeToString() == encode_token(token)


@given(_TOKENS)
def test_any_token_is_read_back(token: Token) -> None:
    """Whole."""
    assert token == decode_token(encode_token(token))


@given(_CLIENTS)
def test_any_client_is_read_back(client: Client) -> None:
    """Whole, at its version."""
    assert client == decode_client(encode_client(client))


@given(_AUDIT_RECORDS)
def test_any_audit_record_is_read_back(record: AuditRecord) -> None:
    """Whole, at its place."""
    assert record == decode_audit_record(encode_audit_record(record), "c1-0")


@given(_OUTCOMES)
def test_any_outcome_is_read_back(outcome: Outcome) -> None:
    """Whole."""
    assert outcome == decode_outcome(encode_outcome(outcome))


def test_every_field_of_a_client_is_drawn() -> None:
    """A field that the test above does not know would be read back as its default."""
    assert {field.name for field in fields(Client) if field.init} == set(_CLIENT_FIELDS)


def test_a_client_of_an_older_core_is_read() -> None:
    """Its least good epoch is its epoch: tokens from before are dead; who made it, and what they live, nobody knows."""
    record = pb.ClientRecord(
        client_id="one",
        name="One",
        token_lifetime_seconds=60,
        permissions=["issue_tokens"],
        secrets=[pb.SecretRecord(secret_id="abcdefgh", digest=bytes(32), created_at_microseconds=1)],
        epoch=7,
        created_at_microseconds=1,
        updated_at_microseconds=2,
    )
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=1)

    assert (
        Client(
            client_id="one",
            name="One",
            allowed_scopes=(),
            default_scopes=None,
            audiences=(),
            token_lifetime=timedelta(minutes=1),
            longest_token_lifetime=timedelta(days=365),
            permissions=frozenset({Permission.ISSUE_TOKENS}),
            auth_methods=frozenset(),
            secrets=(Secret("abcdefgh", bytes(32), at),),
            created_at=at,
            updated_at=at + timedelta(microseconds=1),
            epoch=7,
            min_epoch=7,
            version=b"12345678",
        )
    ) == decode_client(b"12345678" + record.SerializeToString())


def test_an_older_core_takes_tokens_of_earlier_epochs_for_dead() -> None:
    """ADR 0017: it compares epochs, and every revocation, of a part too, raises the epoch."""
    revocation = PartialRevocation(below_epoch=8, selection=TokenSelection(secret_id="abcdefgh"), forget_at=NOON)

    record = pb.ClientRecord.FromString(encode_client(a_client(epoch=8, min_epoch=1, revocations=(revocation,))))

    assert (8, 1) == (record.epoch, record.min_epoch)


@pytest.mark.parametrize("decode", [decode_client, decode_token])
def test_what_is_no_record_is_unreadable(decode: object) -> None:
    """A typed error, with its cause."""
    assert callable(decode)
    with pytest.raises(UnreadableRecord):
        decode(b"\xff" * 20)

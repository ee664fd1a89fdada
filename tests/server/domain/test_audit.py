"""What is written down of a change."""

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone

import pytest

from grantway_server.domain.audit import AuditRecord, FieldChange, Kind, change_record
from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.clients import Client, Permission
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import FIELDS, Credentials, Grant, new_grant, register, token_of
from tests.server.samples import NOON, a_client

_SECRET = Secret("abcdefgh", bytes(range(32)), NOON)


def _changes(before: Client | None, after: Client | None) -> dict[str, tuple[str, str]]:
    record = change_record(Kind.CLIENT_UPDATED, "one", before=before, after=after, by=ALICE, at=NOON)
    return {change.name: (change.before, change.after) for change in record.changes}


def test_a_record_says_who_when_and_from_where() -> None:
    """Beside what."""
    client = a_client("one")

    record = change_record(
        Kind.CLIENT_UPDATED,
        "one",
        before=client,
        after=replace(client, name="New"),
        by=ALICE,
        at=NOON,
        secret_id="abcdefgh",
    )

    assert (
        AuditRecord(
            at=NOON,
            kind=Kind.CLIENT_UPDATED,
            client_id="one",
            actor="alice",
            source="192.0.2.7",
            request_id="0123456789abcdef",
            changes=(FieldChange("name", '"Procurement Portal"', '"New"'),),
            secret_id="abcdefgh",
        )
        == record
    )


_EVENING = datetime(2026, 11, 24, 13, 30, tzinfo=timezone(timedelta(hours=1)))
_RULE = PartialRevocation(
    below_epoch=7, selection=TokenSelection(secret_id="abcdefgh", issued_before=NOON), forget_at=NOON
)

_FIELD_CHANGES: dict[str, tuple[dict[str, object], dict[str, tuple[str, str]]]] = {
    "a name beyond ASCII": ({"name": "Büro"}, {"name": ('"Procurement Portal"', '"Büro"')}),
    "an organization": ({"organization": "acme"}, {"organization": ("", '"acme"')}),
    "a description": ({"description": "x"}, {"description": ("", '"x"')}),
    "labels": ({"labels": (("a", "b"),)}, {"labels": ("", '{"a":"b"}')}),
    "allowed scopes": (
        {"allowed_scopes": ("a",)},
        {"allowed_scopes": ('["orders:read","orders:write"]', '["a"]')},
    ),
    "default scopes that mean none": ({"default_scopes": ()}, {"default_scopes": ('["orders:read"]', "[]")}),
    "default scopes that mean all": ({"default_scopes": None}, {"default_scopes": ('["orders:read"]', "")}),
    "audiences": ({"audiences": ()}, {"audiences": ('["https://api.example.com"]', "")}),
    "own audiences": ({"own_audiences": ("x",)}, {"own_audiences": ("", '["x"]')}),
    "a lifetime": ({"token_lifetime": timedelta(minutes=1)}, {"token_lifetime": ('"3600s"', '"60s"')}),
    "permissions": (
        {"permissions": frozenset({Permission.ISSUE_TOKENS})},
        {"permissions": ('["introspect_tokens","issue_tokens"]', '["issue_tokens"]')},
    ),
    "methods": (
        {"auth_methods": frozenset(), "unknown_auth_methods": frozenset({"private_key_jwt"})},
        {"auth_methods": ('["client_secret_basic"]', '["private_key_jwt"]')},
    ),
    "disabled": ({"disabled_at": None}, {"disable_time": ('"2026-11-25T12:00:00Z"', "")}),
    "an epoch": ({"epoch": 8, "min_epoch": 8}, {"epoch": ("7", "8")}),
    "a rule": (
        {"revocations": (_RULE,)},
        {
            "revocations": (
                "",
                (
                    '[{"below_epoch":7,"secret_id":"abcdefgh","issued_from":null,'
                    '"issued_before":"2026-11-24T12:00:00Z"}]'
                ),
            )
        },
    ),
    "another secret": (
        {"secrets": (replace(_SECRET, expires_at=NOON), replace(_SECRET, secret_id="bcdefghi", foreign_hash="x"))},
        {
            "secrets": (
                '[{"secret_id":"abcdefgh","expire_time":null,"imported":false}]',
                (
                    '[{"secret_id":"abcdefgh","expire_time":"2026-11-24T12:00:00Z","imported":false},'
                    '{"secret_id":"bcdefghi","expire_time":null,"imported":true}]'
                ),
            )
        },
    ),
    "several": (
        {"name": "New", "organization": "acme"},
        {"name": ('"Procurement Portal"', '"New"'), "organization": ("", '"acme"')},
    ),
    "what is remembered of retired secrets, which the change of the secrets says": (
        {"retired_secrets": (RetiredSecret("abcdefgh", bytes(32), NOON),)},
        {},
    ),
    "what its tokens could live for, which the changes of the lifetime say": (
        {"longest_token_lifetime": timedelta(days=1)},
        {},
    ),
    "when all tokens died, which the record says itself": ({"tokens_revoked_at": NOON}, {}),
    "nothing": ({}, {}),
    "who did it and when, which the record says itself": (
        {"updated_at": _EVENING, "updated_by": "bob", "created_by": "bob", "disabled_by": "bob", "version": b"x"},
        {},
    ),
}


@pytest.mark.parametrize(("change", "expected"), _FIELD_CHANGES.values(), ids=_FIELD_CHANGES.keys())
def test_a_change_is_told_field_by_field(change: dict[str, object], expected: dict[str, tuple[str, str]]) -> None:
    """As JSON before and after; nothing is told of what stayed as it was."""
    before = a_client("one", secrets=(_SECRET,))

    assert expected == _changes(before, replace(before, **change))  # type: ignore[arg-type] # Fields of Client.


def test_every_field_of_a_client_is_told_of_or_says_who_and_when() -> None:
    """One that is added fails here until somebody decides."""
    told = {name for change, _ in _FIELD_CHANGES.values() for name in change}

    assert {field.name for field in fields(Client) if field.init} - {"client_id", "created_at"} == told


def test_a_creation_and_a_deletion_tell_the_whole_client() -> None:
    """From nothing, and to nothing; what is empty is left out."""
    client = a_client("one", secrets=(_SECRET,), disabled_at=None)

    created, deleted = _changes(None, client), _changes(client, None)

    assert {name: (after, "") for name, (_, after) in created.items()} == deleted
    assert {
        "name",
        "allowed_scopes",
        "default_scopes",
        "audiences",
        "token_lifetime",
        "permissions",
        "auth_methods",
        "secrets",
        "epoch",
    } == set(created)
    assert {""} == {before for before, _ in created.values()}
    assert all(json.loads(after) is not None for _, after in created.values())


async def test_no_record_holds_a_digest_a_hash_or_a_secret() -> None:
    """S09: of none of the things that happen to a client, in trail and log."""
    grant = new_grant()
    credentials = await register(grant)
    client_id, texts = credentials.client.client_id, [credentials.secret]
    texts.append(await token_of(grant, credentials))
    rotation = await grant.rotations.rotate(client_id, by=ALICE)
    texts.append(rotation.text)
    await grant.clients.update(client_id, replace(FIELDS, name="New"), mask={"name"})
    await grant.secrets.retire(client_id, credentials.client.secrets[0].secret_id, by=ALICE, revoke_tokens=True)
    stored = await grant.clients.get(client_id)
    await grant.incidents.panic(client_id, by=ALICE)
    await grant.clients.delete(client_id)

    shown = repr(await _trail(grant)) + repr(grant.announced)

    digests = [secret.digest for client in (credentials.client, stored) for secret in client.secrets]
    hidden = [
        *(text[18:] for text in texts),
        *(digest.hex() for digest in digests),
        *(repr(digest)[2:-1] for digest in digests),
    ]
    assert [] == [one for one in hidden if one in shown]


async def _trail(grant: Grant) -> list[AuditRecord]:
    return list((await grant.audit_trail.portion(since=None, after=b"")).items)


_DONE = {
    "create": ([Kind.CLIENT_CREATED], lambda grant, client_id: grant.clients.get(client_id)),
    "update": (
        [Kind.CLIENT_UPDATED],
        lambda grant, client_id: grant.clients.update(client_id, replace(FIELDS, name="New"), mask={"name"}),
    ),
    "disable": ([Kind.CLIENT_DISABLED], lambda grant, client_id: grant.clients.disable(client_id)),
    "enable": ([], lambda grant, client_id: grant.clients.enable(client_id)),
    "delete": ([Kind.CLIENT_DELETED], lambda grant, client_id: grant.clients.delete(client_id)),
    "rotate": ([Kind.SECRET_ROTATED], lambda grant, client_id: grant.rotations.rotate(client_id, by=ALICE)),
    "panic": ([Kind.CLIENT_PANICKED], lambda grant, client_id: grant.incidents.panic(client_id, by=ALICE)),
    "revoke": (
        [Kind.TOKENS_REVOKED],
        lambda grant, client_id: grant.incidents.revoke_tokens(client_id, TokenSelection(), by=ALICE),
    ),
}


@pytest.mark.parametrize(("kinds", "do"), _DONE.values(), ids=_DONE.keys())
async def test_what_is_done_is_written_down_once(kinds: list[Kind], do: object) -> None:
    """In the trail and in the log, alike; what changes nothing is not."""
    grant = new_grant()
    credentials: Credentials = await register(grant)
    assert callable(do)

    await do(grant, credentials.client.client_id)

    trail = await _trail(grant)
    expected = [Kind.CLIENT_CREATED, *kinds] if kinds != [Kind.CLIENT_CREATED] else kinds
    assert expected == [record.kind for record in trail]
    assert grant.announced == [replace(record, record_id="") for record in trail]
    assert {("alice", "192.0.2.7", "0123456789abcdef", credentials.client.client_id)} == {
        (record.actor, record.source, record.request_id, record.client_id) for record in trail
    }

"""How secrets are used, on every store: written down by the step that stores tokens, or for itself.

See `TokenStore.add` and `TokenStore.add_uses`.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client
from grantway_server.domain.secret_use import ClientUse, NewUse, SecretUse
from tests.server.samples import NOON, a_client, a_token
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, stored

_LATER, _LAST = [NOON + timedelta(microseconds=number) for number in (1, 2)]
_AAAA, _BBBB = [
    Secret(secret_id=secret_id, digest=bytes(32), created_at=NOON) for secret_id in ("aaaaaaaa", "bbbbbbbb")
]


@pytest.fixture(name="client")
async def _client(stores: Stores) -> Client:
    return await stored(stores.clients, a_client("one", secrets=(_AAAA, _BBBB)))


async def _use(stores: Stores, client: Client, *uses: NewUse) -> bool:
    """Stores a token of *client*, and *uses* with it."""
    return await stores.tokens.add(
        [(bytes(16), a_token(client.client_id))], versions={client.client_id: client.version}, uses=uses
    )


def _new(secret: Secret = _AAAA, count: int = 1, source: str = "here", at: datetime = NOON) -> NewUse:
    return NewUse("one", secret.secret_id, count, source, at)


async def test_a_client_that_was_never_used_is_missing(stores: Stores, client: Client) -> None:
    """As one that does not exist is."""
    assert ({}, {}) == (
        dict(await stores.clients.uses([client.client_id, "nobody"])),
        dict(await stores.clients.uses([])),
    )


async def test_a_first_use_is_the_last_one_too(stores: Stores, client: Client) -> None:
    """Its moment, to the microsecond, its source and how many tokens it obtained."""
    at = NOON + timedelta(microseconds=123_456)

    assert await _use(stores, client, _new(count=3, source="192.0.2.7", at=at))

    use = SecretUse(count=3, first_at=at, last_at=at, source="192.0.2.7")
    assert {"one": ClientUse(last_token_at=at, secrets={"aaaaaaaa": use})} == dict(await stores.clients.uses(["one"]))


async def test_later_uses_leave_the_first_moment(stores: Stores, client: Client) -> None:
    """The count goes up, the last moment and source are the last ones; each secret has its own."""
    await _use(stores, client, _new(count=2))
    await _use(stores, client, _new(_BBBB, source="there", at=_LATER), _new(count=40, source="", at=_LATER))

    assert {
        "one": ClientUse(
            last_token_at=_LATER,
            secrets={
                "aaaaaaaa": SecretUse(count=42, first_at=NOON, last_at=_LATER, source=""),
                "bbbbbbbb": SecretUse(count=1, first_at=_LATER, last_at=_LATER, source="there"),
            },
        )
    } == dict(await stores.clients.uses(["one"]))


async def test_several_clients_are_answered_together(stores: Stores, client: Client) -> None:
    """Those that were used."""
    other = await stored(stores.clients, a_client("two"))
    await _use(stores, client, _new())
    await _use(stores, other, NewUse("two", "abcdefgh", 1, "here", _LATER))

    uses = await stores.clients.uses({"one", "two", "three"})

    assert {"one": NOON, "two": _LATER} == {client_id: use.last_token_at for client_id, use in uses.items()}


async def test_a_source_may_be_any_text(stores: Stores, client: Client) -> None:
    """It is what a caller said."""
    await _use(stores, client, _new(source="Büro: 北京\n"))

    assert "Büro: 北京\n" == (await stores.clients.uses(["one"]))["one"].secrets["aaaaaaaa"].source


async def test_what_stores_no_token_is_no_use(stores: Stores, client: Client) -> None:
    """Tokens of a client that was changed meanwhile are not stored, and nothing is written down of them."""
    await stored(stores.clients, client)

    assert not await _use(stores, client, _new())
    assert {} == dict(await stores.clients.uses(["one"]))


async def test_uses_at_the_same_moment_are_all_counted(stores: Stores, client: Client) -> None:
    """None is lost to another."""
    await asyncio.gather(*(_use(stores, client, _new(count=number)) for number in range(1, 11)))

    assert 55 == (await stores.clients.uses(["one"]))["one"].secrets["aaaaaaaa"].count


async def test_the_use_of_a_retired_secret_is_kept(stores: Stores, client: Client) -> None:
    """As long as the client remembers the secret; a token that it still obtained is none of others'."""
    await _use(stores, client, _new(count=2), _new(_BBBB, at=_LATER))
    both = await stores.clients.uses(["one"])

    retired = await stored(stores.clients, client.without([_AAAA], now=NOON), before=client)
    kept = await stores.clients.uses(["one"])
    await stored(stores.clients, replace(retired, retired_secrets=()), before=retired)

    assert ["aaaaaaaa"] == [secret.secret_id for secret in retired.retired_secrets]
    assert dict(both) == dict(kept)
    left = {"bbbbbbbb": both["one"].secrets["bbbbbbbb"]}
    assert {"one": replace(both["one"], secrets=left, retired_count=2)} == dict(await stores.clients.uses(["one"]))


async def test_a_retired_secret_is_forgotten(stores: Stores, client: Client) -> None:
    """What is known of the others stays, when the client was last used, and how many tokens it got by retired ones."""
    await _use(stores, client, _new(), _new(_BBBB, at=_LATER))
    both = await stores.clients.uses(["one"])

    await stored(stores.clients, replace(client, secrets=(_BBBB,)), before=client)
    await _use(stores, client, _new())

    assert {"aaaaaaaa", "bbbbbbbb"} == set(both["one"].secrets)
    left = {"bbbbbbbb": both["one"].secrets["bbbbbbbb"]}
    assert {"one": replace(both["one"], secrets=left, retired_count=both["one"].secrets["aaaaaaaa"].count)} == dict(
        await stores.clients.uses(["one"])
    )


async def test_another_change_forgets_nothing(stores: Stores, client: Client) -> None:
    """A secret that gets a deadline, and a client that gets another name, were used as they were."""
    await _use(stores, client, _new(), _new(_BBBB, at=_LATER))
    before = await stores.clients.uses(["one"])

    ending = replace(_AAAA, expires_at=NOON)
    await stored(stores.clients, replace(client, name="New", secrets=(ending, _BBBB)), before=client)

    assert dict(before) == dict(await stores.clients.uses(["one"]))


async def test_a_deleted_client_is_forgotten(stores: Stores, client: Client) -> None:
    """One that is created with its id again was never used."""
    await _use(stores, client, _new())
    await delete(stores.clients, client)
    gone = dict(await stores.clients.uses(["one"]))
    await stored(stores.clients, replace(client, version=b"", epoch=client.epoch + 1))

    assert ({}, {}) == (gone, dict(await stores.clients.uses(["one"])))


@pytest.mark.usefixtures("client")
async def test_a_use_without_a_token_is_a_use(stores: Stores) -> None:
    """With its first and last moment and source; the client got no token by it."""
    await stores.tokens.add_uses([_new(count=0), _new(_BBBB, count=0, source="there")])
    await stores.tokens.add_uses([_new(count=0, source="192.0.2.7", at=_LATER)])

    assert {
        "one": ClientUse(
            secrets={
                "aaaaaaaa": SecretUse(count=0, first_at=NOON, last_at=_LATER, source="192.0.2.7"),
                "bbbbbbbb": SecretUse(count=0, first_at=NOON, last_at=NOON, source="there"),
            },
        )
    } == dict(await stores.clients.uses(["one"]))


async def test_uses_with_and_without_tokens_are_one(stores: Stores, client: Client) -> None:
    """The first of either is the first one; only tokens are counted, and say when the client last got one."""
    await stores.tokens.add_uses([_new(count=0)])
    await _use(stores, client, _new(count=2, at=_LATER))
    await stores.tokens.add_uses([_new(count=0, source="there", at=_LAST)])

    assert {
        "one": ClientUse(
            last_token_at=_LATER,
            secrets={
                "aaaaaaaa": SecretUse(count=2, first_at=NOON, last_at=_LAST, source="there"),
            },
        )
    } == dict(await stores.clients.uses(["one"]))


@pytest.mark.parametrize("count", [0, 7], ids=["that obtained no token", "that obtained tokens"])
async def test_a_use_that_is_written_late_sets_nothing_back(stores: Stores, client: Client, count: int) -> None:
    """The last one stays the last one, for the secret and for the client; what was earlier is the first one now."""
    await _use(stores, client, _new(at=_LAST))

    await stores.tokens.add_uses([_new(count=count, source="there", at=_LATER)])

    use = SecretUse(count=1 + count, first_at=_LATER, last_at=_LAST, source="here")
    assert {"one": ClientUse(last_token_at=_LAST, secrets={"aaaaaaaa": use})} == dict(
        await stores.clients.uses(["one"])
    )


async def test_a_token_that_is_written_late_sets_nothing_back(stores: Stores, client: Client) -> None:
    """Its step may have been under way for a while, or its core's clock be behind: the last use stays the last one."""
    await _use(stores, client, _new(at=_LAST))

    await _use(stores, client, _new(source="there", at=_LATER))

    use = SecretUse(count=2, first_at=_LATER, last_at=_LAST, source="here")
    used = dict(await stores.clients.uses(["one"]))
    assert {"one": ClientUse(last_token_at=_LAST, secrets={"aaaaaaaa": use})} == used


@pytest.mark.usefixtures("client")
async def test_a_write_under_a_number_is_done_once(stores: Stores) -> None:
    """By each writer; nor is a copy of an earlier one done that was held up. Without a writer there is no number."""
    for writer, number in (("a", 1), ("a", 1), ("b", 1), ("a", 2), ("a", 2), ("a", 1), ("", 0), ("", 0)):
        await stores.tokens.add_uses([_new()], writer=writer, number=number)

    assert 5 == (await stores.clients.uses(["one"]))["one"].secrets["aaaaaaaa"].count


@pytest.mark.usefixtures("client")
async def test_several_uses_may_be_written_as_one(stores: Stores) -> None:
    """From the first to the last of them, with all that they obtained; and again."""
    for count in (3, 4):
        await stores.tokens.add_uses([replace(_new(count=count, at=_LAST), first_at=_LATER)])
    await stores.tokens.add_uses([replace(_new(_BBBB, count=0, at=_LATER), first_at=NOON)])

    assert {
        "one": ClientUse(
            last_token_at=_LAST,
            secrets={
                "aaaaaaaa": SecretUse(count=7, first_at=_LATER, last_at=_LAST, source="here"),
                "bbbbbbbb": SecretUse(count=0, first_at=NOON, last_at=_LATER, source="here"),
            },
        )
    } == dict(await stores.clients.uses(["one"]))


async def test_a_client_that_is_gone_was_not_used(stores: Stores, client: Client) -> None:
    """What is written late of it leaves nothing behind; what is written with it of others is written."""
    secret = replace(_AAAA, secret_id="cccccccc")
    await stored(stores.clients, a_client("two", secrets=(secret,)))
    await delete(stores.clients, client)

    await stores.tokens.add_uses([_new(), NewUse("two", secret.secret_id, 0, "here", NOON)])

    assert ["two"] == list(await stores.clients.uses(["one", "two"]))


async def test_the_next_client_of_an_id_was_not_used(stores: Stores, client: Client) -> None:
    """What is written late is of the one that was deleted; so it is with a secret that the client has forgotten."""
    await delete(stores.clients, client)
    await stored(stores.clients, a_client("one", secrets=(_BBBB,), epoch=client.epoch + 1))

    await stores.tokens.add_uses([_new()])

    assert {} == dict(await stores.clients.uses(["one"]))


async def test_no_use_is_none(stores: Stores, client: Client) -> None:
    """Nothing is written down of nothing."""
    await stores.tokens.add_uses([])

    assert {} == dict(await stores.clients.uses([client.client_id]))


async def test_a_secret_that_obtained_no_token_is_forgotten_as_others_are(stores: Stores, client: Client) -> None:
    """It leaves no tokens of retired secrets."""
    await stores.tokens.add_uses([_new(count=0), _new(_BBBB, count=0)])

    await stored(stores.clients, replace(client, secrets=(_BBBB,)), before=client)

    left = SecretUse(count=0, first_at=NOON, last_at=NOON, source="here")
    assert {"one": ClientUse(secrets={"bbbbbbbb": left})} == dict(await stores.clients.uses(["one"]))

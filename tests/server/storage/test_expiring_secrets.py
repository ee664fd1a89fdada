"""Which secrets expire soon, and whose a secret is, on every store. See `ClientStore.expiring`."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.ports import ClientStore
from tests.server.samples import NOON, a_client
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, put, put_all, stored

_SECOND = timedelta(seconds=1)


def _secret(secret_id: str, expires_at: datetime | None) -> Secret:
    return Secret(secret_id=secret_id, digest=bytes(range(32)), created_at=NOON, expires_at=expires_at)


async def _expiring(clients: ClientStore, *, before: datetime = NOON + 10 * _SECOND, limit: int = 200) -> list[str]:
    """The ids of the secrets that expire, read *limit* at a time to the end."""
    secret_ids: list[str] = []
    after = b""
    for _ in range(3000):
        page = await clients.expiring(before=before, after=after, limit=limit)
        secret_ids += [secret.secret_id for _, secret in page.items]
        after = page.next_page
        if not after:
            return secret_ids
    raise AssertionError("the list does not end")


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_secrets_are_listed_in_the_order_in_which_they_expire(stores: Stores, limit: int) -> None:
    """Those of one second in any order, each once; expired ones first; no others."""
    ends = {
        "aaaaaaaa": NOON + 3 * _SECOND,
        "bbbbbbbb": NOON + _SECOND,
        "cccccccc": NOON + _SECOND + timedelta(milliseconds=1),
        "dddddddd": NOON - timedelta(days=400),
        "eeeeeeee": NOON + 9 * _SECOND,
        "ffffffff": NOON + 10 * _SECOND,
        "gggggggg": None,
    }
    secrets = [_secret(secret_id, end) for secret_id, end in ends.items()]
    await put(stores.clients, a_client("one", secrets=tuple(secrets[::2])))
    await put(stores.clients, a_client("two", secrets=tuple(secrets[1::2])))

    listed = await _expiring(stores.clients, limit=limit)

    assert ["dddddddd", {"bbbbbbbb", "cccccccc"}, "aaaaaaaa", "eeeeeeee"] == [
        listed[0],
        set(listed[1:3]),
        *listed[3:],
    ]
    assert 5 == await stores.clients.count_expiring(before=NOON + 10 * _SECOND)


async def test_a_listed_secret_comes_with_its_client(stores: Stores) -> None:
    """Both whole."""
    secret = _secret("abcdefgh", NOON)
    client = await stored(stores.clients, a_client("one", secrets=(secret,)))

    page = await stores.clients.expiring(before=NOON + _SECOND, after=b"", limit=10)

    assert ([(client, secret)], b"") == (list(page.items), page.next_page)


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        pytest.param([_secret("abcdefgh", NOON + 5 * _SECOND)], ["abcdefgh"], id="it expires at another time"),
        pytest.param([_secret("abcdefgh", None)], [], id="it does not expire any more"),
        pytest.param([_secret("abcdefgh", NOON + 20 * _SECOND)], [], id="it expires later"),
        pytest.param([], [], id="it was retired"),
        pytest.param(
            [_secret("abcdefgh", NOON), _secret("bcdefghi", NOON)], ["abcdefgh", "bcdefghi"], id="there is another one"
        ),
    ],
)
async def test_the_list_follows_the_client(stores: Stores, secrets: list[Secret], expected: list[str]) -> None:
    """From the write on."""
    before = await stored(stores.clients, a_client("one", secrets=(_secret("abcdefgh", NOON),)))

    await stored(stores.clients, replace(before, secrets=tuple(secrets)), before=before)

    assert (expected, len(expected)) == (
        await _expiring(stores.clients),
        await stores.clients.count_expiring(before=NOON + 10 * _SECOND),
    )


async def test_a_deleted_clients_secrets_expire_no_more(stores: Stores) -> None:
    """They are in no list."""
    client = await stored(stores.clients, a_client("one", secrets=(_secret("abcdefgh", NOON),)))

    await delete(stores.clients, client)

    assert ([], 0) == (
        await _expiring(stores.clients),
        await stores.clients.count_expiring(before=NOON + 10 * _SECOND),
    )


async def test_more_secrets_of_one_second_than_a_page_looks_at(stores: Stores) -> None:
    """As after the import of another system's clients under a policy: each is seen once, and the list ends."""
    ids = [f"{number:04}".translate(str.maketrans("0123456789", "abcdefghij")) * 2 for number in range(1300)]
    await put_all(stores.clients, (a_client(one, secrets=(_secret(one, NOON),)) for one in ids))

    assert sorted(ids) == await _expiring(stores.clients, limit=100)


async def test_a_secret_leads_to_its_client(stores: Stores) -> None:
    """While the client has it."""
    one, another = _secret("abcdefgh", None), _secret("bcdefghi", NOON)
    before = await stored(stores.clients, a_client("one", secrets=(one, another)))
    await stored(stores.clients, a_client("two", secrets=(_secret("cdefghij", None),)))

    async def owners() -> list[str | None]:
        ids = ("abcdefgh", "bcdefghi", "cdefghij", "zzzzzzzz")
        return [await stores.clients.client_of_secret(secret_id) for secret_id in ids]

    both = await owners()
    after = await stored(stores.clients, replace(before, secrets=(another,)), before=before)
    retired = await owners()
    await delete(stores.clients, after)

    assert [
        ["one", "one", "two", None],
        [None, "one", "two", None],
        [None, None, "two", None],
    ] == [both, retired, await owners()]

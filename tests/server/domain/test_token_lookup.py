"""Reading what is known of tokens, and of those who ask about them, seen in the round trips that it takes."""

from dataclasses import replace

import pytest

from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.clients import Permission
from grantway_server.domain.introspection import IntrospectionRequest
from tests.server.domain.grant import FIELDS, check, counted_grant, register, token_of
from tests.server.samples import WELL_FORMED_TOKEN

_SERVER = replace(FIELDS, permissions=frozenset({Permission.INTROSPECT_TOKENS}))
_TEST_TOKEN = with_checksum("client_oa2_test_" + "0" * 40)


@pytest.mark.parametrize(
    "size", [pytest.param(1, id="of-one"), pytest.param(10, id="of-ten"), pytest.param(128, id="of-the-largest-size")]
)
@pytest.mark.parametrize(
    ("asking", "expected"),
    [
        pytest.param("nobody", ["get tokens"], id="nobody-in-particular-asks"),
        pytest.param("everybody", ["get tokens"], id="clients-ask"),
        pytest.param("a wrong secret", ["get tokens", "get clients"], id="a-wrong-secret"),
        pytest.param("an unknown client", ["get tokens", "get clients"], id="an-unknown-client"),
        pytest.param("what is no id", ["get tokens"], id="what-could-not-be-a-client"),
        pytest.param("a client that is not remembered", ["get tokens", "get clients"], id="one-that-is-not-remembered"),
    ],
)
async def test_a_batch_costs_as_many_round_trips_whatever_its_size(size: int, asking: str, expected: list[str]) -> None:
    """And as many for an unknown client as for a wrong secret. That secrets are in use was written down just before."""
    grant, clients, round_trips = counted_grant()
    servers = [await register(grant, _SERVER) for _ in range(size)]
    texts = [await token_of(grant, await register(grant)) for _ in range(size)]
    questions = [
        IntrospectionRequest(text, (), None if asking == "nobody" else server.presented())
        for text, server in zip(texts, servers, strict=True)
    ]
    await check(grant, *questions)  # Everybody is remembered now.
    match asking:
        case "a wrong secret":
            questions[-1].credentials = servers[-1].presented(client_secret="wrong")
        case "an unknown client":
            questions[-1].credentials = servers[-1].presented(client_id="svc_live_zzzzzzzzzzzzzzzz")
        case "what is no id":
            questions[-1].credentials = servers[-1].presented(client_id="no id")
        case "a client that is not remembered":
            await grant.clients.update(servers[-1].client.client_id, FIELDS, mask=frozenset({"description"}))
            clients._memory.forget(servers[-1].client.client_id)  # noqa: SLF001 - as if others had been read since.
    round_trips.clear()

    await check(grant, *questions)

    assert expected == [name for name, _ in round_trips]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["", "x", WELL_FORMED_TOKEN[:-1], _TEST_TOKEN], [], id="tokens-that-are-none-here"),
        pytest.param([WELL_FORMED_TOKEN] * 3, [("get tokens", 1)], id="one-unknown-token-three-times"),
    ],
)
async def test_what_needs_no_look_up_gets_none(texts: list[str], expected: list[tuple[str, int]]) -> None:
    """V09: the store is not asked about what cannot be there, and never twice about the same."""
    grant, _, round_trips = counted_grant()

    await check(grant, *map(IntrospectionRequest, texts))

    assert expected == round_trips

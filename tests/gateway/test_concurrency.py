"""Load shedding: one request too many is told so at once."""

import asyncio

from tests.fakes.core import FakeCore
from tests.gateway.harness import CREDENTIALS, GRANT, NO_STORE, application, headers_of


async def test_one_request_too_many_is_503(core: FakeCore) -> None:
    """Those under way are answered; health is not counted; and there is room again afterwards."""
    core.tokens.open.clear()
    async with application(core.address, max_concurrency=2) as client:
        under_way = [asyncio.create_task(client.post("/oauth/token", data=GRANT | CREDENTIALS)) for _ in range(2)]
        async with asyncio.timeout(5):
            while not core.tokens.requests:  # noqa: ASYNC110 - the fake has no event for it.
                await asyncio.sleep(0.01)

        refused = await client.post("/oauth/token", data=GRANT | CREDENTIALS)
        alive = await client.get("/livez")
        core.tokens.open.set()
        answered = [(await task).status_code for task in under_way]
        again = await client.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert (503, NO_STORE | {"retry-after": "1"}) == (refused.status_code, headers_of(refused))
    assert refused.json() == {
        "error": "temporarily_unavailable",
        "error_description": "The service is overloaded: try again after the time in Retry-After.",
    }
    assert (200, [200, 200], 200) == (alive.status_code, answered, again.status_code)


async def test_a_request_that_fails_makes_room_again(core: FakeCore) -> None:
    """Whatever becomes of it."""
    async with application(core.address, max_concurrency=1) as client:
        statuses = [(await client.post("/oauth/token", data=GRANT)).status_code for _ in range(3)]

    assert [401, 401, 401] == statuses


async def test_each_endpoint_has_room_of_its_own(core: FakeCore) -> None:
    """Token requests that wait keep nobody from introspecting."""
    core.tokens.open.clear()
    async with application(core.address, max_concurrency=1) as client:
        waiting = asyncio.create_task(client.post("/oauth/token", data=GRANT | CREDENTIALS))
        async with asyncio.timeout(5):
            while not core.tokens.requests:  # noqa: ASYNC110 - the fake has no event for it.
                await asyncio.sleep(0.01)

        statuses = [
            (await client.post(path, data=GRANT | {"token": "x"})).status_code
            for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke")
        ]
        core.tokens.open.set()
        await waiting

    assert [503, 401, 401] == statuses

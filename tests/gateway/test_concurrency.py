"""Load shedding: one request too many is told so at once."""

import asyncio
from urllib.parse import urlencode

import httpx

from tests.fakes.core import FakeCore
from tests.gateway.harness import CREDENTIALS, GRANT, NO_STORE, application, headers_of, serving_gateway


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


async def test_a_client_that_hangs_up_has_its_place_until_its_request_is_done(core: FakeCore) -> None:
    """What it began is finished, for a revocation must not be lost, and within the deadline; then there is room."""
    core.tokens.open.clear()
    request = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    body = urlencode(GRANT | CREDENTIALS).encode()
    async with serving_gateway(core.address, max_concurrency=1) as gateway:
        async with gateway.connection() as (_, writer):
            writer.write(b"%bContent-Length: %d\r\n\r\n%b" % (request, len(body), body))
            async with asyncio.timeout(5):
                while not core.tokens.requests:  # noqa: ASYNC110 - the fake has no event for it.
                    await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=gateway.url) as client:
            during = await client.post("/oauth/token", data=GRANT | CREDENTIALS)
            core.tokens.open.set()
            async with asyncio.timeout(5):
                after = during
                while after.status_code == 503:  # Its answer is the only sign of when there is room.
                    await asyncio.sleep(0.01)
                    after = await client.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert (503, 200) == (during.status_code, after.status_code)


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

"""`TokenClient` against a real core in this process."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256

import grpc
import pytest

from grantway import GrantwayError, Refused, TokenClient, Unreachable
from grantway.v1 import client_pb2, client_service_pb2, client_service_pb2_grpc
from grantway.v1 import token_service_pb2 as pb
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.arrival import arrived
from tests.fakes.watched_stores import CountingTokenStore, GatedTokenStore
from tests.programs import free_ports
from tests.sdk.core_in_process import (
    CLOCK,
    PATIENT,
    Credentials,
    RunningCore,
    core_in_process,
    until_ready,
)
from tests.server.samples import NOON, WELL_FORMED_TOKEN

_Described = tuple[type[GrantwayError], str, timedelta | None]

_CLOSED: _Described = (Unreachable, "the client was closed", None)
_TOO_MANY: _Described = (Unreachable, "too many requests wait for the core: this one was not sent", None)
_NO_TOKEN: _Described = (Refused, "INVALID_REQUEST: token is missing.", None)
_NOBODY_THERE: _Described = (Unreachable, "no core answered in time (UNAVAILABLE)", None)
_NOBODY_IN_TIME: _Described = (Unreachable, "no core answered in time (DEADLINE_EXCEEDED)", None)


async def _described(call: Awaitable[object]) -> _Described:
    """The error of *call* as a value: an exception equals only itself."""
    with pytest.raises(GrantwayError) as caught:
        await call
    return type(caught.value), str(caught.value), getattr(caught.value, "retry_after", None)


@pytest.fixture(name="token_store")
async def _token_store() -> GatedTokenStore:
    return GatedTokenStore(CLOCK.now)


@pytest.fixture(name="core")
async def _core(token_store: GatedTokenStore) -> AsyncIterator[RunningCore]:
    async with core_in_process(token_store=token_store) as core:
        yield core


@pytest.fixture(name="client")
async def _client(core: RunningCore) -> AsyncIterator[TokenClient]:
    async with TokenClient(core.address, timeout=PATIENT) as client:
        await until_ready(client)
        yield client


@pytest.fixture(name="credentials")
async def _credentials(core: RunningCore) -> Credentials:
    return await core.new_client()


async def test_a_token_lives_from_issue_to_revocation(client: TokenClient, credentials: Credentials) -> None:
    """What is issued is what is introspected, until it is revoked; each answer is seen whole."""
    issued = await client.issue(**credentials, scope="b a")
    active = await client.introspect(issued.access_token)
    await client.revoke(issued.access_token)
    revoked = await client.introspect(issued.access_token)
    await client.revoke(issued.access_token)

    expected = pb.IssueTokenResponse(access_token=issued.access_token, scope="b a")
    expected.expires_in.FromTimedelta(timedelta(hours=1))
    dead = pb.IntrospectTokenResponse(
        inactive_reason=pb.INACTIVE_REASON_REVOKED, revocation_position=revoked.revocation_position
    )
    assert (expected, dead) == (issued, revoked)
    assert (
        pb.IntrospectTokenResponse(
            active=True,
            client_id=credentials["client_id"],
            scope="b a",
            issue_time=NOON,
            expire_time=NOON + timedelta(hours=1),
            token_id=active.token_id,
            environment=client_pb2.ENVIRONMENT_LIVE,
            client_name="Concierge",
            revocation_position=active.revocation_position,
            remaining_milliseconds=3_600_000,
        )
        == active
    )


async def test_a_question_can_say_who_asks(core: RunningCore, client: TokenClient, credentials: Credentials) -> None:
    """By its audiences, or on behalf of a client, beside others in one batch."""
    server = pb.ClientCredentials(**await core.new_client(audiences=["x"], may_introspect=True))
    wrong = pb.ClientCredentials(client_id=server.client_id, client_secret="wrong")
    issuer = await core.new_client(audiences=["x", "y"])
    for_x, for_y = [(await client.issue(**issuer, audiences=[name])).access_token for name in ("x", "y")]

    answers = await asyncio.gather(
        client.introspect(for_x, audiences=["x"]),
        client.introspect(for_y, audiences=["x"]),
        client.introspect(for_x, credentials=server),
        client.introspect(for_y, credentials=server),
        client.introspect(for_x, audiences=["y"], credentials=server),
        client.introspect(for_y),
    )
    refused = [
        await _described(client.introspect(for_x, credentials=one))
        for one in (wrong, pb.ClientCredentials(), pb.ClientCredentials(**credentials))
    ]

    reasons = [answer.inactive_reason for answer in answers]
    assert [True, False, True, False, False, True] == [answer.active for answer in answers]
    assert [0, pb.INACTIVE_REASON_WRONG_AUDIENCE, 0, 0, 0, 0] == reasons
    assert [
        (
            Refused,
            "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
            None,
        ),
        (Refused, "INVALID_REQUEST: client_id is missing.", None),
        (Refused, "UNAUTHORIZED_CLIENT: The client may not introspect tokens.", None),
    ] == refused


async def test_a_revocation_can_say_who_asks(core: RunningCore, client: TokenClient, credentials: Credentials) -> None:
    """A client ends its own tokens only."""
    token = (await client.issue(**credentials)).access_token
    active = []
    for one in (await core.new_client(), credentials):
        await client.revoke(token, credentials=pb.ClientCredentials(**one))
        active.append((await client.introspect(token)).active)

    assert [True, False] == active
    assert await _described(client.revoke(token, credentials=pb.ClientCredentials())) == (
        Refused,
        "INVALID_REQUEST: client_id is missing.",
        None,
    )


async def test_a_secret_that_is_checked_slowly_is_waited_for(client: TokenClient) -> None:
    """Outside of the batch, as for a token: each in its first call, which nothing else waits for."""
    text = "an-old-secret"
    stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(client.channel)
    fields = client_service_pb2.CreateClientRequest(
        name="Legacy", permissions=[client_pb2.PERMISSION_INTROSPECT_TOKENS]
    )
    await stub.BatchImportClients(
        client_service_pb2.BatchImportClientsRequest(
            requests=[
                {
                    "client_id": name,
                    "secret_hash": f"{{SHA-256}}{sha256(text.encode()).hexdigest()}",
                    "client": fields,
                }
                for name in ("one", "two")
            ]
        )
    )

    answer = await client.introspect("x", credentials=pb.ClientCredentials(client_id="one", client_secret=text))
    await client.revoke("x", credentials=pb.ClientCredentials(client_id="two", client_secret=text))

    assert pb.IntrospectTokenResponse(active=False) == answer


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(
            {"scope": "c"},
            (Refused, "INVALID_SCOPE: The client may not ask for this scope: ask for allowed scopes only.", None),
            id="a-scope-that-is-not-allowed",
        ),
        pytest.param(
            {"audiences": ["https://api.example.com"]},
            (Refused, "INVALID_TARGET: The client may not ask for this audience: ask for a registered one.", None),
            id="an-audience-that-is-not-registered",
        ),
        pytest.param(
            {"grant_type": "password"},
            (Refused, "UNSUPPORTED_GRANT_TYPE: grant_type must be client_credentials.", None),
            id="another-grant",
        ),
        pytest.param({"client_id": ""}, (Refused, "INVALID_REQUEST: client_id is missing.", None), id="no-client-id"),
        pytest.param(
            {"client_secret": "a secret that is wrong"},
            (
                Refused,
                "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
                None,
            ),
            id="a-wrong-secret",
        ),
    ],
)
async def test_a_refusal_is_an_error_with_its_reason(
    client: TokenClient, credentials: Credentials, arguments: dict[str, str], expected: _Described
) -> None:
    """A refused item of a batch is `Refused`, with reason and description as the core gave them."""
    assert expected == await _described(client.issue(**(credentials | arguments)))  # type: ignore[arg-type]


async def test_a_refusal_says_how_long_to_wait(client: TokenClient, credentials: Credentials) -> None:
    """Two failures are answered as such, the third with the time to wait; those of another source are not counted."""
    wrong = Credentials(client_id=credentials["client_id"], client_secret="wrong")
    described = [await _described(client.issue(**wrong, source="192.0.2.1")) for _ in range(3)]
    elsewhere = await _described(client.issue(**wrong, source="192.0.2.2"))

    failed: _Described = (
        Refused,
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret.",
        None,
    )
    limited: _Described = (
        Refused,
        (
            "RATE_LIMITED: Too many failed authentications of this client from this source: "
            "wait, and check the client secret."
        ),
        timedelta(seconds=10),
    )
    assert ([failed, failed, limited], failed) == (described, elsewhere)


_CALLS = [
    pytest.param(lambda client, credentials: client.issue(**credentials), id="issue"),
    pytest.param(lambda client, _: client.introspect(WELL_FORMED_TOKEN), id="introspect"),
    pytest.param(lambda client, _: client.revoke(WELL_FORMED_TOKEN), id="revoke"),
]
_BATCHED = _CALLS[:2]
_Call = Callable[[TokenClient, Credentials], Awaitable[object]]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda client: client.introspect(""), id="introspect-an-item-of-a-batch"),
        pytest.param(lambda client: client.revoke(""), id="revoke-a-call-of-its-own"),
    ],
)
async def test_no_token_is_a_refusal(client: TokenClient, call: Callable[[TokenClient], Awaitable[object]]) -> None:
    """A question about nothing is refused in the same words, in a batch and alone."""
    assert await _described(call(client)) == _NO_TOKEN


@pytest.mark.parametrize("call", _CALLS)
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            StorageUnavailable(),
            (Refused, "STORAGE_UNAVAILABLE: The store did not answer in time: try again.", timedelta(seconds=1)),
            id="while-the-store-is-gone",
        ),
        pytest.param(
            KeyError("something secret"),
            (Refused, "INTERNAL: An internal error: try again, and report it if it persists.", None),
            id="while-the-core-is-broken",
        ),
    ],
)
async def test_a_call_that_fails_as_a_whole_says_why(  # noqa: PLR0917 - a table, and a world.
    client: TokenClient,
    credentials: Credentials,
    token_store: GatedTokenStore,
    call: _Call,
    error: Exception,
    expected: _Described,
) -> None:
    """Reason, fixed description and time to wait come from the trailer; a core that has answered is not asked again."""
    token_store.error = error

    assert (expected, 1) == (await _described(call(client, credentials)), token_store.asked)


async def test_a_failed_call_fails_all_of_its_batch_and_nobody_later(
    client: TokenClient, credentials: Credentials, token_store: GatedTokenStore
) -> None:
    """Everyone in the batch is told; once the store is back, so is the service."""
    token_store.error = StorageUnavailable()
    described = await asyncio.gather(*(_described(client.issue(**credentials)) for _ in range(3)))
    token_store.error = None

    assert {
        (Refused, "STORAGE_UNAVAILABLE: The store did not answer in time: try again.", timedelta(seconds=1))
    } == set(described)
    assert (await client.issue(**credentials)).scope == "a"


async def test_concurrent_calls_travel_together_and_arrive_apart() -> None:
    """300 questions asked at once are three calls, and each caller gets the answer to its own."""
    round_trips: list[tuple[str, int]] = []
    clients = MemoryClientStore()
    store = CountingTokenStore(MemoryTokenStore(CLOCK.now, clients), round_trips)
    async with (
        core_in_process(client_store=clients, token_store=store) as core,
        TokenClient(core.address, timeout=PATIENT) as client,
    ):
        first, second = await core.new_client(), await core.new_client()
        issued = await asyncio.gather(
            *(client.issue(**(second if number % 3 else first), scope="ab"[number % 2]) for number in range(300))
        )
        answers = await asyncio.gather(*(client.introspect(one.access_token) for one in issued))

    assert [(True, (second if number % 3 else first)["client_id"], "ab"[number % 2]) for number in range(300)] == [
        (answer.active, answer.client_id, answer.scope) for answer in answers
    ]
    assert [(what, size) for what in ("add", "get tokens") for size in (128, 128, 44)] == round_trips


async def test_a_request_that_is_too_large_spoils_no_batch(client: TokenClient, credentials: Credentials) -> None:
    """A resource server passes on what strangers send: it is refused before it joins the others."""
    token = (await client.issue(**credentials)).access_token

    good, *bad = await asyncio.gather(
        client.introspect(token),
        client.introspect("x" * 3_000_000),
        client.revoke("x" * 5_000_000),
        return_exceptions=True,
    )

    assert isinstance(good, pb.IntrospectTokenResponse)
    assert good.active
    assert ["INVALID_REQUEST: the request is larger than 16384 bytes"] * 2 == list(map(str, bad))


async def test_thousands_of_callers_cancelled_at_random_take_nobody_with_them(core: RunningCore) -> None:
    """A third of 3,000 callers leaves at any moment; each of the others gets the answer to its own question."""
    chance = random.Random(6749)  # noqa: S311 - nothing secret.
    async with TokenClient(core.address, timeout=PATIENT) as client:
        owners = [await core.new_client() for _ in range(10)]
        issued = await asyncio.gather(*(client.issue(**owners[number % 10]) for number in range(100)))

        async def ask(number: int) -> str:
            await asyncio.sleep(chance.random() / 5)
            if number % 2:
                return (await client.introspect(issued[number % 100].access_token)).client_id
            token = await client.issue(**owners[number % 10])
            return (await client.introspect(token.access_token)).client_id

        callers = [asyncio.create_task(ask(number)) for number in range(3_000)]
        leaving = chance.sample(range(3_000), 1_000)
        for number in leaving:
            asyncio.get_running_loop().call_later(chance.random() / 3, callers[number].cancel)
        answers = await asyncio.gather(*callers, return_exceptions=True)

    wrong = [
        (number, answer)
        for number, answer in enumerate(answers)
        if answer != owners[number % 10]["client_id"]
        and not (isinstance(answer, asyncio.CancelledError) and number in leaving)
    ]
    assert [] == wrong
    assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) > 300


@pytest.mark.parametrize("call", _CALLS)
async def test_nobody_there_is_told_within_two_seconds(call: _Call) -> None:
    """Nothing listens: `Unreachable`, soon, with the timeout that a caller gets who says nothing."""
    loop = asyncio.get_running_loop()
    async with TokenClient(f"127.0.0.1:{free_ports(1)[0]}") as client:
        started = loop.time()
        described = await _described(call(client, Credentials(client_id="a", client_secret="b")))

    assert _NOBODY_THERE == described
    assert loop.time() - started < 2


async def test_a_core_that_comes_up_is_found() -> None:
    """A client that was there before its core recovers by itself, and within seconds."""
    (port,) = free_ports(1)
    async with TokenClient(f"127.0.0.1:{port}", timeout=PATIENT) as client:
        before = await _described(client.introspect(WELL_FORMED_TOKEN))
        async with core_in_process(port=port), asyncio.timeout(5):
            await until_ready(client)
            after = await client.introspect(WELL_FORMED_TOKEN)

    unknown = pb.IntrospectTokenResponse(inactive_reason=pb.INACTIVE_REASON_UNKNOWN)
    assert (_NOBODY_THERE, unknown) == (before, after)


async def test_a_core_that_restarts_is_found_again() -> None:
    """The core goes away and comes back on its port, with its store: the same token is active."""
    clients = MemoryClientStore()
    tokens = MemoryTokenStore(CLOCK.now, clients)
    (port,) = free_ports(1)
    async with TokenClient(f"127.0.0.1:{port}", timeout=PATIENT) as client:
        async with core_in_process(client_store=clients, token_store=tokens, port=port) as core:
            issued = await client.issue(**await core.new_client())
        between = await _described(client.introspect(issued.access_token))
        async with core_in_process(client_store=clients, token_store=tokens, port=port), asyncio.timeout(5):
            await until_ready(client)
            after = await client.introspect(issued.access_token)

    assert (_NOBODY_THERE, True) == (between, after.active)


async def test_one_core_of_two_is_enough() -> None:
    """With two cores named, one that stops costs nobody an error."""
    clients = MemoryClientStore()
    tokens = MemoryTokenStore(CLOCK.now, clients)
    async with (
        core_in_process(client_store=clients, token_store=tokens) as first,
        core_in_process(client_store=clients, token_store=tokens) as second,
        TokenClient(f"{first.address},{second.address}", timeout=PATIENT) as client,
    ):
        credentials = await first.new_client()
        both = [await client.issue(**credentials) for _ in range(10)]
        await first.server.stop(None)
        one = [await client.issue(**credentials) for _ in range(10)]
        active = [(await client.introspect(issued.access_token)).active for issued in both + one]

    assert [True] * 20 == active


@pytest.mark.parametrize("call", _CALLS)
async def test_a_core_that_hangs_is_given_up_in_time(
    core: RunningCore, credentials: Credentials, token_store: GatedTokenStore, call: _Call
) -> None:
    """A call that the core does not answer ends with the timeout."""
    token_store.open.clear()
    loop = asyncio.get_running_loop()
    async with TokenClient(core.address, timeout=timedelta(milliseconds=200)) as client:
        started = loop.time()
        described = await _described(call(client, credentials))

    assert _NOBODY_IN_TIME == described
    assert loop.time() - started < 1


async def test_what_queues_behind_a_hanging_call_is_given_up_in_time(
    core: RunningCore, token_store: GatedTokenStore
) -> None:
    """The longest wait is twice the timeout: one for the turn, one for the call."""
    token_store.open.clear()
    loop = asyncio.get_running_loop()
    async with TokenClient(core.address, timeout=timedelta(milliseconds=200)) as client:
        await until_ready(client)
        first = asyncio.create_task(_described(client.introspect(WELL_FORMED_TOKEN)))
        await arrived(token_store.entered, first)
        started = loop.time()
        described = await _described(client.introspect(WELL_FORMED_TOKEN))

        assert described in (_NOBODY_IN_TIME, (Unreachable, "no core took the request in time", None))
        assert loop.time() - started < 1
        assert await first == _NOBODY_IN_TIME


@pytest.mark.parametrize("call", _CALLS)
async def test_a_core_that_stops_in_the_middle_of_a_call_is_unreachable(
    core: RunningCore, client: TokenClient, credentials: Credentials, token_store: GatedTokenStore, call: _Call
) -> None:
    """Whether it was done is unknown, and that is what the caller is told."""
    token_store.open.clear()
    calling = asyncio.ensure_future(_described(call(client, credentials)))
    await arrived(token_store.entered, calling)

    await core.server.stop(None)

    assert await calling == _NOBODY_THERE


async def test_a_core_that_stops_with_grace_answers_first(
    core: RunningCore, client: TokenClient, credentials: Credentials, token_store: GatedTokenStore
) -> None:
    """A call that is under way when the core begins to stop gets its answer."""
    token_store.open.clear()
    calling = asyncio.create_task(client.issue(**credentials))
    await arrived(token_store.entered, calling)
    stopping = asyncio.ensure_future(core.server.stop(10))
    token_store.open.set()

    assert (await calling).scope == "a"
    await stopping


@pytest.mark.parametrize("call", _BATCHED)
async def test_one_more_than_may_wait_is_told_at_once(
    core: RunningCore, credentials: Credentials, token_store: GatedTokenStore, call: _Call
) -> None:
    """It disturbs nobody: the call under way and the one that waits for its turn get their answers."""
    async with TokenClient(core.address, timeout=PATIENT, max_waiting=1) as client:
        token_store.open.clear()
        under_way = asyncio.ensure_future(call(client, credentials))
        await arrived(token_store.entered, under_way)
        waiting = asyncio.ensure_future(call(client, credentials))
        await asyncio.sleep(0)

        assert await _described(call(client, credentials)) == _TOO_MANY
        assert not under_way.done()
        token_store.open.set()
        await asyncio.gather(under_way, waiting)


@pytest.mark.parametrize("call", _CALLS)
async def test_closing_ends_every_call(
    core: RunningCore, credentials: Credentials, token_store: GatedTokenStore, call: _Call
) -> None:
    """Under way or to come, each call is `Unreachable`, none looks like the caller's own cancellation."""
    client = TokenClient(core.address, timeout=PATIENT)
    token_store.open.clear()
    calling = asyncio.ensure_future(_described(call(client, credentials)))
    await arrived(token_store.entered, calling)

    await client.close()
    await client.close()

    assert [_CLOSED, _CLOSED] == [await calling, await _described(call(client, credentials))]


async def test_a_channel_that_is_closed_by_others_ends_its_calls(
    core: RunningCore, credentials: Credentials, token_store: GatedTokenStore
) -> None:
    """The channel can be had, so it can be closed: calls on it end as if the client had been, and the others go on."""
    async with TokenClient(core.address, timeout=PATIENT) as client:
        token_store.open.clear()
        calling = asyncio.ensure_future(_described(client.revoke(WELL_FORMED_TOKEN)))
        await arrived(token_store.entered, calling)

        await client.channel.close()

        assert [_CLOSED, _CLOSED] == [await calling, await _described(client.revoke(WELL_FORMED_TOKEN))]
        token_store.open.set()
        assert (await client.issue(**credentials)).scope == "a"


@pytest.mark.parametrize("call", _CALLS)
async def test_a_caller_that_leaves_takes_its_call_along(
    client: TokenClient, credentials: Credentials, token_store: GatedTokenStore, call: _Call
) -> None:
    """The cancelled caller is cancelled, and nothing else; the core stops working for it."""
    token_store.open.clear()
    calling = asyncio.ensure_future(call(client, credentials))
    await arrived(token_store.entered, calling)
    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling
    await asyncio.wait_for(token_store.cancelled.wait(), timeout=5)


@asynccontextmanager
async def _core_that_answers(*results: pb.IssueTokenResult) -> AsyncIterator[str]:
    """The address of a core of another version, which answers every batch of token requests with *results*."""

    async def answer(messages: AsyncIterator[object], _context: object) -> AsyncIterator[pb.StreamIssueTokensResponse]:
        async for _ in messages:
            yield pb.StreamIssueTokensResponse(results=results)

    handler = grpc.stream_stream_rpc_method_handler(
        answer,
        request_deserializer=pb.StreamIssueTokensRequest.FromString,
        response_serializer=pb.StreamIssueTokensResponse.SerializeToString,
    )
    async with _server(
        grpc.method_handlers_generic_handler("grantway.v1.TokenService", {"StreamIssueTokens": handler})
    ) as address:
        yield address


@asynccontextmanager
async def _server(*handlers: grpc.GenericRpcHandler) -> AsyncIterator[str]:
    """The address of a server that is no core."""
    server = grpc.aio.server(handlers=handlers)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param([pb.IssueTokenResult()], "INTERNAL: ", id="an-outcome-of-a-newer-version"),
        pytest.param([], "INTERNAL: the core did not answer each request of a batch", id="no-answer"),
        pytest.param(
            [pb.IssueTokenResult()] * 2,
            "INTERNAL: the core did not answer each request of a batch",
            id="two-answers-to-one-request",
        ),
    ],
)
async def test_nonsense_from_a_core_is_an_error(results: list[pb.IssueTokenResult], expected: str) -> None:
    """An answer that this version does not understand is a fault of the service, and nobody hangs."""
    async with _core_that_answers(*results) as address, TokenClient(address, timeout=PATIENT) as client:
        described = await _described(client.issue(client_id="a", client_secret="b"))

    assert (Refused, expected, None) == described


async def test_a_server_of_somebody_else_is_an_error() -> None:
    """A server that does not know the method says so, and so does the client."""
    async with _server() as address, TokenClient(address, timeout=PATIENT) as client:
        described = await _described(client.revoke(WELL_FORMED_TOKEN))

    assert described == (Refused, "INTERNAL: the call failed (UNIMPLEMENTED)", None)

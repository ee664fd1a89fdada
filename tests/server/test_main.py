"""The program `grantway-server`, as a process."""

import asyncio
import signal
import socket
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from redis.asyncio import Redis

from grantway import Refused, TokenClient
from grantway.v1 import client_service_pb2, client_service_pb2_grpc, token_service_pb2_grpc
from grantway.v1 import token_service_pb2 as pb
from tests.programs import Ended, Program, running
from tests.valkey_server import embedded_valkey


def _core(redis_url: str, **variables: str) -> AbstractContextManager[Program]:
    """A core process on a free port."""
    return running("grantway-server", **({"GRANTWAY_GRPC_PORT": "0", "GRANTWAY_REDIS_URL": redis_url} | variables))


async def _health(address: str) -> int:
    async with grpc.aio.insecure_channel(address) as channel:
        # The stubs' annotations do not know its methods.
        stub: Any = health_pb2_grpc.HealthStub(channel)
        return int((await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)).status)


async def _new_client(channel: grpc.aio.Channel) -> tuple[str, str]:
    """The id and the secret of a new client."""
    stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(channel)
    created = await stub.CreateClient(client_service_pb2.CreateClientRequest(name="Concierge"))
    return created.client.client_id, created.client_secret


async def _becomes(address: str, status: int) -> None:
    async with asyncio.timeout(10):
        while await _health(address) != status:  # noqa: ASYNC110 - another process has no event to wait for.
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("valkey")  # Empty: clients that another test left might be listed, and that is told too.
async def test_a_core_serves_until_sigterm(valkey_url: str) -> None:
    """SIGTERM ends it with exit code 0; it says so in JSON on standard error, and nothing on standard output."""
    with _core(valkey_url) as core:
        await _becomes(core.address(), health_pb2.HealthCheckResponse.SERVING)

        core.process.terminate()
        ended = core.end()

    events = ["core started", "core stopping", "core stopped"]
    assert (0, "", events) == (ended.exit_code, ended.output, ended.events)


async def test_calls_that_stay_open_end_in_order(valkey_url: str) -> None:
    """ADR 0015: on SIGTERM the core ends them with OK, between two messages, before it stops; nobody is cut off."""
    with _core(valkey_url) as core:
        async with grpc.aio.insecure_channel(core.address()) as channel:
            stub: token_service_pb2_grpc.TokenServiceAsyncStub = token_service_pb2_grpc.TokenServiceStub(channel)
            call: grpc.aio.StreamStreamCall[Any, Any] = stub.StreamIntrospectTokens()
            question = pb.StreamIntrospectTokensRequest(requests=[pb.IntrospectTokenRequest(token="none")])
            await call.write(question)
            answered = len(cast("pb.StreamIntrospectTokensResponse", await call.read()).results)
            core.process.terminate()
            async with asyncio.timeout(4):
                end = (await call.read(), await call.code())
        ended = await asyncio.to_thread(core.end)

    assert (1, (grpc.aio.EOF, grpc.StatusCode.OK), 0) == (answered, end, ended.exit_code)


async def test_sigterm_under_load_loses_no_call(valkey_url: str) -> None:
    """Promise 6: while one of two cores stops, every call of callers that know both is answered."""
    with _core(valkey_url) as one, _core(valkey_url) as other:
        async with TokenClient(f"{one.address()},{other.address()}") as client:
            credentials = await _new_client(client.channel)
            answered = 0
            stopped = asyncio.Event()

            async def load() -> None:
                nonlocal answered
                while not stopped.is_set():
                    await client.issue(client_id=credentials[0], client_secret=credentials[1])
                    answered += 1

            callers = [asyncio.create_task(load()) for _ in range(20)]
            await asyncio.sleep(0.3)
            one.process.terminate()
            ended = await asyncio.to_thread(one.end)
            stopped.set()
            await asyncio.gather(*callers)

    assert ended.exit_code == 0
    assert answered > 100


async def _use(address: str, client_id: str, client_secret: str, tokens: int) -> None:
    """Obtains so many tokens, one after the other."""
    async with TokenClient(address) as client:
        for _ in range(tokens):
            await client.issue(client_id=client_id, client_secret=client_secret)


async def _use_count(address: str, client_id: str) -> int:
    """How many tokens the only secret of a client obtained, as one core knows."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(channel)
        (secret,) = (await stub.ListSecrets(client_service_pb2.ListSecretsRequest(client_id=client_id))).secrets
        return secret.use_count


async def test_sigterm_writes_the_uses_that_were_gathered(valkey_url: str) -> None:
    """ADR 0029: another core counts all of them when the one that issued the tokens has ended."""
    with _core(valkey_url) as one, _core(valkey_url) as other:
        async with grpc.aio.insecure_channel(one.address()) as channel:
            client_id, client_secret = await _new_client(channel)
        await _use(one.address(), client_id, client_secret, 30)
        one.process.terminate()
        ended = await asyncio.to_thread(one.end)
        after = await _use_count(other.address(), client_id)

    assert (30, 0) == (after, ended.exit_code)
    assert "uses of secrets not written down" not in ended.events


async def test_who_asks_the_core_that_issued_is_told_of_every_token(valkey_url: str) -> None:
    """ADR 0029: it writes what it gathered of a client before it answers."""
    with _core(valkey_url) as one, _core(valkey_url) as other:
        async with grpc.aio.insecure_channel(one.address()) as channel:
            client_id, client_secret = await _new_client(channel)
        await _use(one.address(), client_id, client_secret, 31)
        counts = [await _use_count(core.address(), client_id) for core in (one, other)]

    assert [31, 31] == counts


async def test_a_core_says_what_it_could_not_write(tmp_path: Path) -> None:
    """ADR 0029: when the store is gone it ends all the same, within its ten seconds."""
    with embedded_valkey(tmp_path, persist=False) as redis_url, _core(redis_url) as core:
        async with grpc.aio.insecure_channel(core.address()) as channel:
            client_id, client_secret = await _new_client(channel)
        async with Redis.from_url(redis_url) as store:
            await _use(core.address(), client_id, client_secret, 2)
            await store.shutdown(nosave=True)
        core.process.terminate()
        ended = await asyncio.to_thread(core.end)

    assert (0, True) == (ended.exit_code, "uses of secrets not written down" in ended.events)


async def test_a_frozen_core_loses_no_call(valkey_url: str) -> None:
    """ADR 0015: what one of two cores leaves unanswered the other one answers, and within the deadline."""
    with _core(valkey_url) as one, _core(valkey_url) as other:
        async with TokenClient(f"{one.address()},{other.address()}") as client:
            client_id, client_secret = await _new_client(client.channel)
            token = (await client.issue(client_id=client_id, client_secret=client_secret)).access_token
            answered = [0] * 20
            stopped = asyncio.Event()

            async def load(number: int) -> None:
                while not stopped.is_set():
                    if number % 2:
                        await client.issue(client_id=client_id, client_secret=client_secret)
                    else:
                        await client.introspect(token)
                    answered[number] += 1

            callers = [asyncio.create_task(load(number)) for number in range(len(answered))]
            await asyncio.sleep(0.3)
            one.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(2)
            one.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.5)
            stopped.set()
            await asyncio.gather(*callers)

    assert min(answered) > 10


async def test_calls_that_nobody_uses_shut_nobody_out(valkey_url: str) -> None:
    """More of them than the core takes calls at once: those that have waited longest end, and others are answered."""
    question = pb.IntrospectTokenRequest(token="none")
    message = pb.StreamIntrospectTokensRequest(requests=[question])
    with _core(valkey_url) as core:
        # Connections of their own: gRPC lets channels to one address share them.
        own_connection = [("grpc.use_local_subchannel_pool", 1)]
        channels = [grpc.aio.insecure_channel(core.address(), options=own_connection) for _ in range(6)]
        other, *stubs = (token_service_pb2_grpc.TokenServiceStub(channel) for channel in channels)
        calls: list[Any] = []
        for number in range(83):
            calls += [stubs[number % len(stubs)].StreamIntrospectTokens() for _ in range(100)]
            # The core has taken them all once it answers the last: gRPC drops calls that come faster than that.
            await calls[-1].write(message)
            assert await calls[-1].read()

        answer = await other.IntrospectToken(question, timeout=5)
        async with asyncio.timeout(5):
            first = (await calls[0].read(), await calls[0].code())
        await calls[-1].write(message)
        last = await calls[-1].read()
        await asyncio.gather(*(channel.close() for channel in channels))

    malformed = pb.IntrospectTokenResponse(inactive_reason=pb.INACTIVE_REASON_MALFORMED)
    assert (malformed, (grpc.aio.EOF, grpc.StatusCode.OK)) == (answer, first)
    assert [pb.IntrospectTokenResult(introspection=answer)] == list(last.results)


async def test_a_core_without_its_store_refuses_and_comes_back(tmp_path: Path) -> None:
    """It starts, says NOT_SERVING, refuses in bounded time, and serves as soon as the store is there."""
    url = f"unix://{tmp_path / 'valkey.sock'}"
    with _core(url) as core:
        address = core.address()
        assert await _health(address) == health_pb2.HealthCheckResponse.NOT_SERVING
        async with grpc.aio.insecure_channel(address) as channel:
            stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(channel)
            started = time.monotonic()
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.ListClients(client_service_pb2.ListClientsRequest(), timeout=5)
            assert grpc.StatusCode.UNAVAILABLE is caught.value.code()
            assert time.monotonic() - started < 1

            with embedded_valkey(tmp_path, persist=False):
                await _becomes(address, health_pb2.HealthCheckResponse.SERVING)
                answer = await stub.ListClients(client_service_pb2.ListClientsRequest(), timeout=5)
                assert client_service_pb2.ListClientsResponse() == answer
            await _becomes(address, health_pb2.HealthCheckResponse.NOT_SERVING)


async def test_reflection_names_every_service(valkey_url: str) -> None:
    """Tools like buf curl need no proto files."""
    with _core(valkey_url) as core:
        async with grpc.aio.insecure_channel(core.address()) as channel:
            stub: Any = reflection_pb2_grpc.ServerReflectionStub(cast("Any", channel))
            call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
            (answer,) = [response async for response in call]

    names = {service.name for service in answer.list_services_response.service}
    assert {
        "grantway.v1.AuditService",
        "grantway.v1.ClientService",
        "grantway.v1.LeakService",
        "grantway.v1.TokenService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    } == names


async def test_two_cores_share_one_store(valkey_url: str) -> None:
    """Promises 1 and 2: what one core acknowledged the other one knows at once."""
    with _core(valkey_url) as one, _core(valkey_url) as other:
        async with TokenClient(one.address()) as first, TokenClient(other.address()) as second:
            client_id, client_secret = await _new_client(first.channel)
            token = (await second.issue(client_id=client_id, client_secret=client_secret)).access_token
            assert (await first.introspect(token)).active

            await first.revoke(token)

            assert not (await second.introspect(token)).active


async def test_a_test_core_knows_nothing_of_live_clients_and_tokens(valkey_url: str) -> None:
    """The two environments never mix, although they share a store."""
    with _core(valkey_url) as live, _core(valkey_url, GRANTWAY_ENVIRONMENT="test") as test:
        async with TokenClient(live.address()) as live_client, TokenClient(test.address()) as test_client:
            client_id, client_secret = await _new_client(live_client.channel)
            token = (await live_client.issue(client_id=client_id, client_secret=client_secret)).access_token

            with pytest.raises(Refused, match="INVALID_CLIENT"):
                await test_client.issue(client_id=client_id, client_secret=client_secret)
            assert not (await test_client.introspect(token)).active
            await test_client.revoke(token)
            assert (await live_client.introspect(token)).active


def _run(**variables: str) -> Ended:
    with _core("redis://127.0.0.1:6379", **variables) as core:
        return core.end()


def test_wrong_settings_are_listed_together() -> None:
    """Exit code 2, a line for each, no traceback."""
    lines = (
        "grantway-server: GRANTWAY_GRPC_PORT: must be a port, 0 to 65535\n"
        "grantway-server: GRANTWAY_ENVIRONMENT: must be live or test\n"
    )

    assert (2, "", lines) == _run(GRANTWAY_GRPC_PORT="99999", GRANTWAY_ENVIRONMENT="prod")


def test_a_port_that_is_taken_says_which_variable_to_change() -> None:
    """Two cores never share a port unnoticed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        line = (
            f"grantway-server: GRANTWAY_GRPC_PORT: port {port} on 127.0.0.1 is in use: "
            "choose another, or stop what uses it\n"
        )

        assert (2, "", line) == _run(GRANTWAY_GRPC_PORT=str(port))


@pytest.mark.parametrize("host", ["192.0.2.1", "nobody.invalid"])
def test_a_host_that_is_none_is_not_blamed_on_the_port(host: str) -> None:
    """The variable that is named is the one to change."""
    line = (
        "grantway-server: GRANTWAY_GRPC_HOST: this machine has no such address: "
        "listen on 127.0.0.1, or on one of its own\n"
    )

    assert (2, "", line) == _run(GRANTWAY_GRPC_HOST=host, GRANTWAY_TRUSTED_NETWORK="true")

"""What one item meets in a real store, and what is done to its client, is the fault of that item and of no other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import count

import pytest
import structlog
from redis.asyncio import Redis

from grantway.v1 import client_service_pb2, error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway_server.config import Settings
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import StorageUnavailable, UnreadableRecord
from grantway_server.rpc.each_answered import each_answered
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.redis_stores import redis_client_store, redis_token_store
from tests.fakes.watched_stores import CrowdedTokenStore
from tests.server.rpc.conftest import Core, running

_UNREADABLE = b"\xff" * 20


@pytest.fixture(name="core_on_valkey")
async def _core_on_valkey(connections: RedisConnections) -> AsyncIterator[Core]:
    client_store = redis_client_store(connections)
    token_store = redis_token_store(connections)
    async with running(Settings(), client_store=client_store, token_store=token_store) as core:
        yield core


async def _request(core: Core) -> pb.IssueTokenRequest:
    """A good token request of a new client."""
    created = await core.clients.CreateClient(client_service_pb2.CreateClientRequest(name="Concierge"))
    return pb.IssueTokenRequest(
        grant_type="client_credentials", client_id=created.client.client_id, client_secret=created.client_secret
    )


async def test_a_client_that_cannot_be_read_is_its_own_requests_fault(core_on_valkey: Core, valkey: Redis) -> None:
    """Its requests are INTERNAL, with the id under which the log has the cause; those beside them get their tokens."""
    core = core_on_valkey
    good, broken = await _request(core), await _request(core)
    await valkey.set(EnvironmentKeys(Environment.LIVE).client(broken.client_id), _UNREADABLE)

    with structlog.testing.capture_logs() as logs:
        answer = await core.tokens.BatchIssueTokens(pb.BatchIssueTokensRequest(requests=[good, broken, good]))

    refusal = answer.results[1].refusal
    assert ["token", "refusal", "token"] == [result.WhichOneof("outcome") for result in answer.results]
    assert error_reason_pb2.ERROR_REASON_INTERNAL == refusal.reason
    assert [("record unreadable", refusal.request_id)] == [(line["event"], line["request_id"]) for line in logs]


async def test_those_of_a_large_batch_are_answered_eight_at_a_time() -> None:
    """One after the other would take longer than their caller waits; each answer is in its place."""
    together, under_way, most = asyncio.Barrier(8), 0, 0

    async def only_alone(items: Sequence[int]) -> Sequence[int]:
        nonlocal under_way, most
        if len(items) > 1:
            raise UnreadableRecord("one of them")
        under_way += 1
        most = max(most, under_way)
        await together.wait()
        under_way -= 1
        return items

    async with asyncio.timeout(5):
        assert (list(range(128)), 8) == (await each_answered(only_alone, range(128)), most)


async def test_a_store_that_fails_leaves_nothing_under_way() -> None:
    """What began beside the item that met it has ended when the caller is told, and nothing more begins."""
    ended: list[int] = []

    async def only_alone(items: Sequence[int]) -> Sequence[int]:
        if len(items) > 1:
            raise UnreadableRecord("one of them")
        if items[0] == 3:
            raise StorageUnavailable("the store did not answer")
        await asyncio.sleep(0.01)
        ended.extend(items)
        return items

    with pytest.raises(StorageUnavailable):
        await each_answered(only_alone, range(20))

    assert [0, 1, 2, 4, 5, 6, 7] == ended


async def test_a_client_that_is_changed_without_end_is_its_own_requests_fault(connections: RedisConnections) -> None:
    """Its requests are told to try again, as when the store fails; those beside them get tokens, which are active."""
    token_store, numbers = CrowdedTokenStore(redis_token_store(connections)), count()
    async with running(Settings(), client_store=redis_client_store(connections), token_store=token_store) as core:
        good, restless = await _request(core), await _request(core)

        async def relabel() -> None:
            change = client_service_pb2.UpdateClientRequest(
                client={"client_id": restless.client_id, "labels": {"round": str(next(numbers))}},
                update_mask={"paths": ["labels"]},
            )
            await core.clients.UpdateClient(change)

        token_store.before_adds[restless.client_id] = relabel
        batch = pb.BatchIssueTokensRequest(requests=[good, restless, good, restless])
        answer = await core.tokens.BatchIssueTokens(batch)
        texts = [result.token.access_token for result in answer.results if result.HasField("token")]
        checked = [await core.tokens.IntrospectToken(pb.IntrospectTokenRequest(token=text)) for text in texts]

    refusal = refusal_pb2.Refusal(
        reason=error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE,
        description="The store did not answer in time: try again.",
        retry_after={"seconds": 1},
    )
    assert ["token", "refusal", "token", "refusal"] == [result.WhichOneof("outcome") for result in answer.results]
    assert [refusal] * 2 == [answer.results[1].refusal, answer.results[3].refusal]
    assert [True] * 2 == [one.active for one in checked]


async def test_a_token_that_cannot_be_read_is_its_own_questions_fault(core_on_valkey: Core, valkey: Redis) -> None:
    """Questions about other tokens are answered, in the same batch too."""
    core = core_on_valkey
    request = await _request(core)
    good = (await core.tokens.IssueToken(request)).access_token
    stored = await valkey.keys("gw:t:*")
    broken = (await core.tokens.IssueToken(request)).access_token
    (key,) = set(await valkey.keys("gw:t:*")) - set(stored)
    await valkey.set(key, _UNREADABLE)

    answer = await core.tokens.BatchIntrospectTokens(
        pb.BatchIntrospectTokensRequest(requests=[pb.IntrospectTokenRequest(token=text) for text in (good, broken)])
    )

    assert [True, False] == [result.introspection.active for result in answer.results]
    assert error_reason_pb2.ERROR_REASON_INTERNAL == answer.results[1].refusal.reason

"""Many clients and tokens in the store of a Grantway, put there through the core, as its callers would."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from bench.growth.data_sets import DataSetBook, DataSets
from bench.growth.sizes import What
from bench.loads.grpc_calls import issue_request
from bench.stages.stage import SCOPE, Credentials, Stage, TokenBook
from bench.stages.store import Store
from bench.systems.ours import AUDIT_KEY
from grantway.v1 import client_service_pb2, client_service_pb2_grpc, token_service_pb2_grpc
from grantway.v1 import token_service_pb2 as pb

_BATCH = 128
_CALL_SECONDS = 30
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.5
_BATCHES_AT_ONCE = 2
_CREATIONS_AT_ONCE = 32
_SAMPLE = 20_000
"""How many tokens are checked in turn: enough that the processor's caches do not hold them."""
_SPARE = 20_000
"""More tokens than a measurement makes. The store held as many more, so its tables have room for those of each."""
_SEED = 6749

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class StoreMemory:
    """What the store's memory grew by while it was filled.

    Attributes:
        clients: How many clients were created.
        tokens: How many tokens were issued after that.
        bytes_per_client: For each client, which has been used: that is written down too.
        bytes_per_token: For each token.
    """

    clients: int
    tokens: int
    bytes_per_client: float
    bytes_per_token: float


@dataclass(frozen=True, slots=True)
class Population:
    """A stage and what one data set of its store holds.

    Attributes:
        label: How much that is, in words.
        stage: The stage.
        store: The store of the stage, which shows the data set when the stage's book is open.
        clients: All clients.
        sample: Some of the live tokens, in no order.
        memory: What they take in the store.
    """

    label: str
    stage: Stage
    store: Store
    clients: Sequence[Credentials]
    sample: Sequence[str]
    memory: StoreMemory

    @property
    def counts(self) -> Mapping[What, int]:
        """How many tokens and clients there are."""
        return {"tokens": self.memory.tokens, "clients": self.memory.clients}

    @property
    def book(self) -> TokenBook:
        """That of its data set."""
        assert self.stage.book is not None
        return self.stage.book

    def served_by(self, other: Stage) -> "Population":
        """The same, as the processes of the *other* stage serve it."""
        stage = replace(self.stage, processes=other.processes, token_url=other.token_url, core=other.core)
        return replace(self, stage=stage)


async def _patiently(call: Callable[..., Awaitable[Answer]], request: Message) -> Answer:
    """The answer to *request*; a store that others keep from answering in time is asked again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await call(request, timeout=_CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
    return await call(request, timeout=_CALL_SECONDS)


async def _issue(core: str, batches: Iterable[pb.BatchIssueTokensRequest]) -> list[str]:
    tokens: list[str] = []
    waiting = iter(batches)
    async with grpc.aio.insecure_channel(core) as channel:
        stub: token_service_pb2_grpc.TokenServiceAsyncStub = token_service_pb2_grpc.TokenServiceStub(channel)

        async def worker() -> None:
            for batch in waiting:
                answer = await _patiently(stub.BatchIssueTokens, batch)
                tokens.extend(result.token.access_token for result in answer.results)

        await asyncio.gather(*(worker() for _ in range(_BATCHES_AT_ONCE)))
    assert all(tokens)
    return tokens


async def _create(core: str, count: int) -> list[Credentials]:
    clients: list[Credentials] = []
    waiting = iter(range(count))
    async with grpc.aio.insecure_channel(core) as channel:
        stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(channel)

        async def worker() -> None:
            for number in waiting:
                request = client_service_pb2.CreateClientRequest(name=f"client {number}", allowed_scopes=[SCOPE])
                answer = await _patiently(stub.CreateClient, request)
                clients.append(Credentials(answer.client.client_id, answer.client_secret))

        await asyncio.gather(*(worker() for _ in range(_CREATIONS_AT_ONCE)))
    return clients


async def _write_uses(core: str) -> None:
    """Has the core write what it noted of all clients: later it would add keys that nobody asked for.

    It writes what it noted of those that it is asked about (docs/adr/0029).
    """
    async with grpc.aio.insecure_channel(core) as channel:
        stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(channel)
        request = client_service_pb2.ListClientsRequest(page_size=_BATCH)
        while True:
            answer = await _patiently(stub.ListClients, request)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token


def _batches(stage: Stage, clients: Sequence[Credentials], count: int) -> Iterable[pb.BatchIssueTokensRequest]:
    """Requests for *count* tokens, the clients in turn."""
    requests = [issue_request(replace(stage, client=client)) for client in clients]
    for start in range(0, count, _BATCH):
        items = [requests[number % len(requests)] for number in range(start, min(start + _BATCH, count))]
        yield pb.BatchIssueTokensRequest(requests=items)


def populate(stage: Stage, data_sets: DataSets, *, clients: int, tokens: int) -> Population:
    """Fills a new data set of the stage's store."""
    number, store = data_sets.add(), data_sets.store
    empty = store.used_bytes()
    everyone = asyncio.run(_create(stage.core, clients))
    first = DataSetBook(data_sets, number)
    asyncio.run(_issue(stage.core, _batches(stage, everyone, clients)))
    asyncio.run(_write_uses(stage.core))
    first.reset()
    store.wait_for_tables()
    with_clients = store.used_bytes()
    live = asyncio.run(_issue(stage.core, _batches(stage, everyone, tokens)))
    store.wait_for_tables()
    full = store.used_bytes()
    book = DataSetBook(data_sets, number)
    asyncio.run(_issue(stage.core, _batches(stage, everyone, _SPARE)))
    book.reset()
    store.wait_for_tables()
    return Population(
        label=f"{tokens:,} tokens, {clients:,} clients",
        stage=replace(stage, book=book, client=everyone[0]),
        store=store,
        clients=everyone,
        sample=random.Random(_SEED).sample(live, min(len(live), _SAMPLE)),  # noqa: S311 - nothing secret.
        memory=StoreMemory(
            clients=clients,
            tokens=tokens,
            bytes_per_client=(with_clients - empty) / clients,
            bytes_per_token=(full - with_clients) / tokens,
        ),
    )


def acquaint(populations: Iterable[Population], data_sets: DataSets) -> None:
    """Has the core see all clients, as one has that has run for a while, and write what it noted of their use.

    While they were created, and with each data set that is shown, another record is the last in the audit trail, and to
    the core that means that clients were written (docs/adr/0030). From here on it is one and the same.
    """
    data_sets.share(AUDIT_KEY)
    for one in populations:
        one.book.open()
        asyncio.run(_issue(one.stage.core, _batches(one.stage, one.clients, len(one.clients))))
        asyncio.run(_write_uses(one.stage.core))
        one.book.reset()

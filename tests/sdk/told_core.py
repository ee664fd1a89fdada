"""A core whose answers and revocations a test decides: a real gRPC server of the two calls that checking takes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import grpc

from grantway.v1 import client_pb2, error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc as rpc
from grantway.wire_errors import REFUSAL_TRAILER
from grantway_server.domain.checksum import with_checksum

HEARTBEAT_SECONDS = 0.1
"""More often than a real core, so that tests need not wait as long."""

INACTIVE = pb.IntrospectTokenResponse(active=False)


def a_token(number: int) -> str:
    """A well-formed token, another one for each number."""
    return with_checksum(f"client_oa2_live_{number:040x}")


def token_id(token: str) -> str:
    """What names *token*."""
    return sha256(token.encode()).hexdigest()[:16]


def active(
    token: str, *, client_id: str = "svc_live_a", scope: str = "a b", expires_in: timedelta = timedelta(hours=1)
) -> pb.IntrospectTokenResponse:
    """What a core says of a token that is good; it goes on to say so."""
    now = datetime.now(UTC)
    return pb.IntrospectTokenResponse(
        active=True,
        client_id=client_id,
        scope=scope,
        audiences=["https://api.example.com"],
        issue_time=now,
        expire_time=now + expires_in,
        token_id=token_id(token),
        environment=client_pb2.ENVIRONMENT_LIVE,
        client_name="Concierge",
        organization="acme",
        revocation_position=b"1-0:00000000",
        remaining_milliseconds=expires_in // timedelta(milliseconds=1),
    )


def revoked_token(token: str) -> pb.Revocation:
    """One token is dead."""
    return pb.Revocation(token=pb.RevokedToken(token_id=token_id(token)))


def revoked_tokens(client_id: str) -> pb.Revocation:
    """Tokens of a client are dead."""
    return pb.Revocation(tokens=pb.RevokedTokens(client_id=client_id))


def changed_client(client_id: str) -> pb.Revocation:
    """Something of a client is different."""
    return pb.Revocation(client=pb.ChangedClient(client_id=client_id))


class ToldCore(rpc.TokenServiceServicer):
    """What a test tells it, it tells.

    Attributes:
        address: Where it is.
        answers: What it says of each token; of all others, that they are not active.
        asked: The tokens of each batch that came.
        audiences: Those of the last question.
        entered: Set when a batch has come, and its answers are settled.
        open: Cleared, it keeps batches waiting, with the answers that they had when they came.
        refusal: With which it refuses each batch; None for none.
        knows_positions: Whether it takes positions for its own.
        positions: Those that calls of WatchRevocations began with.
        watching: How many such calls are under way.
        room: For how many revocations a message has room.
        telling: Cleared, it tells nothing: neither revocations nor that there are none.
        telling_rest: Cleared, it tells nothing behind a message that had no room for all.
        counts: Whether it says when it asked its store; older ones do not.
        delay_seconds: How old a message is when it is sent.
    """

    def __init__(self) -> None:
        self.address = ""
        self.answers: dict[str, pb.IntrospectTokenResponse] = {}
        self.asked: list[list[str]] = []
        self.audiences: list[str] = []
        self.entered = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.refusal: refusal_pb2.Refusal | None = None
        self.knows_positions = True
        self.positions: list[bytes] = []
        self.watching = 0
        self.room = 1_000
        self.telling = asyncio.Event()
        self.telling_rest = asyncio.Event()
        self.telling_rest.set()
        self.telling.set()
        self.counts = True
        self.delay_seconds = 0.0
        self._log: list[pb.Revocation] = []
        self._nonce = "0"
        self._news = asyncio.Event()
        self._ending = asyncio.Event()

    def questions(self) -> int:
        """How many questions came so far."""
        return sum(map(len, self.asked))

    def tell(self, *revocations: pb.Revocation) -> None:
        """Tells all who watch, now or later."""
        self._log.extend(revocations)
        self._news.set()
        self._news = asyncio.Event()

    def set_back(self) -> None:
        """What it told is another history: whoever goes on from there has missed something."""
        self._nonce = f"{int(self._nonce) + 1}"
        self.tell()

    def end_watches(self) -> None:
        """Ends the calls of all who watch, with OK."""
        self._ending.set()
        self._ending = asyncio.Event()

    async def StreamIntrospectTokens(  # noqa: N802 - the name of the RPC.
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[pb.StreamIntrospectTokensResponse]:
        """See the proto."""
        async for message in request_iterator:
            self.asked.append([request.token for request in message.requests])
            self.audiences = list(message.requests[-1].audiences)
            results = [
                pb.IntrospectTokenResult(introspection=self.answers.get(request.token, INACTIVE))
                for request in message.requests
            ]
            self.entered.set()
            await self.open.wait()
            if self.refusal is not None:
                trailer = ((REFUSAL_TRAILER, self.refusal.SerializeToString()),)
                await context.abort(grpc.StatusCode.UNAVAILABLE, "no", trailer)
            yield pb.StreamIntrospectTokensResponse(results=results)

    async def WatchRevocations(  # noqa: N802 - the name of the RPC.
        self, request: pb.WatchRevocationsRequest, context: Any
    ) -> AsyncIterator[pb.WatchRevocationsResponse]:
        """See the proto."""
        self.positions.append(request.position)
        self.watching += 1
        began_at = time.monotonic()
        try:
            at, gap = len(self._log), False
            if request.position:
                if not self.knows_positions:
                    refusal = refusal_pb2.Refusal(reason=error_reason_pb2.ERROR_REASON_INVALID_REQUEST)
                    trailer = ((REFUSAL_TRAILER, refusal.SerializeToString()),)
                    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no", trailer)
                count, nonce = request.position.decode().split(":")
                at, gap = (int(count), False) if nonce == self._nonce else (len(self._log), True)
            told_nonce, ending = self._nonce, self._ending
            while not ending.is_set():
                await self.telling.wait()
                gap, told_nonce = gap or told_nonce != self._nonce, self._nonce
                news, told = self._news, self._log[at : at + self.room]
                at += len(told)
                position, more = f"{at}:{self._nonce}".encode(), at < len(self._log)
                message = pb.WatchRevocationsResponse(position=position, revocations=told, gap=gap, more=more)
                if self.counts:
                    message.elapsed.FromNanoseconds(int((time.monotonic() - began_at) * 1e9))
                await asyncio.sleep(self.delay_seconds)
                yield message
                gap = False
                if more:
                    await self.telling_rest.wait()
                    continue
                waiting = [asyncio.ensure_future(event.wait()) for event in (news, ending)]
                await asyncio.wait(waiting, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for one in waiting:
                    one.cancel()
        finally:
            self.watching -= 1


@asynccontextmanager
async def told_core() -> AsyncIterator[ToldCore]:
    """Such a core, listening."""
    core = ToldCore()  # type: ignore[abstract] # Nobody calls anything else; it would be UNIMPLEMENTED.
    async with serving(core):
        yield core


@asynccontextmanager
async def serving(core: ToldCore, *, port: int = 0) -> AsyncIterator[None]:
    """Lets *core* listen, and be gone at once in the end."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    rpc.add_TokenServiceServicer_to_server(core, server)
    core.address = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    await server.start()
    try:
        yield
    finally:
        await server.stop(None)

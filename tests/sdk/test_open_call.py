"""One call that carries many exchanges, over a real connection to a server that does what the test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import grpc
import pytest

from grantway import open_call
from grantway.channel import open_channel
from grantway.errors import GrantwayError, Refused, Unreachable
from grantway.open_call import OpenCall
from grantway.v1 import error_reason_pb2, refusal_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway.wire_errors import REFUSAL_TRAILER
from tests.sdk.core_in_process import PATIENT

_STORE_IS_GONE = refusal_pb2.Refusal(
    reason=error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE, description="The store did not answer in time: try again."
)

Call = OpenCall[bytes, bytes]
Handler = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes | None]]


@dataclass
class Peer:
    """A server that answers each message with what `answer` makes of it; None ends the call.

    Attributes:
        answer: The handler.
        calls: How many calls were started.
        messages: All that came, in order.
    """

    answer: Handler
    calls: int = 0
    messages: list[bytes] = field(default_factory=list)

    async def serve(
        self, messages: AsyncIterator[bytes], context: "grpc.aio.ServicerContext[bytes, bytes]"
    ) -> AsyncIterator[bytes]:
        """One call."""
        self.calls += 1
        async for message in messages:
            self.messages.append(message)
            answer = await self.answer(message, context)
            if answer is None:
                return
            yield answer


@asynccontextmanager
async def _served(answer: Handler) -> AsyncIterator[tuple[Peer, str]]:
    """A server, and its address."""
    peer = Peer(answer)
    async with _serving(peer.serve) as address:
        yield peer, address


@asynccontextmanager
async def _serving(
    behavior: Callable[[AsyncIterator[bytes], "grpc.aio.ServicerContext[bytes, bytes]"], AsyncIterator[bytes]],
) -> AsyncIterator[str]:
    """The address of a server that does *behavior* on each call."""
    server = grpc.aio.server()
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.stream_stream_rpc_method_handler(behavior)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Peer", {"Talk": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@asynccontextmanager
async def _talking(answer: Handler, *, patience: timedelta = PATIENT) -> AsyncIterator[tuple[Peer, Call]]:
    """A server and an `OpenCall` to it."""
    async with _served(answer) as (peer, address), open_channel(address) as channel:
        call = Call(channel.stream_stream("/test.Peer/Talk"), timeout=patience)
        yield peer, call
        call.close()


async def _echo(message: bytes, _context: object) -> bytes | None:
    return message


async def test_one_call_carries_many_exchanges() -> None:
    """Each message gets its own answer, and no call is set up for it, until the call has had its share."""
    async with _talking(_echo) as (peer, call):
        messages = [b"%d" % number for number in range(100)]
        answers = [await call.exchange(message) for message in messages]

    assert (messages, messages, 2) == (answers, peer.messages, peer.calls)


async def test_all_peers_get_their_share() -> None:
    """A call leads to one of them; the next call leads to the next."""
    async with (
        _served(_echo) as (one, first),
        _served(_echo) as (other, second),
        open_channel(f"{first},{second}") as channel,
    ):
        call = Call(channel.stream_stream("/test.Peer/Talk"), timeout=PATIENT)
        for _ in range(1_000):
            await call.exchange(b"hello")
        call.close()

    shares = (len(one.messages), len(other.messages))
    assert sum(shares) == 1_000
    assert min(shares) > 400


async def test_a_peer_that_ends_the_call_between_two_messages_is_asked_again() -> None:
    """What it did not answer it did not do: the message goes out on another call, and the caller sees nothing."""
    endings = iter([False, True, True, False])

    async def answer(message: bytes, _context: object) -> bytes | None:
        return None if next(endings) else message

    async with _talking(answer) as (peer, call):
        answers = [await call.exchange(b"one"), await call.exchange(b"two")]

    assert ([b"one", b"two"], [b"one", b"two", b"two", b"two"], 3) == (answers, peer.messages, peer.calls)


async def test_a_peer_that_never_answers_is_given_up() -> None:
    """After three tries: there is a reason why it ends every call."""

    async def answer(_message: bytes, _context: object) -> bytes | None:
        return None

    async with _talking(answer) as (peer, call):
        with pytest.raises(Unreachable):
            await call.exchange(b"one")

    assert [b"one"] * 3 == peer.messages


async def test_a_call_that_ended_meanwhile_is_no_failed_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core ends calls on which nothing is under way; the next message goes out at once, on a new one."""
    monkeypatch.setattr(open_call, "_TRIES", ((0.0, 1.0),))

    async def serve(messages: AsyncIterator[bytes], _context: object) -> AsyncIterator[bytes]:
        yield await anext(messages)

    async with _serving(serve) as address, open_channel(address) as channel:
        call = Call(channel.stream_stream("/test.Peer/Talk"), timeout=PATIENT)
        answers = []
        for message in (b"one", b"two"):
            answers.append(await call.exchange(message))
            await asyncio.sleep(0.1)  # The end of the call is on its way.
        call.close()

    assert [b"one", b"two"] == answers


async def test_what_one_peer_leaves_unanswered_another_answers() -> None:
    """Within the deadline: nobody knows for a while that a peer is frozen. It is asked once for each request."""

    async def hang(message: bytes, _context: object) -> bytes | None:
        await asyncio.sleep(60)
        return message

    async with (
        _served(hang) as (hanging, first),
        _served(_echo) as (echoing, second),
        open_channel(f"{first},{second}") as channel,
    ):
        while not (hanging.messages and echoing.messages):  # Until the channel has found both.
            stray: grpc.aio.StreamStreamCall[bytes, bytes] = channel.stream_stream("/test.Peer/Talk")()
            await stray.write(b"a stray")
            await asyncio.sleep(0.01)
            stray.cancel()
        hanging.messages.clear()
        call = Call(channel.stream_stream("/test.Peer/Talk"), timeout=timedelta(seconds=1))
        # Three calls' worth: at least one of them leads to the peer that hangs.
        messages = [b"%d" % number for number in range(150)]
        answers = [await call.exchange(message) for message in messages]
        call.close()

    assert messages == answers
    assert len(hanging.messages) == len(set(hanging.messages)) > 0


@pytest.mark.parametrize(
    ("code", "trailers", "tries", "error"),
    [
        pytest.param(
            grpc.StatusCode.UNAVAILABLE,
            (),
            3,
            (Unreachable, "no core answered in time (UNAVAILABLE)"),
            id="a broken connection",
        ),
        pytest.param(
            grpc.StatusCode.UNAVAILABLE,
            ((REFUSAL_TRAILER, _STORE_IS_GONE.SerializeToString()),),
            1,
            (Refused, "STORAGE_UNAVAILABLE: The store did not answer in time: try again."),
            id="a refusal",
        ),
        pytest.param(
            grpc.StatusCode.UNIMPLEMENTED,
            (),
            1,
            (Refused, "INTERNAL: the call failed (UNIMPLEMENTED)"),
            id="an error of another kind",
        ),
    ],
)
async def test_only_what_another_try_may_help_is_tried_again(
    code: grpc.StatusCode, trailers: tuple[tuple[str, bytes], ...], tries: int, error: tuple[type[GrantwayError], str]
) -> None:
    """Whatever the core has said stands."""

    async def answer(_message: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes | None:
        await context.abort(code, "no", trailers)

    async with _talking(answer) as (peer, call):
        with pytest.raises(GrantwayError) as caught:
            await call.exchange(b"one")

    assert (error, tries) == ((type(caught.value), str(caught.value)), len(peer.messages))


async def test_the_answer_to_a_caller_that_left_is_nobody_elses() -> None:
    """A cancelled exchange gives its call up: what comes late is not taken for the answer to the next message."""
    asked, release = asyncio.Event(), asyncio.Event()

    async def answer(message: bytes, _context: object) -> bytes | None:
        if message == b"slow":
            asked.set()
            await release.wait()
        return message

    async with _talking(answer) as (peer, call):
        leaving = asyncio.create_task(call.exchange(b"slow"))
        await asked.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        release.set()

        assert (b"next", 2) == (await call.exchange(b"next"), peer.calls)


async def test_an_exchange_that_takes_too_long_is_unreachable() -> None:
    """And the next one does not wait for it."""

    async def answer(message: bytes, _context: object) -> bytes | None:
        if message == b"slow":
            await asyncio.sleep(60)
        return message

    async with _talking(answer, patience=timedelta(milliseconds=300)) as (_, call):
        with pytest.raises(Unreachable, match="DEADLINE_EXCEEDED"):
            await call.exchange(b"slow")

        assert await call.exchange(b"next") == b"next"


def test_messages_of_the_contract_fit() -> None:
    """The two kinds of batches that travel so hold the same items as those of the unary calls."""
    for streamed, unary in (
        (pb.StreamIssueTokensRequest, pb.BatchIssueTokensRequest),
        (pb.StreamIssueTokensResponse, pb.BatchIssueTokensResponse),
        (pb.StreamIntrospectTokensRequest, pb.BatchIntrospectTokensRequest),
        (pb.StreamIntrospectTokensResponse, pb.BatchIntrospectTokensResponse),
    ):
        fields = [[(one.name, one.number, one.type) for one in kind.DESCRIPTOR.fields] for kind in (streamed, unary)]
        assert fields[0] == fields[1]

"""The interceptors of grpc.aio and of grpc with threads: the same calls to the same service get the same answers."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

import grantway.sync
from grantway import TokenVerifier, strict
from grantway.adapters import grpc_aio, grpc_sync
from tests.deployment import Deployment
from tests.programs import free_ports
from tests.sdk.adapters.tokens import Tokens

_SERVICE = "orders.v1.Orders"
_KINDS = ("UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream")
_MAKERS = {
    "UnaryUnary": grpc.unary_unary_rpc_method_handler,
    "UnaryStream": grpc.unary_stream_rpc_method_handler,
    "StreamUnary": grpc.stream_unary_rpc_method_handler,
    "StreamStream": grpc.stream_stream_rpc_method_handler,
}
_SCOPES = {f"/{_SERVICE}/*": "a", f"/{_SERVICE}/UnaryStream": ["a"], "/other.v1.Other/Free": ()}
_PUBLIC = ["/grpc.health.v1.Health/*", f"/{_SERVICE}/Public"]
_OPTIONS = {"scopes": _SCOPES, "public": _PUBLIC, "realm": "orders"}

Serve = Callable[[str, Mapping[str, Any]], AbstractContextManager[str]]


def _handlers(behaviors: Mapping[str, Any]) -> list[grpc.GenericRpcHandler]:
    """The service with a method of each kind, a public one and one of another service."""
    made = {
        kind: _MAKERS[kind](
            behavior, request_deserializer=StringValue.FromString, response_serializer=StringValue.SerializeToString
        )
        for kind, behavior in behaviors.items()
    }
    return [
        grpc.method_handlers_generic_handler(_SERVICE, made | {"Public": made["UnaryUnary"]}),
        grpc.method_handlers_generic_handler(
            "other.v1.Other", {"Free": made["UnaryUnary"], "Forgotten": made["UnaryUnary"]}
        ),
    ]


def _whose(text: str) -> StringValue:
    """What the handlers answer: the text that was sent, and whose token it was."""
    token = grpc_sync.current_token.get(None)
    return StringValue(value=f"{text} {'nobody' if token is None else token.client_id}")


@contextmanager
def _served_by_threads(core: str, options: Mapping[str, Any]) -> Iterator[str]:
    def stream(request: StringValue, _: grpc.ServicerContext) -> Iterator[StringValue]:
        yield _whose(request.value)
        yield _whose(request.value)

    def stream_stream(requests: Iterable[StringValue], _: grpc.ServicerContext) -> Iterator[StringValue]:
        for request in requests:
            yield _whose(request.value)

    behaviors = {
        "UnaryUnary": lambda request, _: _whose(request.value),
        "UnaryStream": stream,
        "StreamUnary": lambda requests, _: _whose("".join(request.value for request in requests)),
        "StreamStream": stream_stream,
    }
    with grantway.sync.TokenVerifier(core, mode=strict()) as verifier:
        interceptor = grpc_sync.BearerInterceptor(verifier, **options)
        # One thread: what a call leaves behind in it, the next one would find.
        server = grpc.server(ThreadPoolExecutor(1), interceptors=[interceptor])
        server.add_generic_rpc_handlers(_handlers(behaviors))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None).wait()


@contextmanager
def _served_by_asyncio(core: str, options: Mapping[str, Any]) -> Iterator[str]:
    async def unary(request: StringValue, _: Any) -> StringValue:
        await asyncio.sleep(0)
        return _whose(request.value)

    async def unary_stream(request: StringValue, context: Any) -> None:
        await context.write(_whose(request.value))
        await context.write(_whose(request.value))

    async def stream_unary(requests: AsyncIterator[StringValue], _: Any) -> StringValue:
        return _whose("".join([request.value async for request in requests]))

    async def stream_stream(requests: AsyncIterator[StringValue], _: Any) -> AsyncIterator[StringValue]:
        async for request in requests:
            yield _whose(request.value)

    behaviors = {
        "UnaryUnary": unary,
        "UnaryStream": unary_stream,
        "StreamUnary": stream_unary,
        "StreamStream": stream_stream,
    }
    ports: list[int] = []
    started, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with TokenVerifier(core, mode=strict()) as verifier:
            server = grpc.aio.server(interceptors=[grpc_aio.BearerInterceptor(verifier, **options)])
            server.add_generic_rpc_handlers(_handlers(behaviors))
            ports.append(server.add_insecure_port("127.0.0.1:0"))
            await server.start()
            started.set()
            await stop.wait()
            await server.stop(None)

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    try:
        assert started.wait(10)
        yield f"127.0.0.1:{ports[0]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


_SERVERS: dict[str, Serve] = {"asyncio": _served_by_asyncio, "threads": _served_by_threads}


@pytest.fixture(scope="module", params=_SERVERS, name="serve")
def _serve(request: pytest.FixtureRequest) -> Serve:
    """Serves the service with one of the interceptors."""
    return _SERVERS[request.param]


@pytest.fixture(scope="module", name="channel")
def _channel(serve: Serve, deployment: Deployment) -> Iterator[grpc.Channel]:
    """A channel to the service."""
    with serve(deployment.grpc_target, _OPTIONS) as address, grpc.insecure_channel(address) as channel:
        yield channel


def _call(channel: grpc.Channel, method: str, *authorizations: str, service: str = _SERVICE) -> list[str]:
    """What a method of any kind answers."""
    kind = method if method in _KINDS else "UnaryUnary"
    codec: Any = {"request_serializer": StringValue.SerializeToString, "response_deserializer": StringValue.FromString}
    path = f"/{service}/{method}"
    metadata = tuple(("authorization", value) for value in authorizations)
    one, several = StringValue(value="x"), iter([StringValue(value="x"), StringValue(value="y")])
    answers: Any
    match kind:
        case "UnaryUnary":
            answers = [channel.unary_unary(path, **codec)(one, metadata=metadata, timeout=5)]
        case "UnaryStream":
            answers = channel.unary_stream(path, **codec)(one, metadata=metadata, timeout=5)
        case "StreamUnary":
            answers = [channel.stream_unary(path, **codec)(several, metadata=metadata, timeout=5)]
        case _:
            answers = channel.stream_stream(path, **codec)(several, metadata=metadata, timeout=5)
    return [answer.value for answer in answers]


def _failure(channel: grpc.Channel, method: str, *authorizations: str, service: str = _SERVICE) -> Any:
    with pytest.raises(grpc.RpcError) as failed:
        _call(channel, method, *authorizations, service=service)
    return failed.value


def _challenge(error: Any) -> str | None:
    return dict(error.trailing_metadata()).get("www-authenticate")


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("UnaryUnary", ["x"]),
        ("UnaryStream", ["x", "x"]),
        ("StreamUnary", ["xy"]),
        ("StreamStream", ["x", "y"]),
    ],
)
def test_a_handler_of_any_kind_finds_the_token(
    channel: grpc.Channel, tokens: Tokens, kind: str, texts: list[str]
) -> None:
    """On a context variable, after every await and in every step of an answer."""
    answers = _call(channel, kind, f"Bearer {tokens.issue('a')}")

    assert [f"{text} {tokens.client.client_id}" for text in texts] == answers


@pytest.mark.parametrize("kind", _KINDS)
def test_a_call_of_any_kind_needs_a_good_token_with_the_scope(channel: grpc.Channel, tokens: Tokens, kind: str) -> None:
    """The challenge of RFC 6750 stands in the trailing metadata; who sent nothing is told no error."""
    without = _failure(channel, kind)
    bad = _failure(channel, kind, "Bearer x")
    other = _failure(channel, kind, f"Bearer {tokens.issue('b')}")
    twice = _failure(channel, kind, f"Bearer {tokens.issue('a')}", f"Bearer {tokens.issue('a')}")

    assert [grpc.StatusCode.UNAUTHENTICATED] * 2 == [without.code(), bad.code()]
    assert [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INVALID_ARGUMENT] == [other.code(), twice.code()]
    assert "This needs an access token: send Authorization: Bearer." == without.details()
    assert 'Bearer realm="orders"' == _challenge(without)
    assert 'Bearer realm="orders", error="invalid_token"' == str(_challenge(bad)).rpartition(", error_desc")[0]
    assert str(_challenge(other)).endswith(', scope="a"')


def test_a_revoked_token_is_unauthenticated(channel: grpc.Channel, tokens: Tokens) -> None:
    """From the revocation on."""
    token = tokens.issue("a")
    assert _call(channel, "UnaryUnary", f"Bearer {token}")
    tokens.revoke(token)

    assert grpc.StatusCode.UNAUTHENTICATED == _failure(channel, "UnaryUnary", f"Bearer {token}").code()


def test_a_public_method_needs_nothing(channel: grpc.Channel, tokens: Tokens) -> None:
    """Nor does it find what another call left behind."""
    _call(channel, "UnaryUnary", f"Bearer {tokens.issue('a')}")

    assert ["x nobody"] == _call(channel, "Public")
    assert ["x nobody"] == _call(channel, "Public", "Bearer x")


def test_a_method_that_nobody_spoke_of_is_refused(channel: grpc.Channel, tokens: Tokens) -> None:
    """Where scopes are given, one that was forgotten, or misspelled, does not open."""
    token = f"Bearer {tokens.issue('b')}"
    forgotten = _failure(channel, "Forgotten", token, service="other.v1.Other")

    assert (grpc.StatusCode.PERMISSION_DENIED, "It is not said which scope this method needs.") == (
        forgotten.code(),
        forgotten.details(),
    )
    assert _call(channel, "Free", token, service="other.v1.Other")
    assert grpc.StatusCode.UNAUTHENTICATED == _failure(channel, "Free", service="other.v1.Other").code()


def test_a_method_that_does_not_exist_is_unimplemented(serve: Serve, deployment: Deployment, tokens: Tokens) -> None:
    """To whoever may call at all."""
    with serve(deployment.grpc_target, {}) as address, grpc.insecure_channel(address) as channel:
        failed = _failure(channel, "Nothing", f"Bearer {tokens.issue('b')}")

        assert grpc.StatusCode.UNIMPLEMENTED == failed.code()
        # Without scopes any good token opens every method.
        assert _call(channel, "Forgotten", f"Bearer {tokens.issue('b')}", service="other.v1.Other")


def test_without_a_core_calls_are_unavailable(serve: Serve, tokens: Tokens) -> None:
    """Clients retry that, and keep their token."""
    (port,) = free_ports(1)
    with serve(f"127.0.0.1:{port}", _OPTIONS) as address, grpc.insecure_channel(address) as channel:
        failed = _failure(channel, "UnaryUnary", f"Bearer {tokens.issue('a')}")

    assert (grpc.StatusCode.UNAVAILABLE, None) == (failed.code(), _challenge(failed))


@pytest.mark.parametrize("interceptor", [grpc_aio.BearerInterceptor, grpc_sync.BearerInterceptor])
@pytest.mark.parametrize("options", [{"scopes": {"orders.v1.Orders/Whose": "a"}}, {"public": ["Whose"]}])
def test_a_name_that_is_no_method_is_refused_at_the_start(interceptor: Any, options: dict[str, Any]) -> None:
    """It could never match."""
    with pytest.raises(ValueError, match="does not begin with a slash"):
        interceptor(None, **options)

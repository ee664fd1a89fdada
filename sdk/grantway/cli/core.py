"""Calls to one core, by plain gRPC and not asyncio: most commands make one call after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

import grpc

from grantway.addresses import target_of
from grantway.channel import BASE_OPTIONS
from grantway.cli.config import CallSettings
from grantway.cli.failures import CommandFailed
from grantway.errors import Unreachable
from grantway.tls import Tls
from grantway.v1.audit_service_pb2_grpc import AuditServiceStub
from grantway.v1.client_service_pb2_grpc import ClientServiceStub
from grantway.v1.leak_service_pb2_grpc import LeakServiceStub
from grantway.v1.token_service_pb2_grpc import TokenServiceStub
from grantway.wire_errors import error_of_call

_TIMEOUT_SECONDS = 2
"""How long a call may take before the core counts as unreachable."""

_OPTIONS = (
    *BASE_OPTIONS,
    # A call that stays open has no deadline that would notice that the core is gone.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 2_000),
)

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")


class Core:
    """The services of one core.

    Args:
        channel: Leads to it.
        admin_token: Says who calls; "" says nothing.
    """

    def __init__(self, channel: grpc.Channel, *, admin_token: str) -> None:
        self.clients = ClientServiceStub(channel)
        self.tokens = TokenServiceStub(channel)
        self.audit = AuditServiceStub(channel)
        self.leaks = LeakServiceStub(channel)
        self._metadata = (("authorization", f"Bearer {admin_token}"),) if admin_token else ()

    def call(self, method: "grpc.UnaryUnaryMultiCallable[_Request, _Answer]", request: _Request) -> _Answer:
        """What *method*, one of the services', answers to *request*.

        Raises:
            Refused: The core says no.
            Unreachable: No core answered in time.
        """
        return self.begin(method, request)()

    def begin(
        self,
        method: "grpc.UnaryUnaryMultiCallable[_Request, _Answer]",
        request: _Request,
        *,
        seconds: float = _TIMEOUT_SECONDS,
    ) -> Callable[[], _Answer]:
        """As `call`, but does not wait for the answer: what it returns does, and raises what `call` raises."""
        future = method.future(request, timeout=seconds, metadata=self._metadata)

        def answer() -> _Answer:
            try:
                return future.result()
            except grpc.RpcError as error:
                raise error_of_call(error) from None

        return answer

    def stream(
        self,
        method: "grpc.UnaryStreamMultiCallable[_Request, _Answer]",
        request: _Request,
        *,
        seconds: float | None,
    ) -> Iterator[_Answer]:
        """What *method* answers to *request*, one after the other, for at most *seconds* (None: for ever).

        Raises:
            Refused: The core says no.
            Unreachable: No core answered in time, or it is gone.
        """
        try:
            yield from method(request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            raise error_of_call(error) from None


@contextmanager
def open_core(address: str, *, admin_token: str, tls: Tls | None) -> Iterator[Core]:
    """The core at *address*, for as long as the context lasts. An unreachable one ends the command."""
    with open_channel(address, tls, options=_OPTIONS) as channel:
        try:
            yield Core(channel, admin_token=admin_token)
        except Unreachable as error:
            msg = f"no core answers at {address}; is it running? GRANTWAY_GRPC says where it is"
            if error.tls_problem:
                msg = f"no core answers at {address}: {error.tls_problem}"
            raise CommandFailed("temporarily_unavailable", msg) from None


def configured_core() -> AbstractContextManager[Core]:
    """The core that the environment names."""
    settings = CallSettings.from_env()
    return open_core(settings.core, admin_token=settings.admin_token, tls=settings.tls)


def open_channel(address: str, tls: Tls | None, *, options: Sequence[tuple[str, int]]) -> grpc.Channel:
    """A channel to the core at *address*, not of asyncio; plaintext without *tls*."""
    if tls is None:
        return grpc.insecure_channel(target_of(address), options=options)
    return grpc.secure_channel(target_of(address), tls.credentials(), options=(*options, *tls.options))

"""Calls to one core. The command line makes one call after the other, so it uses plain gRPC and not asyncio."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

import grpc

from grantway.addresses import target_of
from grantway.channel import BASE_OPTIONS
from grantway.cli.config import CallSettings
from grantway.cli.failures import CommandFailed
from grantway.errors import Unreachable, error_of_call
from grantway.v1.client_service_pb2_grpc import ClientServiceStub
from grantway.v1.token_service_pb2_grpc import TokenServiceStub

_TIMEOUT_SECONDS = 2
"""How long a call may take before the core counts as unreachable."""

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")


class Core:
    """The services of one core."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.clients = ClientServiceStub(channel)
        self.tokens = TokenServiceStub(channel)

    def call(self, method: "grpc.UnaryUnaryMultiCallable[_Request, _Answer]", request: _Request) -> _Answer:
        """What *method*, one of the services', answers to *request*.

        Raises:
            Refused: The core says no.
            Unreachable: No core answered in time.
        """
        try:
            return method(request, timeout=_TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            raise error_of_call(error) from None


@contextmanager
def open_core(address: str) -> Iterator[Core]:
    """The core at *address*, for as long as the context lasts. An unreachable one ends the command."""
    with grpc.insecure_channel(target_of(address), options=BASE_OPTIONS) as channel:
        try:
            yield Core(channel)
        except Unreachable:
            msg = f"no core answers at {address}; is it running? GRANTWAY_GRPC says where it is"
            raise CommandFailed("temporarily_unavailable", msg) from None


def configured_core() -> AbstractContextManager[Core]:
    """The core that the environment names."""
    return open_core(CallSettings.from_env().core)

"""An API on grpc.aio. It is put together by hand, so that nothing has to be generated."""

import asyncio

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

from dev_settings import setting
from grantway import TokenVerifier
from grantway.adapters.grpc_aio import BearerInterceptor, current_token


async def whose(_: Empty, context: "grpc.aio.ServicerContext[Empty, StringValue]") -> StringValue:  # noqa: ARG001
    """Says whose orders these would be."""
    return StringValue(value=current_token.get().client_id)


ORDERS = grpc.method_handlers_generic_handler(
    "orders.v1.Orders",
    {
        "Whose": grpc.unary_unary_rpc_method_handler(
            whose, request_deserializer=Empty.FromString, response_serializer=StringValue.SerializeToString
        )
    },
)


async def main() -> None:
    """Serves until it is interrupted."""
    async with TokenVerifier(setting("GRANTWAY_GRPC"), audiences=["https://orders.example"]) as verifier:
        interceptor = BearerInterceptor(verifier, scopes={"/orders.v1.Orders/Whose": "demo:read"}, realm="orders")
        server = grpc.aio.server(interceptors=[interceptor])
        server.add_generic_rpc_handlers([ORDERS])
        server.add_insecure_port(f"127.0.0.1:{setting('PORT', '8000')}")
        await server.start()
        await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())

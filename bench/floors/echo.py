"""A core that checks nothing and stores nothing: `python -m bench.floors.echo PORT`."""

import sys
from collections.abc import AsyncIterator

import grpc
import uvloop
from google.protobuf.duration_pb2 import Duration

from grantway.process.garbage import set_garbage_collection
from grantway.v1 import token_service_pb2 as pb

_TOKEN = pb.IssueTokenResponse(
    access_token=f"client_oa2_live_{'0' * 48}", expires_in=Duration(seconds=3600), scope="read"
)


async def _issue(_request: pb.IssueTokenRequest, _context: object) -> pb.IssueTokenResponse:
    return _TOKEN


async def _issue_stream(
    messages: AsyncIterator[pb.StreamIssueTokensRequest], _context: object
) -> AsyncIterator[pb.StreamIssueTokensResponse]:
    async for message in messages:
        yield pb.StreamIssueTokensResponse(results=[pb.IssueTokenResult(token=_TOKEN) for _ in message.requests])


_HANDLERS = grpc.method_handlers_generic_handler(
    "grantway.v1.TokenService",
    {
        "IssueToken": grpc.unary_unary_rpc_method_handler(
            _issue,
            request_deserializer=pb.IssueTokenRequest.FromString,
            response_serializer=pb.IssueTokenResponse.SerializeToString,
        ),
        "StreamIssueTokens": grpc.stream_stream_rpc_method_handler(
            _issue_stream,
            request_deserializer=pb.StreamIssueTokensRequest.FromString,
            response_serializer=pb.StreamIssueTokensResponse.SerializeToString,
        ),
    },
)


async def _serve(port: int) -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_HANDLERS,))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    set_garbage_collection()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))

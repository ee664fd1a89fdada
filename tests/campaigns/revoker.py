"""Revokes each token that it reads, and prints when that was acknowledged, by the machine's monotonic clock.

    python -m tests.campaigns.revoker HOST:PORT

A process of its own: nothing that it waits for is the measuring process.
"""

import sys
import time

import grpc

from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc


def main() -> None:
    """Until there are no more."""
    with grpc.insecure_channel(sys.argv[1]) as channel:
        stub = token_service_pb2_grpc.TokenServiceStub(channel)
        for line in sys.stdin:
            request = pb.RevokeTokenRequest(token=line.rstrip("\n"))
            while True:
                try:
                    stub.RevokeToken(request, timeout=5)
                except grpc.RpcError:
                    continue  # The machine is too busy; twice is as good as once.
                break
            sys.stdout.write(f"{time.monotonic()}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

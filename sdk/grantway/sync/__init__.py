"""`TokenVerifier` and `TokenSource` for programs without asyncio.

    verifier = grantway.sync.TokenVerifier("core.internal:50051", audiences=["https://orders.example"])
    verified = verifier.verify(token, ["orders:read"])

They take the same arguments and raise the same errors as those of `grantway`. Any thread may use them. A token of which
the answer is held is checked on the thread that asks; everything else happens on one thread in the background, which
all of them share and which starts with the first use.

Processes that fork (gunicorn, Celery): make them before or after the fork, but use them only after it. gRPC does not
survive a fork: once one of them was used, none can be used in a child, and says so by a `RuntimeError`. (gRPC's own
handlers may crash such a child before it can say so; they are off where `GRPC_ENABLE_FORK_SUPPORT=0`.)
"""

from grantway.sync.token_source import TokenSource
from grantway.sync.token_verifier import TokenVerifier

__all__ = ["TokenSource", "TokenVerifier"]

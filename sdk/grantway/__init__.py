"""Call Grantway from Python: issue, check and revoke access tokens over gRPC.

- `TokenVerifier` checks the tokens that callers present, in microseconds.
- `TokenSource` holds a token for calls to others.
- `TokenClient` is what both are built on; `grantway.v1` holds the generated stubs for whoever wants them bare.

`grantway.sync` has the first two for programs without asyncio.
"""

from grantway.check_modes import IfUnreachable, Mode, bounded, fail_closed, stale_if_unreachable, strict, watched
from grantway.client import TokenClient
from grantway.errors import GrantwayError, InsufficientScope, InvalidToken, Refused, Unreachable
from grantway.tls import BadTlsFile, Tls
from grantway.token_source import TokenSource
from grantway.token_verifier import TokenVerifier
from grantway.v1.error_reason_pb2 import ErrorReason
from grantway.verified_token import VerifiedToken

__all__ = [
    "BadTlsFile",
    "ErrorReason",
    "GrantwayError",
    "IfUnreachable",
    "InsufficientScope",
    "InvalidToken",
    "Mode",
    "Refused",
    "Tls",
    "TokenClient",
    "TokenSource",
    "TokenVerifier",
    "Unreachable",
    "VerifiedToken",
    "bounded",
    "fail_closed",
    "stale_if_unreachable",
    "strict",
    "watched",
]

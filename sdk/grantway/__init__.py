"""Call Grantway from Python: issue, check and revoke access tokens over gRPC.

`TokenClient` is the way in; `grantway.v1` holds the generated stubs for whoever wants them bare.
"""

from grantway.client import TokenClient
from grantway.errors import GrantwayError, Refused, Unreachable
from grantway.tls import BadTlsFile, Tls
from grantway.v1.error_reason_pb2 import ErrorReason

__all__ = ["BadTlsFile", "ErrorReason", "GrantwayError", "Refused", "Tls", "TokenClient", "Unreachable"]

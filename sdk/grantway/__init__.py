"""Call Grantway from Python: issue, check and revoke access tokens over gRPC.

`TokenClient` is the way in; `grantway.v1` holds the generated stubs for whoever wants them bare.
"""

from grantway.client import TokenClient
from grantway.errors import GrantwayError, Refused, Unreachable

__all__ = ["GrantwayError", "Refused", "TokenClient", "Unreachable"]

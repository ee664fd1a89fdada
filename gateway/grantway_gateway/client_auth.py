"""Client authentication (RFC 6749 section 2.3.1): where the client's id and secret stand in a request.

Whether they are right is the core's to say.
"""

import re
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from grantway.v1 import client_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway_gateway import form
from grantway_gateway.oauth_errors import invalid_client, invalid_request
from grantway_gateway.parameters import AboutToken, Parameters

AUTH_METHODS: Mapping[str, "client_pb2.ClientAuthMethod"] = MappingProxyType(
    {
        "client_secret_basic": client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC,
        "client_secret_post": client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
    }
)
"""How a client may authenticate, at every endpoint that asks it to: by the names of RFC 7591 section 2."""

_BASIC = AUTH_METHODS["client_secret_basic"]
_POST = AUTH_METHODS["client_secret_post"]

_MAX_LENGTH = 2048

# RFC 6749 appendix A.1 and A.2: *VSCHAR. Empty is omitted (section 3.2), and never matches anything.
_CREDENTIAL = re.compile(rf"[\x20-\x7e]{{1,{_MAX_LENGTH}}}")


@dataclass(slots=True)  # Frozen would take several times as long, for every request.
class Credentials:
    """Who a client says it is, and how it said so."""

    client_id: str
    client_secret: str = field(repr=False)
    method: "client_pb2.ClientAuthMethod"

    def message(self, *, source: str) -> pb.ClientCredentials:
        """The same for the core, which counts failures by *source*."""
        return pb.ClientCredentials(
            client_id=self.client_id, client_secret=self.client_secret, auth_method=self.method, source=source
        )


def read_credentials(authorization: bytes | None, parameters: Parameters | AboutToken) -> Credentials:
    """The credentials in the Authorization header or in the body, never in both.

    Raises:
        OAuthError: invalid_client or invalid_request.
    """
    if authorization is None:
        return _credentials(parameters.client_id, parameters.client_secret, _POST)
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"basic":  # RFC 9110 section 11.1: case-insensitive.
        # RFC 6749 section 5.2 on clients that "attempted to authenticate via the Authorization request header field".
        raise invalid_client()
    if parameters.client_secret:
        # RFC 6749 section 2.3: "The client MUST NOT use more than one authentication method in each request."
        raise invalid_request("Credentials came by HTTP Basic and in the body: send them in one place.")
    credentials = _basic(token.strip(b" "))
    if parameters.client_id not in ("", credentials.client_id):
        raise invalid_request(
            "client_id differs from that of HTTP Basic: send the same one, or only that of HTTP Basic."
        )
    return credentials


def _basic(token: bytes) -> Credentials:
    """Reads `base64(client_id ":" client_secret)`, both halves form-encoded (RFC 6749 section 2.3.1, appendix B)."""
    try:
        pair = a2b_base64(token)
        # Python skips what is no base64 and forgives bad padding: only what it would write itself is taken.
        client_id, colon, client_secret = pair.decode().partition(":")
        if b64encode(pair) != token or not colon:
            raise invalid_client()
        # Many clients send both halves as they are; the ids and secrets that the core makes read the same either way.
        return _credentials(form.decode(client_id), form.decode(client_secret), _BASIC)
    except ValueError:  # Not base64, not UTF-8, or malformed percent-encoding.
        raise invalid_client() from None


def _credentials(client_id: str, client_secret: str, method: "client_pb2.ClientAuthMethod") -> Credentials:
    if not (_CREDENTIAL.fullmatch(client_id) and _CREDENTIAL.fullmatch(client_secret)):
        raise invalid_client()
    return Credentials(client_id, client_secret, method)

"""The parameters of a token request (RFC 6749 sections 3.2 and 4.4.2), whatever syntax they came in."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from grantway_gateway.oauth_errors import OAuthError, invalid_request

NAMES = frozenset({"grant_type", "client_id", "client_secret", "scope", "audience"})
"""What the endpoint understands. `audience` is not RFC 6749's: Auth0's clients send it."""

_OURS = NAMES | {"token"}
"""What any endpoint understands."""

_MAX_FIELDS = 32
_MAX_NAME_BYTES = 64
_MAX_VALUE_BYTES = 2048

# So many characters keep the limits whatever they are: none has more than four bytes.
_SURE_NAME_LENGTH = _MAX_NAME_BYTES // 4
_SURE_VALUE_LENGTH = _MAX_VALUE_BYTES // 4

# C0, DEL, C1, and lone surrogates, which JSON can spell and UTF-8 cannot.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)  # Frozen would take several times as long, for every request.
class Parameters:
    """What a token request says. Empty means that the parameter was omitted (RFC 6749 section 3.2)."""

    grant_type: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    audience: str = ""


def read_parameters(fields: Sequence[tuple[str, str]]) -> Parameters:
    """The parameters of a token request.

    Raises:
        OAuthError: invalid_request.
    """
    known = known_parameters(fields, NAMES)
    if not known.get("grant_type"):  # RFC 6749 section 4.4.2: REQUIRED.
        raise invalid_request("grant_type is missing: send grant_type=client_credentials.")
    return Parameters(**known)


def known_parameters(fields: Sequence[tuple[str, str]], names: Collection[str]) -> dict[str, str]:
    """Those of *fields* that *names* name; the others are ignored (RFC 6749 section 3.2), once they keep the limits.

    Raises:
        OAuthError: invalid_request.
    """
    if len(fields) > _MAX_FIELDS:
        raise invalid_request(f"There are more than {_MAX_FIELDS} parameters: send fewer.")
    known: dict[str, str] = {}
    for name, value in fields:
        if len(name) > _SURE_NAME_LENGTH or len(value) > _SURE_VALUE_LENGTH or not (name + value).isprintable():
            _check(name, value)
        if name in names:
            # RFC 6749 section 3.2: "Request and response parameters MUST NOT be included more than once." An unknown
            # parameter is not this service's business, not even when it is repeated.
            if name in known:
                raise repeated(name)
            known[name] = value
    return known


def repeated(name: str) -> OAuthError:
    """The error for a parameter that is there twice."""
    return invalid_request(f"{_named(name)} is repeated: send it once.")


def _check(name: str, value: str) -> None:
    """Refuses what is too long or not text; what is merely not printable, like a rare space, passes."""
    if _bytes(name) > _MAX_NAME_BYTES:
        raise invalid_request(f"A parameter's name is longer than {_MAX_NAME_BYTES} bytes: shorten it.")
    if _bytes(value) > _MAX_VALUE_BYTES:
        raise invalid_request(f"{_named(name)} is longer than {_MAX_VALUE_BYTES} bytes: shorten it.")
    # RFC 6749 section 10.14: values are validated. The scope has a grammar, and an error, of its own (section 3.3),
    # which the core knows; it must only be text.
    unfit = _SURROGATE if name == "scope" else _UNPRINTABLE
    if _UNPRINTABLE.search(name) or unfit.search(value):
        raise invalid_request(f"{_named(name)} holds a control character or is not text: remove it.")


def _bytes(text: str) -> int:
    """How many bytes *text* has in UTF-8."""
    return len(text.encode(errors="surrogatepass"))


def _named(name: str) -> str:
    """*name* if it may be repeated to the caller, which is when it is one of ours."""
    return name if name in _OURS else "A parameter"

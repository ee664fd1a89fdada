"""The parameters of a request (RFC 6749 sections 3.2 and 4.4.2, and others'), whatever syntax they came in."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from grantway_gateway.oauth_errors import OAuthError, invalid_request, invalid_target

NAMES = frozenset({"grant_type", "client_id", "client_secret", "scope", "audience", "resource"})
"""What the token endpoint understands. `audience` is not RFC 6749's: Auth0's clients send it."""

ABOUT_TOKEN_NAMES = frozenset({"token", "token_type_hint", "client_id", "client_secret"})
"""What the endpoints for introspection and revocation understand."""

INTROSPECTION_NAMES = ABOUT_TOKEN_NAMES | {"audience"}
"""And the former besides. `audience` is not RFC 7662's: whoever is several audiences says for which one it asks."""

REPEATABLE = frozenset({"resource"})
"""What may be there more than once (RFC 8707 section 2)."""

_TOKEN = frozenset({"token"})

_OURS = NAMES | ABOUT_TOKEN_NAMES
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

# RFC 3986 section 4.3, as far as its characters go: a fragment would begin with "#".
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


@dataclass(slots=True)  # Frozen would take several times as long, for every request.
class Parameters:
    """What a token request says. Empty means that the parameter was omitted (RFC 6749 section 3.2)."""

    grant_type: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    audience: str = ""
    resources: tuple[str, ...] = field(default=(), init=False)

    @property
    def audiences(self) -> tuple[str, ...]:
        """Whom the token is to be meant for: `audience` and `resource` are two spellings of one question."""
        return (self.audience, *self.resources) if self.audience else self.resources


@dataclass(slots=True)  # As above.
class AboutToken:
    """What a request about a token says (RFC 7662 section 2.1, RFC 7009 section 2.1)."""

    token: str = field(repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    audience: str = ""


def read_parameters(fields: Sequence[tuple[str, str]]) -> Parameters:
    """The parameters of a token request.

    Raises:
        OAuthError: invalid_request.
    """
    known = known_parameters(fields, NAMES)
    if not known.get("grant_type"):  # RFC 6749 section 4.4.2: REQUIRED.
        raise invalid_request("grant_type is missing: send grant_type=client_credentials.")
    resources = _resources(fields) if known.pop("resource", None) is not None else ()
    parameters = Parameters(**known)
    parameters.resources = resources
    return parameters


def read_about_token(fields: Sequence[tuple[str, str]], names: Collection[str] = ABOUT_TOKEN_NAMES) -> AboutToken:
    """The parameters of a request about a token, those that *names* name.

    Raises:
        OAuthError: invalid_request.
    """
    # The caller was shown the token by somebody else: whatever text that is, it is a token that is not active, and no
    # fault of the caller's request.
    known = known_parameters(fields, names, unchecked=_TOKEN)
    # There is one kind of token. RFC 7009 section 2.1: a server "MAY ignore this parameter, particularly if it is able
    # to detect the token type automatically".
    known.pop("token_type_hint", None)
    if not known.get("token"):
        raise invalid_request("token is missing: send the token in the parameter token.")
    if _SURROGATE.search(known["token"]):
        known["token"] = _SURROGATE.sub("?", known["token"])  # It cannot be sent on; no token has either.
    return AboutToken(**known)


def known_parameters(
    fields: Sequence[tuple[str, str]], names: Collection[str], *, unchecked: Collection[str] = ()
) -> dict[str, str]:
    """Those of *fields* that *names* name; the others are ignored (RFC 6749 section 3.2), once they keep the limits.

    The values of those that *unchecked* names may be anything.

    Raises:
        OAuthError: invalid_request.
    """
    if len(fields) > _MAX_FIELDS:
        raise invalid_request(f"There are more than {_MAX_FIELDS} parameters: send fewer.")
    known: dict[str, str] = {}
    for name, value in fields:
        if len(name) > _SURE_NAME_LENGTH or len(value) > _SURE_VALUE_LENGTH or not (name + value).isprintable():
            _check(name, "" if name in unchecked else value)
        if name in names:
            # RFC 6749 section 3.2: "Request and response parameters MUST NOT be included more than once." An unknown
            # parameter is not this service's business, not even when it is repeated.
            if name in known and name not in REPEATABLE:
                raise repeated(name)
            known[name] = value
    return known


def _resources(fields: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The values of `resource` (RFC 8707 section 2).

    Raises:
        OAuthError: invalid_target: one "MUST be an absolute URI" and "MUST NOT include a fragment component".
    """
    resources = tuple(value for name, value in fields if name == "resource" and value)
    if not all(map(_ABSOLUTE_URI.fullmatch, resources)):
        raise invalid_target(
            "resource must be an absolute URI without a fragment: send what audience takes as audience."
        )
    return resources


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

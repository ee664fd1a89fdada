"""The query string: what may not be in it."""

import pytest

from grantway_gateway.oauth_errors import OAuthError
from grantway_gateway.query import refuse_in_query

_NAMES = {"token", "scope"}


@pytest.mark.parametrize("query", [b"", b"utm=1&api-version=2", b"Token=x", b"tokens=x", b"&", b"=token"])
def test_what_is_of_others_passes(query: bytes) -> None:
    """Proxies add what they like."""
    refuse_in_query(query, _NAMES)


_PARAMETER = "The query string holds a parameter of the request: send it in the body only."
_MALFORMED = "The query string is malformed: send parameters in the body only."


@pytest.mark.parametrize(
    ("query", "description"),
    [
        pytest.param(b"token=x", _PARAMETER, id="a-parameter"),
        pytest.param(b"a=b&token", _PARAMETER, id="one-without-a-value"),
        pytest.param(b"%74oken=x", _PARAMETER, id="one-in-disguise"),
        pytest.param(b"%zz", _MALFORMED, id="a-bad-escape"),
        pytest.param(b"\xff", _MALFORMED, id="no-utf-8"),
    ],
)
def test_a_parameter_is_refused(query: bytes, description: str) -> None:
    """RFC 6749 section 2.3.1. The query string is blamed, not the body."""
    with pytest.raises(OAuthError) as caught:
        refuse_in_query(query, _NAMES)

    assert ("invalid_request", description) == (caught.value.error, caught.value.description)

"""Where credentials are found, and how Basic is decoded."""

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway.v1 import client_pb2
from grantway_gateway.client_auth import Credentials, read_credentials
from grantway_gateway.oauth_errors import OAuthError
from grantway_gateway.parameters import Parameters

BASIC = client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC
POST = client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST


def _basic(pair: bytes) -> bytes:
    return b"Basic " + b64encode(pair)


def _body(client_id: str = "", client_secret: str = "") -> Parameters:
    return Parameters("client_credentials", client_id=client_id, client_secret=client_secret)


# openid/AppAuth-iOS#233: an id and a secret in which everything matters.
_VECTOR = (
    b"Basic MVBwRyUyRlErMTp6JTJGdFo5VndGWnFBcG1JUSUyQlpIMUk1cExrJTJGdUI0dWQlM0FYMiUyRjhiTCUyQndmRlR0MXJGdyUzRA==",
    "1PpG/Q 1",
    "z/tZ9VwFZqApmIQ+ZH1I5pLk/uB4ud:X2/8bL+wfFTt1rFw=",
)


@pytest.mark.parametrize(
    ("authorization", "parameters", "credentials"),
    [
        pytest.param(_basic(b"svc:gws"), _body(), Credentials("svc", "gws", BASIC), id="basic"),
        pytest.param(None, _body("svc", "gws"), Credentials("svc", "gws", POST), id="body"),
        pytest.param(
            b"bAsIc  " + b64encode(b"svc:gws"), _body(), Credentials("svc", "gws", BASIC), id="any-case-more-spaces"
        ),
        pytest.param(_VECTOR[0], _body(), Credentials(*_VECTOR[1:], BASIC), id="form-encoded-halves"),
        pytest.param(_basic(b"svc:a:b:c"), _body(), Credentials("svc", "a:b:c", BASIC), id="the-first-colon-splits"),
        pytest.param(_basic(b"a%3Ab:gws"), _body(), Credentials("a:b", "gws", BASIC), id="a-colon-in-the-id"),
        pytest.param(
            _basic(b"svc_-.~:gws_-.~"), _body(), Credentials("svc_-.~", "gws_-.~", BASIC), id="raw-unreserved"
        ),
        pytest.param(_basic(b"%73vc:gws"), _body(), Credentials("svc", "gws", BASIC), id="encoded-without-need"),
        pytest.param(_basic(b"svc:gws"), _body("svc"), Credentials("svc", "gws", BASIC), id="the-same-id-in-the-body"),
    ],
)
def test_credentials_are_found(authorization: bytes | None, parameters: Parameters, credentials: Credentials) -> None:
    """RFC 6749 section 2.3.1: in the header or in the body."""
    assert credentials == read_credentials(authorization, parameters)


@pytest.mark.parametrize(
    ("authorization", "parameters", "error"),
    [
        pytest.param(None, _body(), "invalid_client", id="nothing"),
        pytest.param(None, _body("svc"), "invalid_client", id="no-secret"),
        pytest.param(None, _body("", "gws"), "invalid_client", id="no-id"),
        pytest.param(None, _body("svc", "gwß"), "invalid_client", id="not-ascii-in-the-body"),
        pytest.param(_basic(b"svc:gws"), _body("", "gws"), "invalid_request", id="two-secrets-that-are-equal"),
        pytest.param(b"Basic !", _body("", "gws"), "invalid_request", id="two-secrets-of-which-one-is-malformed"),
        pytest.param(_basic(b"svc:gws"), _body("other"), "invalid_request", id="two-ids"),
        pytest.param(_basic(b":gws"), _body(), "invalid_client", id="empty-id"),
        pytest.param(_basic(b":gws"), _body("svc"), "invalid_client", id="empty-id-but-one-in-the-body"),
        pytest.param(_basic(b"svc:"), _body(), "invalid_client", id="empty-secret"),
        pytest.param(_basic(b"svc"), _body(), "invalid_client", id="no-colon"),
        pytest.param(_basic(b"svc%3Agws"), _body(), "invalid_client", id="only-an-encoded-colon"),
        pytest.param(_basic(b"svc:%zz"), _body(), "invalid_client", id="malformed-percent-encoding"),
        pytest.param(_basic(b"svc:%ff"), _body(), "invalid_client", id="no-utf-8-behind-the-percent-encoding"),
        pytest.param(_basic(b"svc:\xe9"), _body(), "invalid_client", id="latin-1"),
        pytest.param(_basic("svc:é".encode()), _body(), "invalid_client", id="not-ascii"),
        pytest.param(_basic(b"svc:a\0"), _body(), "invalid_client", id="nul"),
        pytest.param(_basic(b"svc:a%0A"), _body(), "invalid_client", id="encoded-newline"),
        pytest.param(_basic(b"svc:" + b"a" * 2049), _body(), "invalid_client", id="too-long"),
        pytest.param(b"Basic", _body(), "invalid_client", id="the-scheme-alone"),
        pytest.param(b"", _body(), "invalid_client", id="an-empty-header"),
        pytest.param(b"Basic c3ZjOmd3cw", _body(), "invalid_client", id="no-padding"),
        pytest.param(b"Basic c3ZjOmd3cw===", _body(), "invalid_client", id="too-much-padding"),
        pytest.param(b"Basic c3ZjOmd3cx==", _body(), "invalid_client", id="bits-in-the-padding"),
        pytest.param(b"Basic c3Zj Omd3cw==", _body(), "invalid_client", id="a-space-inside"),
        pytest.param(b"Basic c3ZjOmd3cw==!", _body(), "invalid_client", id="characters-of-no-alphabet"),
        pytest.param(b"Basic c3ZjOmd3cz8_", _body(), "invalid_client", id="base64url"),
        pytest.param(b"Bearer abc", _body("svc", "gws"), "invalid_client", id="another-scheme"),
        pytest.param(b"Digest username=svc", _body(), "invalid_client", id="digest"),
    ],
)
def test_everything_else_is_refused(authorization: bytes | None, parameters: Parameters, error: str) -> None:
    """What fails is told as authentication that fails; only two methods at once are a malformed request."""
    with pytest.raises(OAuthError) as caught:
        read_credentials(authorization, parameters)

    assert error == caught.value.error


@given(st.binary(max_size=100), st.sampled_from([b"", b"Basic ", b"basic\t"]))
def test_any_header_is_credentials_or_a_refusal(value: bytes, scheme: bytes) -> None:
    """Nothing else comes out, whatever goes in."""
    with suppress(OAuthError):
        credentials = read_credentials(scheme + value, _body())
        assert (credentials.client_id + credentials.client_secret).isascii()


def test_credentials_do_not_show_their_secret() -> None:
    """Whoever logs them logs no secret."""
    assert "gws" not in repr(Credentials("svc", "gws", BASIC))

"""What a body may be and how large, from the outside: media types, encodings, and bytes that come in pieces."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.gateway.harness import CREDENTIALS, NO_STORE, headers_of

_FORM = b"grant_type=client_credentials&client_id=svc&client_secret=gws"
_JSON = b'{"grant_type": "client_credentials", "client_id": "svc", "client_secret": "gws"}'


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        pytest.param("application/x-www-form-urlencoded", _FORM, id="form"),
        pytest.param("APPLICATION/X-WWW-Form-UrlEncoded", _FORM, id="any-case"),
        pytest.param("application/x-www-form-urlencoded;charset=UTF-8", _FORM, id="utf-8"),
        pytest.param('application/x-www-form-urlencoded ; charset="utf-8"', _FORM, id="quoted-utf-8"),
        pytest.param("application/x-www-form-urlencoded; charset = UTF-8", _FORM, id="utf-8-with-spaces"),
        pytest.param("application/x-www-form-urlencoded;", _FORM, id="an-empty-parameter"),
        pytest.param("application/x-www-form-urlencoded;profile=x", _FORM, id="a-parameter-of-no-meaning"),
        pytest.param("application/json", _JSON, id="json"),
        pytest.param("application/json; charset=utf-8", _JSON, id="json-with-a-charset"),
        pytest.param("application/json; profile=x", _JSON, id="json-with-another-parameter"),
    ],
)
async def test_two_media_types_are_taken(endpoint: httpx.AsyncClient, media_type: str, body: bytes) -> None:
    """Case and parameters do not matter (RFC 9110 section 8.3.1)."""
    response = await endpoint.post("/oauth/token", content=body, headers={"content-type": media_type})

    assert 200 == response.status_code


_UNSUPPORTED = "The Content-Type is not supported: send application/x-www-form-urlencoded or application/json."
_CHARSET = "The charset is not supported: send UTF-8."


@pytest.mark.parametrize(
    ("media_type", "description"),
    [
        pytest.param(None, _UNSUPPORTED, id="none"),
        pytest.param("", _UNSUPPORTED, id="empty"),
        pytest.param("text/plain", _UNSUPPORTED, id="text"),
        pytest.param("multipart/form-data; boundary=x", _UNSUPPORTED, id="multipart"),
        pytest.param("application/token+json", _UNSUPPORTED, id="a-kind-of-json"),
        pytest.param("application/json, application/x-www-form-urlencoded", _UNSUPPORTED, id="two-in-one"),
        pytest.param("application/x-www-form-urlencoded; charset=iso-8859-1", _CHARSET, id="latin-1"),
        pytest.param("application/x-www-form-urlencoded; charset =latin1", _CHARSET, id="latin-1-after-a-space"),
        pytest.param("application/x-www-form-urlencoded; charset = latin1", _CHARSET, id="latin-1-between-spaces"),
        pytest.param("application/json; charset=utf-16", _CHARSET, id="utf-16"),
    ],
)
async def test_other_media_types_are_refused(
    endpoint: httpx.AsyncClient, media_type: str | None, description: str
) -> None:
    """400 and not 415: RFC 6749 section 5.2 says 400 unless specified otherwise."""
    headers = {} if media_type is None else {"content-type": media_type}

    response = await endpoint.post("/oauth/token", content=_FORM, headers=headers)

    assert (400, NO_STORE) == (response.status_code, headers_of(response))
    assert {"error": "invalid_request", "error_description": description} == response.json()


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "x"])
async def test_a_compressed_body_is_refused(endpoint: httpx.AsyncClient, encoding: str) -> None:
    """RFC 9110 section 15.5.16, unread: there is no decompression to blow up."""
    response = await endpoint.post(
        "/oauth/token",
        content=_FORM,
        headers={"content-type": "application/x-www-form-urlencoded", "content-encoding": encoding},
    )

    assert (415, NO_STORE | {"accept-encoding": "identity"}) == (response.status_code, headers_of(response))
    assert response.json() == {
        "error": "invalid_request",
        "error_description": "The body is compressed: send it without Content-Encoding.",
    }


async def test_identity_is_no_compression(endpoint: httpx.AsyncClient) -> None:
    """RFC 9110 section 12.5.3: it says that nothing was done."""
    response = await endpoint.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"} | CREDENTIALS,
        headers={"content-encoding": "Identity"},
    )

    assert 200 == response.status_code


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "in-pieces"])
@pytest.mark.parametrize(("size", "status"), [(8192, 200), (8193, 413)])
async def test_a_body_has_at_most_8_kib(
    endpoint: httpx.AsyncClient, size: int, status: int, *, in_pieces: bool
) -> None:
    """To the byte, whether its length was announced or not."""
    body = _FORM + b"&" * (size - len(_FORM))

    response = await endpoint.post(
        "/oauth/token",
        content=_pieces(body) if in_pieces else body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert status == response.status_code


async def test_a_body_that_is_too_large_is_told_so(endpoint: httpx.AsyncClient) -> None:
    """The whole answer."""
    response = await endpoint.post(
        "/oauth/token", content=b"x" * 9000, headers={"content-type": "application/x-www-form-urlencoded"}
    )

    assert (413, NO_STORE) == (response.status_code, headers_of(response))
    assert response.json() == {
        "error": "invalid_request",
        "error_description": "The body is larger than 8192 bytes: send only the parameters of the request.",
    }

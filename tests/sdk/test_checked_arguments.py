"""Mistakes in arguments are told where they are made, by each class that takes them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest

from grantway import BadTlsFile, Tls, TokenClient, TokenSource, TokenVerifier, sync
from grantway.checked_arguments import checked_audiences, scopes_in

_ADDRESS = r"must be host:port with a port of 1 to 65535, several ip:port with commas between, or a gRPC target"
_TIMEDELTA = r"timeout must be a timedelta, like timedelta\(seconds=5\), not int"
_URL = "url must begin with https:// or http://, and name a host"
_ONE_TEXT = "scope must be one text, with spaces between the scopes, .*"

_Make = Callable[..., object]


def _source(core: object = "core:1", **arguments: object) -> object:
    return TokenSource.over_grpc(cast("Any", core), client_id="a", client_secret="b", **cast("Any", arguments))


def _sync_source(core: object = "core:1", **arguments: object) -> object:
    return sync.TokenSource.over_grpc(cast("Any", core), client_id="a", client_secret="b", **cast("Any", arguments))


def _http_source(url: object = "https://auth.example.com", **arguments: object) -> object:
    return TokenSource.over_http(cast("Any", url), client_id="a", client_secret="b", **cast("Any", arguments))


def _with_default_core(make: _Make) -> _Make:
    return lambda core="core:1", **arguments: make(core, **arguments)


_CALLERS_OF_THE_CORE = pytest.mark.parametrize(
    "make",
    [
        pytest.param(_with_default_core(TokenClient), id="TokenClient"),
        pytest.param(_with_default_core(TokenVerifier), id="TokenVerifier"),
        pytest.param(_with_default_core(sync.TokenVerifier), id="sync.TokenVerifier"),
        pytest.param(_source, id="TokenSource"),
        pytest.param(_sync_source, id="sync.TokenSource"),
    ],
)


@_CALLERS_OF_THE_CORE
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param({"core": "core.internal"}, ValueError, _ADDRESS, id="an address without a port"),
        pytest.param({"core": "https://core:1"}, ValueError, _ADDRESS, id="a URL for an address"),
        pytest.param({"timeout": 5}, TypeError, _TIMEDELTA, id="a timeout that is a number"),
        pytest.param({"timeout": timedelta()}, ValueError, "timeout must be more than 0", id="no time"),
        pytest.param({"tls": Tls(authorities="/nowhere")}, BadTlsFile, "authorities cannot be read .*", id="no file"),
    ],
)
def test_who_calls_the_core_is_told_at_once(
    make: _Make, arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    """And not at the first call."""
    with pytest.raises(error, match=f"^{message}$"):
        make(**arguments)


@pytest.mark.parametrize(
    ("max_waiting", "error", "message"),
    [
        pytest.param(0, ValueError, "max_waiting must be at least 1", id="nobody may wait"),
        pytest.param(1.5, TypeError, "max_waiting must be an int, not float", id="one and a half"),
        pytest.param(None, TypeError, "max_waiting must be an int, not NoneType", id="no bound"),
    ],
)
def test_how_many_may_wait_is_a_number(max_waiting: object, error: type[Exception], message: str) -> None:
    """There is no way to let everybody wait: a core that hangs would fill the memory of its callers."""
    with pytest.raises(error, match=f"^{message}$"):
        TokenClient("core:1", max_waiting=cast("Any", max_waiting))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        pytest.param(lambda: _http_source("auth.example.com"), ValueError, _URL, id="no scheme"),
        pytest.param(lambda: _http_source("core:50051"), ValueError, _URL, id="the core's address"),
        pytest.param(lambda: _http_source("https:///oauth"), ValueError, _URL, id="no host"),
        pytest.param(lambda: _http_source(timeout=5), TypeError, _TIMEDELTA, id="a timeout that is a number"),
        pytest.param(lambda: _http_source(scope=["a", "b"]), TypeError, _ONE_TEXT, id="several scopes, over HTTP"),
        pytest.param(lambda: _source(scope=["a", "b"]), TypeError, _ONE_TEXT, id="several scopes, over gRPC"),
        pytest.param(
            lambda: _source(audiences=[1]), TypeError, "audiences must be texts", id="an audience that is none"
        ),
    ],
)
def test_a_source_is_told_at_once(make: Callable[[], object], error: type[Exception], message: str) -> None:
    """And not when the first token is needed."""
    with pytest.raises(error, match=f"^{message}$"):
        make()


@pytest.mark.parametrize(
    "make",
    [pytest.param(_with_default_core(sync.TokenVerifier), id="verifier"), pytest.param(_sync_source, id="source")],
)
def test_without_asyncio_a_client_of_asyncio_will_not_do(make: _Make) -> None:
    """It lives on the loop of whoever made it."""
    with pytest.raises(TypeError, match=r"^core must be an address here, not TokenClient, which lives on another .*$"):
        make(TokenClient("core:1"))


@pytest.mark.parametrize(
    ("audiences", "expected"),
    [
        pytest.param("https://api.example", ("https://api.example",), id="one text is one"),
        pytest.param(["a", "b"], ("a", "b"), id="several are several"),
        pytest.param((), (), id="none are none"),
    ],
)
def test_an_audience_is_never_taken_for_its_letters(audiences: str | list[str], expected: tuple[str, ...]) -> None:
    """A text is several texts to Python."""
    assert expected == checked_audiences(audiences)


def test_scopes_in_one_text_have_spaces_between() -> None:
    """As everywhere in OAuth."""
    assert ("a", "b") == scopes_in("a b") == scopes_in(["a", "b"])

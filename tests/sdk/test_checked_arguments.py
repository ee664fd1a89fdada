"""Mistakes in arguments are told where they are made, by each class that takes them."""

import sys
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

_TEXTS = "client_id, client_secret, grant_type, scope and source must each be one text"
_EMPTY = "an audience must not be empty: leave audiences out where there are none"
_CREDENTIALS = {"client_id": "a", "client_secret": "b"}

_Make = Callable[..., object]


def _source(core: object = "core:1", **arguments: object) -> object:
    return TokenSource.over_grpc(cast("Any", core), **cast("Any", _CREDENTIALS | arguments))


def _sync_source(core: object = "core:1", **arguments: object) -> object:
    return sync.TokenSource.over_grpc(cast("Any", core), **cast("Any", _CREDENTIALS | arguments))


def _http_source(url: object = "https://auth.example.com", **arguments: object) -> object:
    return TokenSource.over_http(cast("Any", url), **cast("Any", _CREDENTIALS | arguments))


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
        pytest.param(True, TypeError, "max_waiting must be an int, not bool", id="yes or no"),
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
        pytest.param(
            lambda: _source(audiences=None),
            TypeError,
            "audiences must be texts, not NoneType",
            id="audiences from nowhere",
        ),
        pytest.param(lambda: _source(audiences=""), ValueError, _EMPTY, id="an empty audience"),
        pytest.param(lambda: _source(audiences=["a", ""]), ValueError, _EMPTY, id="an empty one of several"),
        pytest.param(
            lambda: _source(client_secret=None),
            TypeError,
            "client_secret must be a text, not NoneType",
            id="a secret from a variable that is not set, over gRPC",
        ),
        pytest.param(
            lambda: _http_source(client_secret=None),
            TypeError,
            "client_secret must be a text, not NoneType",
            id="a secret from a variable that is not set, over HTTP",
        ),
        pytest.param(
            lambda: _source(client_id=7), TypeError, "client_id must be a text, not int", id="an id that is a number"
        ),
    ],
)
def test_a_source_is_told_at_once(make: Callable[[], object], error: type[Exception], message: str) -> None:
    """And not when the first token is needed."""
    with pytest.raises(error, match=f"^{message}$"):
        make()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"client_secret": None}, _TEXTS, id="a secret from a variable that is not set"),
        pytest.param({"client_id": 7}, _TEXTS, id="an id that is a number"),
        pytest.param({"scope": ["a", "b"]}, _TEXTS, id="several scopes"),
        pytest.param({"audiences": ""}, _EMPTY, id="an empty audience"),
    ],
)
async def test_a_token_request_is_told_what_is_wrong_with_it(arguments: dict[str, Any], message: str) -> None:
    """Before anything is sent: no core is there."""
    async with TokenClient("127.0.0.1:1") as client:
        with pytest.raises((TypeError, ValueError), match=f"^{message}$"):
            await client.issue(**(_CREDENTIALS | arguments))


async def test_a_question_for_an_empty_audience_is_none_for_everybody() -> None:
    """It comes from a variable that is not set."""
    async with TokenClient("127.0.0.1:1") as client:
        with pytest.raises(ValueError, match=f"^{_EMPTY}$"):
            await client.introspect("token", audiences="")


def test_a_source_over_http_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where httpx is not installed."""
    monkeypatch.delitem(sys.modules, "grantway.http_issuer", raising=False)
    monkeypatch.setitem(sys.modules, "httpx", cast("Any", None))
    with pytest.raises(
        ModuleNotFoundError, match=r"^TokenSource.over_http needs an extra: .* pip install '.\[httpx\]'$"
    ):
        _http_source()


@pytest.mark.parametrize(
    "make",
    [pytest.param(_with_default_core(sync.TokenVerifier), id="verifier"), pytest.param(_sync_source, id="source")],
)
def test_without_asyncio_a_client_of_asyncio_will_not_do(make: _Make) -> None:
    """It lives on the loop of whoever made it."""
    with pytest.raises(TypeError, match=r"^core must be an address here, not TokenClient; a TokenClient lives on .*$"):
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

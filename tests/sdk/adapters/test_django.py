"""Django: its kinds of views under both kinds of servers, and settings that are wrong."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.test import override_settings

from grantway import Tls
from grantway.adapters.django import token_in
from tests.deployment import Deployment
from tests.sdk.adapters.django_site import grantway_settings
from tests.sdk.adapters.served import django_asgi_api, django_wsgi_api, served_wsgi
from tests.sdk.adapters.tokens import Tokens


@pytest.fixture(scope="module", params=[django_wsgi_api, django_asgi_api], ids=["WSGI", "ASGI"], name="api")
def _api(request: pytest.FixtureRequest, deployment: Deployment) -> Iterator[httpx.Client]:
    with request.param(deployment.grpc_target) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "scope", "needed"),
    [
        pytest.param("/orders", "a", "a", id="function"),
        pytest.param("/async", "a b", "a b", id="coroutine function"),
        pytest.param("/class", "b", "b", id="class"),
        pytest.param("/async-class", "b", "b", id="class with coroutine functions"),
    ],
)
def test_a_view_of_any_kind_needs_its_scopes(
    api: httpx.Client, tokens: Tokens, path: str, scope: str, needed: str
) -> None:
    """With them it is called, without them the answer names them."""
    good = api.get(path, headers={"Authorization": f"Bearer {tokens.issue(scope)}"})
    other = "b" if scope == "a" else "a"
    bad = api.get(path, headers={"Authorization": f"Bearer {tokens.issue(other)}"})

    assert (200, {"client_id": tokens.client.client_id}) == (good.status_code, good.json())
    assert (403, True) == (bad.status_code, bad.headers["www-authenticate"].endswith(f', scope="{needed}"'))


def test_a_view_that_names_no_scope_needs_a_token(api: httpx.Client, tokens: Tokens) -> None:
    """So does a path that leads nowhere: who knows nothing learns nothing."""
    assert httpx.codes.UNAUTHORIZED == api.get("/any").status_code
    assert httpx.codes.UNAUTHORIZED == api.get("/nowhere").status_code
    headers = {"Authorization": f"Bearer {tokens.issue('b')}"}
    assert httpx.codes.OK == api.get("/any", headers=headers).status_code
    assert httpx.codes.NOT_FOUND == api.get("/nowhere", headers=headers).status_code


def test_public_paths_are_whole_or_all_below(api: httpx.Client) -> None:
    """As the settings say."""
    assert httpx.codes.OK == api.get("/static/deep/file").status_code
    assert httpx.codes.OK == api.get("/free").status_code
    assert httpx.codes.UNAUTHORIZED == api.get("/free/").status_code


def test_a_view_that_needs_scopes_does_not_open_where_nothing_is_checked(api: httpx.Client, tokens: Tokens) -> None:
    """Its path is a public one, or the middleware is not there: that is a fault of the site, and no way in."""
    headers = {"Authorization": f"Bearer {tokens.issue('a')}"}
    assert httpx.codes.INTERNAL_SERVER_ERROR == api.get("/unchecked", headers=headers).status_code

    with override_settings(MIDDLEWARE=[]), served_wsgi(WSGIHandler()) as url:
        assert httpx.codes.INTERNAL_SERVER_ERROR == httpx.get(f"{url}/orders", headers=headers).status_code


def test_scopes_of_the_settings_are_needed_everywhere(deployment: Deployment, tokens: Tokens) -> None:
    """Also by views that name none."""
    settings = grantway_settings(deployment.grpc_target) | {"SCOPES": "b"}
    headers = {"Authorization": f"Bearer {tokens.issue('a')}"}
    with override_settings(GRANTWAY=settings), served_wsgi(WSGIHandler()) as url:
        response = httpx.get(f"{url}/any", headers=headers)

    assert (403, True) == (response.status_code, response.headers["www-authenticate"].endswith(', scope="b"'))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        pytest.param(None, "must be a dict with CORE", id="none"),
        pytest.param({"REALM": "orders"}, "must be a dict with CORE", id="no core"),
        pytest.param({"CORE": "x"}, "must be host:port", id="an address without a port"),
        pytest.param({"CORE": "x:1", "TLS": Tls(authorities="/nowhere")}, "authorities cannot be read", id="no file"),
        pytest.param({"CORE": "x:1", "AUDIENCE": []}, "there is no such setting: AUDIENCE", id="a misspelled one"),
    ],
)
def test_wrong_settings_are_told_when_the_site_starts(settings: dict[str, Any] | None, problem: str) -> None:
    """And not at the first request."""
    with override_settings(GRANTWAY=settings), pytest.raises(ImproperlyConfigured, match=problem):
        WSGIHandler()


def test_where_nothing_was_checked_there_is_no_token() -> None:
    """It is not None, which could be taken for somebody."""
    with pytest.raises(LookupError):
        token_in(HttpRequest())

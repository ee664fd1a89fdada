"""Access tokens for Django, under WSGI and ASGI, in views that are functions or classes, asyncio's or not.

    # settings.py
    MIDDLEWARE = ["grantway.adapters.django.BearerMiddleware", ...]
    GRANTWAY = {"CORE": "127.0.0.1:50051", "AUDIENCES": ["https://orders.example"], "REALM": "orders",
                "PUBLIC": ["/healthz", "/admin/*"]}

    # views.py
    @scopes_required("orders:read")
    def orders(request): return JsonResponse({"whose": token_in(request).client_id})

In settings.GRANTWAY, CORE is required; AUDIENCES, MODE, IF_UNREACHABLE and TLS (a `grantway.Tls`) are as for
`TokenVerifier`, REALM, SCOPES and PUBLIC as for the middleware of ASGI. Each process has a verifier of its own, which
the first request opens.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache, wraps
from threading import Lock
from typing import Any, NamedTuple, TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

import grantway.sync
from grantway import GrantwayError, InsufficientScope, Tls, TokenVerifier, VerifiedToken, fail_closed, watched
from grantway.adapters.bearer import (
    Denied,
    Exemptions,
    authorizations_in,
    checked_realm,
    checked_scopes,
    denial,
    read_token,
)
from grantway.check_modes import IfUnreachable, Mode
from grantway.checked_arguments import checked_audiences

_View = TypeVar("_View", bound=Callable[..., Any])

_TOKEN = "_grantway_token"  # noqa: S105 - the name of an attribute.
_KNOWN = frozenset({"CORE", "AUDIENCES", "MODE", "IF_UNREACHABLE", "TLS", "REALM", "SCOPES", "PUBLIC"})


def token_in(request: HttpRequest) -> VerifiedToken:
    """The token of a request that `BearerMiddleware` let through.

    Raises:
        LookupError: The middleware is not installed, or the path is a public one.
    """
    token = getattr(request, _TOKEN, None)
    if token is None:
        raise LookupError("no access token was checked for this request")
    return cast("VerifiedToken", token)


def scopes_required(scopes: str | Iterable[str]) -> Callable[[_View], _View]:
    """Has a view need *scopes* (all of them), beside those of the settings.

    For a class of views: `method_decorator(scopes_required("orders:read"), name="dispatch")`.
    """
    each = checked_scopes(scopes)

    def decorate(view: _View) -> _View:
        def check(request: HttpRequest) -> None:
            if not token_in(request).scopes.issuperset(each):
                raise denial(InsufficientScope(each))  # For `BearerMiddleware.process_exception`.

        @wraps(view)
        def checked(request: HttpRequest, *args: object, **kwargs: object) -> object:
            check(request)
            return view(request, *args, **kwargs)

        @wraps(view)
        async def checked_async(request: HttpRequest, *args: object, **kwargs: object) -> object:
            check(request)
            return await view(request, *args, **kwargs)

        return cast("_View", checked_async if iscoroutinefunction(view) else checked)

    return decorate


class BearerMiddleware:
    """Lets requests through that bring a good access token, and answers the others (RFC 6750).

    Place it before whatever answers by itself, like a cache.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        configured = _configured()
        self._get_response = get_response
        self._realm = configured_realm()
        self._scopes = checked_scopes(configured.get("SCOPES", ()))
        self._public = Exemptions(configured.get("PUBLIC", ()))
        self._verifier = sync_verifier()
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """See Django's documentation of middleware."""
        if request.path in self._public:
            return self._get_response(request)
        if self._is_async:
            return self._answer_async(request)
        try:
            self._remember(request, self._verifier.verify(_token_text(request), self._scopes))
        except (Denied, GrantwayError) as error:
            return self._response(denial(error))
        return self._get_response(request)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        try:
            self._remember(request, await _async_verifier().verify(_token_text(request), self._scopes))
        except (Denied, GrantwayError) as error:
            return self._response(denial(error))
        return await cast("Awaitable[HttpResponseBase]", self._get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:  # noqa: ARG002 - Django gives both.
        """Answers what `scopes_required` raises."""
        return self._response(exception) if isinstance(exception, Denied) else None

    def _remember(self, request: HttpRequest, token: VerifiedToken) -> None:
        setattr(request, _TOKEN, token)

    def _response(self, denied: Denied) -> HttpResponse:
        return HttpResponse(
            denied.body(),
            status=denied.status,
            headers=denied.headers(self._realm),
            content_type="application/json",
        )


def sync_verifier() -> grantway.sync.TokenVerifier:
    """The verifier of this process for code that is not asyncio's."""
    with _lock:  # Of two threads that come first, one makes it.
        try:
            return _sync_verifier(_arguments())
        except (TypeError, ValueError) as error:
            raise ImproperlyConfigured(f"settings.GRANTWAY: {error}") from None


def configured_realm() -> str:
    """The realm of the settings."""
    return checked_realm(_configured().get("REALM", "api"))


def _token_text(request: HttpRequest) -> str:
    return read_token(authorizations_in(request.META), request.META.get("QUERY_STRING", ""))


def _configured() -> Mapping[str, Any]:
    configured = getattr(settings, "GRANTWAY", None)
    if not isinstance(configured, Mapping) or "CORE" not in configured:
        raise ImproperlyConfigured("settings.GRANTWAY must be a dict with CORE, the address of Grantway's core")
    if unknown := configured.keys() - _KNOWN:
        raise ImproperlyConfigured(f"settings.GRANTWAY: there is no such setting: {', '.join(sorted(unknown))}")
    return configured


class _Arguments(NamedTuple):
    """What verifiers are made with."""

    core: str
    audiences: tuple[str, ...]
    mode: Mode
    if_unreachable: IfUnreachable
    tls: Tls | None


def _arguments() -> _Arguments:
    configured = _configured()
    return _Arguments(
        configured["CORE"],
        checked_audiences(configured.get("AUDIENCES", ())),
        configured.get("MODE", watched()),
        configured.get("IF_UNREACHABLE", fail_closed()),
        configured.get("TLS"),
    )


_lock = Lock()


@cache
def _sync_verifier(arguments: _Arguments) -> grantway.sync.TokenVerifier:
    return grantway.sync.TokenVerifier(**arguments._asdict())


_async_verifiers: dict[asyncio.AbstractEventLoop, TokenVerifier] = {}


def _async_verifier() -> TokenVerifier:
    loop = asyncio.get_running_loop()
    if loop not in _async_verifiers:
        # A server has one loop; tests have several, one after the other.
        for ended in [known for known in _async_verifiers if known.is_closed()]:
            del _async_verifiers[ended]
        _async_verifiers[loop] = TokenVerifier(**_arguments()._asdict())
    return _async_verifiers[loop]

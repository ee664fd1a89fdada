"""A site of Django, which a process can have once: its settings and its views."""

from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View

from grantway import strict
from grantway.adapters.django import scopes_required, token_in


def grantway_settings(core: str) -> dict[str, Any]:
    """The settings of the adapters, for the core at the address *core*."""
    return {"CORE": core, "REALM": "orders", "PUBLIC": ["/free", "/static/*", "/unchecked"], "MODE": strict()}


settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=["grantway.adapters.django.BearerMiddleware"],
    LOGGING_CONFIG=None,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["grantway.adapters.drf.BearerAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["grantway.adapters.drf.HasScopes"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    GRANTWAY=grantway_settings("127.0.0.1:1"),
)
django.setup()


def _whose(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"client_id": token_in(request).client_id})


@scopes_required("a")
def orders(request: HttpRequest) -> JsonResponse:
    """Needs the scope a."""
    return _whose(request)


@scopes_required(["a", "b"])
async def async_orders(request: HttpRequest) -> JsonResponse:
    """Needs both scopes."""
    return _whose(request)


@method_decorator(scopes_required("b"), name="dispatch")
class Orders(View):
    """Needs the scope b."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """For everybody who has it."""
        return _whose(request)


@method_decorator(scopes_required("b"), name="dispatch")
class AsyncOrders(View):
    """Needs the scope b."""

    async def get(self, request: HttpRequest) -> JsonResponse:
        """For everybody who has it."""
        return _whose(request)


def free(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view.
    """Needs nothing."""
    return JsonResponse({"free": True})


urlpatterns = [
    path("orders", orders),
    path("async", async_orders),
    path("class", Orders.as_view()),
    path("async-class", AsyncOrders.as_view()),
    path("any", _whose),
    path("free", free),
    path("static/deep/file", free),
    path("unchecked", orders),
]

"""An API on Django. As a project it would have these settings in settings.py, under WSGI or ASGI."""

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, JsonResponse
from django.urls import path

from dev_settings import setting
from grantway.adapters.django import scopes_required, token_in

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["grantway.adapters.django.BearerMiddleware"],
    GRANTWAY={"CORE": setting("GRANTWAY_GRPC"), "AUDIENCES": ["https://orders.example"], "REALM": "orders"},
)


@scopes_required("demo:read")
def orders(request: HttpRequest) -> JsonResponse:
    """Says whose orders these would be."""
    return JsonResponse({"orders_of": token_in(request).client_id})


urlpatterns = [path("orders", orders)]

if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{setting('PORT', '8000')}"])

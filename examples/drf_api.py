"""An API on Django REST framework. As a project it would have these settings in settings.py."""

import sys
from typing import ClassVar

from django.conf import settings
from django.core.management import execute_from_command_line

from dev_settings import setting

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["grantway.adapters.drf.BearerAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["grantway.adapters.drf.HasScopes"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,  # There are no users here but service accounts.
    },
    GRANTWAY={"CORE": setting("GRANTWAY_GRPC"), "AUDIENCES": ["https://orders.example"], "REALM": "orders"},
)

from django.urls import path  # noqa: E402 - the framework reads the settings when it is imported.
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from grantway.adapters.drf import token_in  # noqa: E402


class Orders(APIView):
    """Says whose orders these would be."""

    required_scopes: ClassVar = {"GET": "demo:read", "POST": "demo:write"}

    def get(self, request: Request) -> Response:
        """Lists them."""
        return Response({"orders_of": token_in(request).client_id})


urlpatterns = [path("orders", Orders.as_view())]

if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{setting('PORT', '8000')}"])

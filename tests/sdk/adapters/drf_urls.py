"""Views of Django REST framework, for the site beside this."""

from typing import ClassVar

from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grantway.adapters.drf import token_in


class Orders(APIView):
    """Needs the scope a for one method and b for another."""

    required_scopes: ClassVar = {"GET": "a", "POST": ["a", "b"]}

    def get(self, request: Request) -> Response:
        """Says who asks."""
        return Response({"client_id": token_in(request).client_id})

    def post(self, request: Request) -> Response:
        """Says who asks, as a throttle would."""
        return Response({"user": str(request.user), "pk": request.user.pk, "known": request.user.is_authenticated})

    def put(self, request: Request) -> Response:
        """Is in no table."""
        raise AssertionError(request.method)


class Any(APIView):
    """Needs a good token."""

    def get(self, request: Request) -> Response:
        """Says what may be done."""
        return Response({"scopes": sorted(token_in(request).scopes)})


class Free(APIView):
    """Needs nothing, and takes a token for what it is if there is one."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        """Says whether somebody is known."""
        return Response({"free": True} if request.auth is None else {"client_id": token_in(request).client_id})


urlpatterns = [path("orders", Orders.as_view()), path("any", Any.as_view()), path("free", Free.as_view())]

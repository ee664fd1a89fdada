"""Access tokens for Django REST framework.

    # settings.py
    REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["grantway.adapters.drf.BearerAuthentication"],
                      "DEFAULT_PERMISSION_CLASSES": ["grantway.adapters.drf.HasScopes"]}
    GRANTWAY = {"CORE": "127.0.0.1:50051", "REALM": "orders"}

    # views.py
    class Orders(APIView):
        required_scopes = {"GET": "orders:read", "POST": "orders:write"}
        def get(self, request): return Response({"whose": token_in(request).client_id})

settings.GRANTWAY is that of `grantway.adapters.django`, whose middleware is not needed; SCOPES and PUBLIC do not count
here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission

from grantway import GrantwayError, InsufficientScope, VerifiedToken
from grantway.adapters.bearer import Denied, checked_scopes, denial, read_token
from grantway.adapters.django import configured_realm, sync_verifier
from grantway.adapters.wsgi import authorizations_in

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


def token_in(request: "Request") -> VerifiedToken:
    """The token of a request, which `request.auth` is.

    Raises:
        LookupError: The request brought none, or another authentication class took it.
    """
    if isinstance(request.auth, VerifiedToken):
        return request.auth
    raise LookupError("no access token was checked for this request")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """What `request.user` is: the account that a token was issued to. It is no user of the database.

    Attributes:
        token: Its token, which is `request.auth` too.
    """

    token: VerifiedToken

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False

    @property
    def pk(self) -> str:
        """Its id, by which throttles count."""
        return self.token.client_id

    def __str__(self) -> str:
        return self.token.client_id


class BearerAuthentication(BaseAuthentication):
    """Takes a request for that of the account whose access token it brings, and refuses one with a bad token.

    A request without any goes on to the next authentication class.
    """

    def authenticate(self, request: "Request") -> tuple[ServiceAccount, VerifiedToken] | None:
        """See the documentation of Django REST framework."""
        try:
            text = read_token(authorizations_in(request.META), request.META.get("QUERY_STRING", ""))
            token = sync_verifier().verify(text)
        except (Denied, GrantwayError) as error:
            denied = denial(error)
            if not denied.error:
                return None
            raise _Denial(denied) from None
        return ServiceAccount(token), token

    def authenticate_header(self, request: "Request") -> str:  # noqa: ARG002 - a method of the base.
        """The challenge to a request that brought nothing."""
        return f'Bearer realm="{configured_realm()}"'


class HasScopes(BasePermission):
    """Lets requests through whose token has the `required_scopes` of the view.

    These are scopes, or a mapping of methods to scopes; a method that is not in it is refused. Without any a good token
    is enough.
    """

    def has_permission(self, request: "Request", view: "APIView") -> bool:
        """See the documentation of Django REST framework."""
        token = request.auth
        if not isinstance(token, VerifiedToken):
            return False
        required: str | Iterable[str] | Mapping[str, str | Iterable[str]] = getattr(view, "required_scopes", ())
        if isinstance(required, Mapping):
            method = request.method or ""
            if method == "HEAD" and method not in required:
                method = "GET"
            if method not in required:
                return False
            required = required[method]
        scopes = checked_scopes(required)
        if not token.scopes.issuperset(scopes):
            raise _Denial(denial(InsufficientScope(scopes), scopes))
        return True


class _Denial(APIException):
    """What the framework makes the response of."""

    def __init__(self, denied: Denied) -> None:
        super().__init__(denied.description, denied.error)
        self.status_code = int(denied.status)
        self.auth_header = denied.challenge(configured_realm())
        self.wait = denied.retry_after_seconds

"""Access tokens for Django REST framework.

    # settings.py
    REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["grantway.adapters.drf.BearerAuthentication"],
                      "DEFAULT_PERMISSION_CLASSES": ["grantway.adapters.drf.HasScopes"]}
    GRANTWAY = {"CORE": "127.0.0.1:50051", "AUDIENCES": ["https://orders.example"], "REALM": "orders"}

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
from grantway.adapters.bearer import Denied, authorizations_in, checked_scopes, denial, read_token
from grantway.adapters.django import configured_realm, sync_verifier

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
            _forbid_caching(_view_of(request))
            raise _Denial(denied) from None
        return ServiceAccount(token), token

    def authenticate_header(self, request: "Request") -> str:
        """The challenge to a request that brought nothing; called when that is answered."""
        _forbid_caching(_view_of(request))
        return f'Bearer realm="{configured_realm()}"'


class HasScopes(BasePermission):
    """Lets requests through whose token has the `required_scopes` of the view.

    These are scopes, or a mapping of methods to scopes; a method that is not in it is refused. Without any a good token
    is enough.
    """

    def has_permission(self, request: "Request", view: "APIView") -> bool:
        """See the documentation of Django REST framework."""
        token = request.auth
        scopes = _required_scopes(request, view)
        if not isinstance(token, VerifiedToken) or scopes is None:
            _forbid_caching(view)
            return False
        if not token.scopes.issuperset(scopes):
            _forbid_caching(view)
            raise _Denial(denial(InsufficientScope(scopes)))
        return True


def _required_scopes(request: "Request", view: "APIView") -> tuple[str, ...] | None:
    """What a token needs for *request*; None when nobody said."""
    required: str | Iterable[str] | Mapping[str, str | Iterable[str]] = getattr(view, "required_scopes", ())
    if isinstance(required, Mapping):
        method = request.method or ""
        if method == "HEAD" and method not in required:
            method = "GET"
        if method not in required:
            return None
        required = required[method]
    return checked_scopes(required)


def _view_of(request: "Request") -> "APIView | None":
    view: APIView | None = (request.parser_context or {}).get("view")
    return view


def _forbid_caching(view: "APIView | None") -> None:
    """The framework makes the response; what an exception may add to it is less than what its view may."""
    if view is not None:
        view.headers["Cache-Control"] = "no-store"


class _Denial(APIException):
    """What the framework makes the response of."""

    def __init__(self, denied: Denied) -> None:
        # As a mapping it is the body as it stands, which is that of the other adapters.
        super().__init__({"error": denied.error, "error_description": denied.description}, denied.error)
        self.status_code = int(denied.status)
        self.auth_header = denied.challenge(configured_realm())
        self.wait = denied.retry_after_seconds

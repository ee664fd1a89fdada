"""The token endpoint."""

# mypy: disable-error-code="import-not-found,import-untyped"
# This runs in its own virtual environment, whose libraries mypy does not see.

from django.urls import path
from oauth2_provider.views import TokenView

urlpatterns = [path("oauth/token", TokenView.as_view())]

"""What gunicorn serves."""

# mypy: disable-error-code="import-not-found,import-untyped"
# This runs in its own virtual environment, whose libraries mypy does not see.

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

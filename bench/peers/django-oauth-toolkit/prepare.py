"""Makes the database and the client; run once before the server starts."""

# mypy: disable-error-code="import-not-found,import-untyped"
# This runs in its own virtual environment, whose libraries mypy does not see.

import os

import django
from django.core.management import call_command

django.setup()
call_command("migrate", verbosity=0)

from oauth2_provider.models import get_application_model  # noqa: E402 - models exist after the set-up only.

Application = get_application_model()
Application.objects.create(
    name="bench",
    client_id=os.environ["BENCH_CLIENT_ID"],
    client_secret=os.environ["BENCH_CLIENT_SECRET"],
    client_type=Application.CLIENT_CONFIDENTIAL,
    authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
)

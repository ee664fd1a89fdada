"""Django with django-oauth-toolkit and nothing else; tokens and clients in SQLite, for it stores in SQL only."""

import os

SECRET_KEY = "bench"  # noqa: S105 - it protects nothing here.
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"]
MIDDLEWARE: list[str] = []
LOGGING_CONFIG = None

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["BENCH_DATABASE"],
        "CONN_MAX_AGE": None,
        # As Django's documentation advises for production.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}

if os.environ["BENCH_HASHER"] == "fast":
    # The fastest that Django has and its documentation names for speed.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

OAUTH2_PROVIDER = {
    "SCOPES": {os.environ["BENCH_SCOPE"]: "What the bench asks for"},
    "ACCESS_TOKEN_EXPIRE_SECONDS": int(os.environ["BENCH_TOKEN_LIFETIME_SECONDS"]),
}

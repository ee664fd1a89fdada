"""Secrets, and what ends them, as JSON documents. The text of a secret is no part of any."""

from grantway.cli.documents import Document, Value
from grantway.cli.vocabulary import basis_name
from grantway.v1.client_pb2 import Secret
from grantway.v1.client_service_pb2 import ClientSecret, Impact, RotateSecretResponse


def secret_document(secret: Secret) -> Document:
    """A secret, its use, and whether it may be retired. What never was is not there."""
    document: dict[str, Value] = {"secret_id": secret.secret_id, "created_at": secret.create_time.seconds}
    if secret.HasField("expire_time"):
        document["expires_at"] = secret.expire_time.seconds
    if secret.HasField("first_use_time"):
        document["first_used_at"] = secret.first_use_time.seconds
    if secret.HasField("last_use_time"):
        document |= {"last_used_at": secret.last_use_time.seconds, "last_used_from": secret.last_use_source}
    document |= {
        "use_count": secret.use_count,
        "imported": secret.imported,
        "safe_to_retire": secret.verdict.safe,
        "verdict": basis_name(secret.verdict.basis),
    }
    if secret.verdict.HasField("quiet_for"):
        document["quiet_for_seconds"] = secret.verdict.quiet_for.seconds
    return document


def client_secret_document(found: ClientSecret) -> Document:
    """A secret, and whose it is."""
    return {
        "client_id": found.client_id,
        "client_name": found.client_name,
        "organization": found.organization,
        **secret_document(found.secret),
    }


def rotation_document(rotated: RotateSecretResponse) -> Document:
    """A new secret, with its text, and the old ones with their deadlines."""
    expires = {"expires_at": rotated.secret.expire_time.seconds} if rotated.secret.HasField("expire_time") else {}
    return {
        "client_id": rotated.client.client_id,
        "disabled": rotated.client.HasField("disable_time"),
        "client_secret": rotated.client_secret,
        "secret_id": rotated.secret.secret_id,
        # As in all lists of secrets.
        **expires,
        # RFC 7591 section 3.2.1: 0 is never.
        "client_secret_expires_at": rotated.secret.expire_time.seconds,
        "old_secrets": [secret_document(secret) for secret in rotated.old_secrets],
    }


def impact_document(impact: Impact) -> Document:
    """What an action hits."""
    document: dict[str, Value] = {
        "disables": impact.disables,
        "secrets": [secret_document(secret) for secret in impact.secrets],
        "tokens_issued": impact.tokens_issued,
        "all_tokens": impact.all_tokens,
    }
    if impact.HasField("last_token_time"):
        document["last_token_at"] = impact.last_token_time.seconds
    if impact.HasField("last_expire_time"):
        document["last_token_expires_at"] = impact.last_expire_time.seconds
    return document

"""What an action hit, or would hit, in lines for people."""

from collections.abc import Iterator

from grantway.cli.moments import moment_words
from grantway.cli.output import print_columns, print_lines, printable
from grantway.cli.retirement import use_words
from grantway.v1.client_pb2 import Client
from grantway.v1.client_service_pb2 import Impact


def print_impact(client: Client | None, impact: Impact, *, dry_run: bool) -> None:
    """Prints what an action on *client* hit; with *dry_run*, what it would hit."""
    print_lines(["Nothing was changed. It would hit:" if dry_run else "Done. It hit:"])
    print_columns(list(_rows(client, impact)) or [("  nothing",)])


def _rows(client: Client | None, impact: Impact) -> Iterator[tuple[str, str]]:
    if impact.disables:
        yield "  client", _named(client) if client else "enabled until now"
    for secret in impact.secrets:
        yield "  secret", f"{secret.secret_id}, {use_words(secret)}"
    if impact.all_tokens:
        yield "  tokens", "all of the client, not only those of the secret: too many revocations of parts stood already"
    if impact.tokens_issued:
        parts = [f"{impact.tokens_issued} issued"]
        if impact.HasField("last_token_time"):
            parts.append(f"the last {moment_words(impact.last_token_time)}")
        if impact.HasField("last_expire_time"):
            parts.append(f"good until {moment_words(impact.last_expire_time)} otherwise")
        yield "  tokens", ", ".join(parts)


def _named(client: Client) -> str:
    organization = f" of {client.organization}" if client.organization else ""
    return f"{client.client_id} ({printable(client.name)}{organization}), enabled until now"

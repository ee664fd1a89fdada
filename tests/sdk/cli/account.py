"""A client for a test of the command line, and tokens of it."""

from dataclasses import dataclass

from tests.sdk.cli.command_line import CommandLine


@dataclass(frozen=True)
class Account:
    """A client that was just created, and its first secret."""

    client_id: str
    client_secret: str
    secret_id: str


def new_account(grantway: CommandLine, *options: str, name: str = "Concierge") -> Account:
    """A new client, with the *options* of `clients create`."""
    created = grantway("clients", "create", name, *options, "--json").document
    return Account(created["client_id"], created["client_secret"], created["secret_id"])


def issue(grantway: CommandLine, client_id: str, client_secret: str) -> str:
    """A token that this secret obtains."""
    token: str = grantway(
        *("token", "issue", "--client-id", client_id, "--client-secret", "-", "--json"), stdin=client_secret
    ).document["access_token"]
    return token


def is_active(grantway: CommandLine, token: str) -> bool:
    """Whether *token* is good."""
    active: bool = grantway("token", "inspect", "-", "--json", stdin=token).document["active"]
    return active


def gets_tokens(grantway: CommandLine, client_id: str, client_secret: str) -> bool:
    """Whether this secret obtains tokens."""
    ran = grantway("token", "issue", "--client-id", client_id, "--client-secret", "-", "--json", stdin=client_secret)
    return ran.exit_code == 0

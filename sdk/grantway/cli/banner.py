"""What `grantway dev` says when it is ready."""

from pathlib import Path

from grantway.cli.config import DevSettings
from grantway.cli.dev_env import DevEnv
from grantway.cli.output import print_lines


def print_banner(settings: DevSettings, env: DevEnv, file: Path, *, store: str) -> None:
    """Prints what runs where, and a command that gets a token. The command is one line, to be pasted as it is."""
    print_lines(
        [
            "",
            "Grantway is running. Ctrl-C stops it.",
            "",
            f"  gateway  {settings.url}",
            f"  core     {settings.core} (gRPC)",
            f"  store    {store}",
            f"  client   Demo {env.client_id}, may ask for demo:read and demo:write",
            f"  file     {file} holds all this for a shell: set -a; . {file}; set +a",
            "",
            "Get a token:",
            "",
            f"curl -sS -u {env.client_id}:{env.client_secret} -d grant_type=client_credentials {env.url}/oauth/token",
            "",
        ]
    )

"""`grantway token`: issues, checks and revokes access tokens."""

import sys
from typing import Annotated

import typer

from grantway.cli.client_options import scope_tokens, words
from grantway.cli.config import CallSettings
from grantway.cli.core import configured_core, open_core
from grantway.cli.documents import introspection_document, token_document
from grantway.cli.failures import EXIT_USAGE, CommandFailed
from grantway.cli.moments import moment_words
from grantway.cli.output import AsJson, print_json, print_lines, print_members, print_warning
from grantway.v1 import token_service_pb2 as pb

app = typer.Typer(help="Issue, inspect and revoke access tokens.")

_STDIN = "-"
_PREFIX = "client_oa2_"
_SECRET_PREFIX = "gws_"  # noqa: S105 - how all of them begin.

Token = Annotated[
    str, typer.Argument(metavar="TOKEN", help="The token, or - for standard input (other users see arguments in ps).")
]


@app.command()
def issue(  # noqa: PLR0913 - one for each parameter of the request, and how to print.
    *,
    client_id: Annotated[
        str | None, typer.Option("--client-id", metavar="ID", help="Default: $GRANTWAY_CLIENT_ID.")
    ] = None,
    client_secret: Annotated[
        str | None,
        typer.Option(
            "--client-secret",
            metavar="SECRET",
            help="Default: $GRANTWAY_CLIENT_SECRET. - reads standard input (other users see arguments in ps).",
        ),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="S", help="A scope, or several in quotes; default: the client's. Repeatable."),
    ] = None,
    audience: Annotated[
        list[str] | None, typer.Option("--audience", metavar="A", help="Whom the token is meant for. Repeatable.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print the token and nothing else, for a variable.")] = False,
    as_json: AsJson = False,
) -> None:
    """Issue a token.

    By the client credentials grant (RFC 6749 section 4.4).
    """
    if raw and as_json:
        raise typer.BadParameter("contradicts --json", param_hint="--raw")
    settings = CallSettings.from_env()
    request = pb.IssueTokenRequest(
        grant_type="client_credentials",
        client_id=settings.client_id if client_id is None else client_id,
        client_secret=settings.client_secret if client_secret is None else _read(client_secret),
        scope=" ".join(scope_tokens(scope, "--scope")),
        audiences=words(audience),
    )
    if not request.client_id or not request.client_secret:
        msg = "give --client-id and --client-secret, or set GRANTWAY_CLIENT_ID and GRANTWAY_CLIENT_SECRET"
        raise CommandFailed("invalid_request", msg, exit_code=EXIT_USAGE)
    with open_core(settings.core, admin_token=settings.admin_token, tls=settings.tls) as core:
        issued = core.call(core.tokens.IssueToken, request)
    if issued.HasField("secret_expire_time") and not as_json:
        print_warning(f"this secret is good until {moment_words(issued.secret_expire_time)}: ask for another one")
    if raw:
        print_lines([issued.access_token])
    elif as_json:
        print_json(token_document(issued))
    else:
        print_members(token_document(issued))


@app.command()
def inspect(token: Token, *, as_json: AsJson = False) -> None:
    """Say whether a token is active.

    And, if it is, what it may do. An inactive token is an answer and no failure: the exit code is 0.
    """
    text = _read(token)
    with configured_core() as core:
        introspection = core.call(core.tokens.IntrospectToken, pb.IntrospectTokenRequest(token=text))
    if as_json:
        print_json(introspection_document(introspection))
    else:
        _warn_of_what_is_no_token(text)
        print_members(introspection_document(introspection))


@app.command()
def revoke(token: Token, *, as_json: AsJson = False) -> None:
    """Revoke a token.

    One that is already dead is no failure.
    """
    text = _read(token)
    with configured_core() as core:
        core.call(core.tokens.RevokeToken, pb.RevokeTokenRequest(token=text))
    if as_json:
        # What `inspect` says of the token from now on; RFC 7009 has no answer of its own.
        print_json({"active": False})
    else:
        _warn_of_what_is_no_token(text)
        print_lines(["The token is not active."])


def _warn_of_what_is_no_token(text: str) -> None:
    """A secret or an id in the place of a token is not active, which is true and helps nobody."""
    if text.startswith(_SECRET_PREFIX):
        print_warning(f"this is a client secret: access tokens begin with {_PREFIX}")
    elif not text.startswith(_PREFIX):
        print_warning(f"this is no access token: those begin with {_PREFIX}")


def _read(credential: str) -> str:
    """*credential*, or the first line of standard input when it is "-"."""
    return sys.stdin.readline().strip() if credential == _STDIN else credential

"""`grantway clients`, against a real core."""

import re
import time

import pytest

from tests.sdk.cli.account import new_account
from tests.sdk.cli.command_line import CommandLine, Ran

_SECRET = re.compile(r"gws_live_[a-z2-7]+_[A-Za-z0-9_-]{43}[0-9a-f]{8}")


def test_create_prints_the_client_and_its_secret(grantway: CommandLine) -> None:
    """What is not asked for is the core's choice; the names are those of RFC 7591."""
    before = int(time.time())

    document = grantway("clients", "create", "Concierge", "--scope", "invoices:read", "--json").document

    assert re.fullmatch(r"svc_live_[a-z2-7]{16}", document["client_id"])
    assert _SECRET.fullmatch(document["client_secret"])
    assert before <= document["client_id_issued_at"] <= time.time()
    assert {
        "client_id": document["client_id"],
        "client_name": "Concierge",
        "name": "Concierge",
        "organization": "",
        "description": "",
        "labels": {},
        "environment": "live",
        "disabled": False,
        "scope": "invoices:read",
        "default_scope": "invoices:read",
        "audiences": [],
        "token_lifetime_seconds": 3600,
        "permissions": ["issue_tokens"],
        "auth_methods": [],
        "client_id_issued_at": document["client_id_issued_at"],
        "created_by": "local",
        "updated_at": document["client_id_issued_at"],
        "updated_by": "local",
        "etag": document["etag"],
        "client_secret": document["client_secret"],
        "secret_id": document["client_secret"].split("_")[2],
    } == document
    assert document["etag"]


def test_create_takes_every_property_of_a_client(grantway: CommandLine) -> None:
    """An option may be repeated, and each --scope may hold several scopes."""
    document = grantway(
        *("clients", "create", "Procurement Portal"),
        *("--organization", "acme", "--description", "Orders what is out of stock."),
        *("--label", "team=blue", "--label", "note=a = b", "--label", "empty="),
        *("--scope", "orders:read orders:write", "--scope", "stock:read"),
        *("--default-scope", "stock:read orders:read"),
        *("--audience", "https://orders.example", "--audience", "https://stock.example"),
        *("--lifetime", "15m"),
        *("--permission", "issue_tokens", "--permission", "introspect_tokens"),
        *("--auth-method", "client_secret_basic"),
        "--json",
    ).document

    assert {
        "client_name": "Procurement Portal",
        "organization": "acme",
        "description": "Orders what is out of stock.",
        "labels": {"team": "blue", "note": "a = b", "empty": ""},
        "scope": "orders:read orders:write stock:read",
        "default_scope": "orders:read stock:read",
        "audiences": ["https://orders.example", "https://stock.example"],
        "token_lifetime_seconds": 900,
        "permissions": ["issue_tokens", "introspect_tokens"],
        "auth_methods": ["client_secret_basic"],
    }.items() <= document.items()


@pytest.mark.parametrize(
    ("command", "option"),
    [
        pytest.param(("clients", "create", "A", "--scope", "a,b"), "--scope", id="of a new client"),
        pytest.param(("clients", "create", "A", "--default-scope", "a, b"), "--default-scope", id="its default scopes"),
        pytest.param(("clients", "update", "nobody", "--scope", "a,b"), "--scope", id="of a client"),
        pytest.param(("token", "issue", "--scope", "a,b"), "--scope", id="of a token"),
    ],
)
def test_scopes_are_not_separated_by_commas(grantway: CommandLine, command: tuple[str, ...], option: str) -> None:
    """It would be one scope with a comma in it, which nobody means."""
    names = " ".join(command[:2])
    assert Ran(
        2,
        "",
        f"grantway: Invalid value for {option}: separate scopes by spaces, not by commas. "
        f"See 'grantway {names} --help'.\n",
    ) == grantway(*command)


def test_create_can_leave_a_client_without_default_scopes(grantway: CommandLine) -> None:
    """--no-default-scope is not the same as saying nothing."""
    document = grantway("clients", "create", "A", "--scope", "a", "--no-default-scope", "--json").document

    assert ("a", "") == (document["scope"], document["default_scope"])


def test_create_tells_people_to_keep_the_secret(grantway: CommandLine) -> None:
    """It is the last thing that they read."""
    ran = grantway("clients", "create", "Concierge")

    head, _, tail = ran.output.partition("client_secret")
    secret, _, rest = tail.strip().partition("\n")
    secret_id, _, note = rest.partition("\n")
    assert (0, "") == (ran.exit_code, ran.errors)
    assert [line.split()[0] for line in head.splitlines()] == [
        *("client_id", "client_name", "organization", "description", "labels", "environment", "disabled"),
        *("scope", "default_scope", "audiences", "token_lifetime_seconds", "permissions", "auth_methods"),
        *("client_id_issued_at", "created_by", "updated_at", "updated_by", "etag"),
    ]
    assert _SECRET.fullmatch(secret)
    assert ["secret_id", secret.split("_")[2]] == secret_id.split()
    assert note.strip() == "Keep the secret now: only a digest of it is stored, and it cannot be shown again."


def test_a_secret_is_shown_once(grantway: CommandLine) -> None:
    """No other command shows it."""
    created = grantway("clients", "create", "Concierge", "--json").document
    client_id = created["client_id"]

    for arguments in (("show", client_id), ("list",), ("disable", client_id), ("enable", client_id)):
        for flags in ((), ("--json",)):
            ran = grantway("clients", *arguments, *flags)
            assert ran.exit_code == 0
            assert "gws_" not in ran.output + ran.errors


def test_show_prints_what_create_printed_but_the_secret(grantway: CommandLine) -> None:
    """The document of a client is the same everywhere."""
    created = grantway("clients", "create", "Concierge", "--scope", "a", "--json").document
    del created["client_secret"], created["secret_id"]

    assert created == grantway("clients", "show", created["client_id"], "--json").document


def test_show_prints_a_line_for_each_property(grantway: CommandLine) -> None:
    """People read dates, yes and no; nothing is a hyphen."""
    created = grantway("clients", "create", "Concierge", "--label", "b=2", "--label", "a=1", "--json").document
    date = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(created["updated_at"]))

    assert Ran(
        0,
        f"client_id               {created['client_id']}\n"
        "client_name             Concierge\n"
        "organization            -\n"
        "description             -\n"
        "labels                  a=1 b=2\n"
        "environment             live\n"
        "disabled                no\n"
        "scope                   -\n"
        "default_scope           -\n"
        "audiences               -\n"
        "token_lifetime_seconds  3600\n"
        "permissions             issue_tokens\n"
        "auth_methods            -\n"
        f"client_id_issued_at     {date}\n"
        "created_by              local\n"
        f"updated_at              {date}\n"
        "updated_by              local\n"
        f"etag                    {created['etag']}\n",
        "",
    ) == grantway("clients", "show", created["client_id"])


def test_show_tells_no_default_scope_from_no_scope(grantway: CommandLine) -> None:
    """The one was chosen, the other is all there is; programs read an empty scope for both."""
    shown = []
    for options in (("--no-default-scope",), ()):
        scopes = ("--scope", "a") if options else ()
        client_id = grantway("clients", "create", "A", *scopes, *options, "--json").document["client_id"]
        assert "" == grantway("clients", "show", client_id, "--json").document["default_scope"]
        shown += [line for line in grantway("clients", "show", client_id).output.splitlines() if "default" in line]

    assert ["default_scope           none", "default_scope           -"] == shown


@pytest.mark.parametrize("command", ["show", "disable", "enable", "delete"])
def test_a_client_that_is_not_there_is_a_failure(grantway: CommandLine, command: str) -> None:
    """One line for people, one document for programs."""
    words = grantway("clients", command, "svc_live_aaaaaaaaaaaaaaaa")
    document = grantway("clients", command, "svc_live_aaaaaaaaaaaaaaaa", "--json")

    description = document.document["error_description"]
    assert Ran(1, "", f"grantway: {description}\n") == words
    assert description.endswith(" The ids are in `grantway clients list`.")
    assert (1, "", "client_not_found") == (document.exit_code, document.errors, document.document["error"])


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        pytest.param(("--name", "New"), {"client_name": "New", "name": "New"}, id="the name"),
        pytest.param(("--organization", "other"), {"organization": "other"}, id="the organisation"),
        pytest.param(("--organization", ""), {"organization": ""}, id="the organisation, to none"),
        pytest.param(("--description", "New"), {"description": "New"}, id="the description"),
        pytest.param(("--label", "b=2"), {"labels": {"b": "2"}}, id="the labels, as a whole"),
        pytest.param(("--label", ""), {"labels": {}}, id="the labels, to none"),
        pytest.param(("--scope", "a"), {"scope": "a", "default_scope": "a"}, id="the scopes"),
        pytest.param(("--scope", ""), {"scope": "", "default_scope": ""}, id="the scopes, to none"),
        pytest.param(("--default-scope", "b"), {"default_scope": "b"}, id="the default scopes"),
        pytest.param(("--no-default-scope",), {"default_scope": ""}, id="the default scopes, to none"),
        pytest.param(("--audience", "x", "--audience", "y"), {"audiences": ["x", "y"]}, id="the audiences"),
        pytest.param(("--own-audience", "x y"), {"own_audiences": ["x", "y"]}, id="its own audiences"),
        pytest.param(("--lifetime", "1h"), {"token_lifetime_seconds": 3600}, id="the lifetime"),
        pytest.param(("--lifetime", ""), {"token_lifetime_seconds": 3600}, id="the lifetime, back to the default"),
        pytest.param(("--permission", "introspect_tokens"), {"permissions": ["introspect_tokens"]}, id="permissions"),
        pytest.param(("--auth-method", "client_secret_post"), {"auth_methods": ["client_secret_post"]}, id="methods"),
    ],
)
def test_update_changes_what_is_given_and_nothing_else(
    grantway: CommandLine, options: tuple[str, ...], changed: dict[str, object]
) -> None:
    """Everything else stays as it was."""
    created = grantway(
        *("clients", "create", "Old", "--scope", "a b", "--lifetime", "60s"),
        *("--organization", "acme", "--description", "Old too", "--label", "a=1", "--json"),
    ).document
    del created["client_secret"], created["secret_id"]

    updated = grantway("clients", "update", created["client_id"], *options, "--json").document

    assert created | changed | {"updated_at": updated["updated_at"], "etag": updated["etag"]} == updated
    assert created["etag"] != updated["etag"]


@pytest.mark.parametrize(
    ("options", "error", "description"),
    [
        pytest.param(
            ("--lifetime", "2d"),
            "invalid_request",
            "--lifetime must be whole seconds from 1 to 86400.",
            id="a lifetime",
        ),
        pytest.param(
            ("--default-scope", "q"),
            "invalid_scope",
            "--default-scope must be a subset of --scope: give both when either changes.",
            id="default scopes beyond the scopes",
        ),
        pytest.param(
            ("--scope", "b c"),
            "invalid_scope",
            "--default-scope must be a subset of --scope: give both when either changes.",
            id="scopes without those that are the default",
        ),
        pytest.param(
            ("--name", ""),
            "invalid_request",
            "name must be 1 to 100 printable characters, not only spaces.",
            id="no name, which is nothing to go back to",
        ),
    ],
)
def test_a_refusal_names_the_options_that_were_typed(
    grantway: CommandLine, options: tuple[str, ...], error: str, description: str
) -> None:
    """And not the fields of the contract, for people and as JSON."""
    created = grantway("clients", "create", "A", "--scope", "a b", "--default-scope", "a", "--json").document

    for_people = grantway("clients", "update", created["client_id"], *options)
    as_json = grantway("clients", "update", created["client_id"], *options, "--json")

    assert Ran(1, "", f"grantway: {description}\n") == for_people
    assert (1, {"error": error, "error_description": description}) == (as_json.exit_code, as_json.document)


def test_a_refused_creation_names_the_options_too(grantway: CommandLine) -> None:
    """They are the same."""
    assert Ran(1, "", "grantway: --lifetime must be whole seconds from 1 to 86400.\n") == grantway(
        "clients", "create", "A", "--lifetime", "2d"
    )


def test_update_says_that_a_name_cannot_be_put_back(grantway: CommandLine) -> None:
    """Of all options it is the one that '' does nothing for."""
    assert "but for the name" in " ".join(grantway("clients", "update", "--help").output.split())


def test_update_without_an_option_is_refused(grantway: CommandLine) -> None:
    """There is nothing to do."""
    assert Ran(2, "", "grantway: nothing to change: give at least one option\n") == grantway("clients", "update", "x")


@pytest.mark.parametrize("method", ["unknown", "unspecified", "private_key_jwt"])
def test_a_method_that_nobody_can_have_is_refused(grantway: CommandLine, method: str) -> None:
    """With those that there are."""
    ran = grantway("clients", "create", "Concierge", "--auth-method", method)

    assert (2, "") == (ran.exit_code, ran.output)
    assert "must be one of client_secret_basic, client_secret_post" in ran.errors


def test_list_shows_every_client_in_the_order_of_ids(grantway: CommandLine) -> None:
    """Also when there are more than one page holds, and all of a name that is long."""
    long_name = "n" * 100
    for number in range(105):
        assert grantway("clients", "create", long_name if number == 0 else f"Client {number}").exit_code == 0

    clients = grantway("clients", "list", "--json").document["clients"]
    lines = grantway("clients", "list").output.splitlines()

    ids = [client["client_id"] for client in clients]
    assert len(ids) > 100
    assert sorted(set(ids)) == ids
    assert ["ID", *ids] == [line.split()[0] for line in lines]
    assert sum(long_name in line for line in lines) == 1


def test_list_shows_a_table(grantway: CommandLine) -> None:
    """A line for each client."""
    created = grantway(
        *("clients", "create", "In a table", "--organization", "acme", "--scope", "b a", "--json")
    ).document
    grantway("clients", "disable", created["client_id"])

    lines = grantway("clients", "list").output.splitlines()

    assert ["ID", "NAME", "ORGANIZATION", "STATE", "SCOPE"] == lines[0].split()
    (line,) = (line for line in lines if created["client_id"] in line)
    assert re.fullmatch(rf"{created['client_id']}  In a table +acme +disabled  a b", line)


@pytest.mark.parametrize("label", ["team", "=", "team=blue"])
def test_a_label_is_a_name_and_a_value(grantway: CommandLine, label: str) -> None:
    """A name stands for one label only; that one without a name is wrong, the core says."""
    ran = grantway("clients", "create", "A", "--label", "team=red", "--label", label)

    assert ("", True) == (ran.output, ran.exit_code > 0)
    assert ran.errors.startswith("grantway: ")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param((), {"Reader", "Writer", "reading aid"}, id="of an organisation"),
        pytest.param(("--name", "READ"), {"Reader", "reading aid"}, id="whose names begin so"),
        pytest.param(("--state", "disabled"), {"Writer"}, id="disabled ones"),
        pytest.param(("--state", "enabled", "--name", "w"), set(), id="none"),
    ],
)
def test_list_shows_what_is_asked_for(grantway: CommandLine, options: tuple[str, ...], names: set[str]) -> None:
    """Each option narrows it."""
    organization = f"list-{'-'.join(options)}"
    for name in ("Reader", "Writer", "reading aid"):
        created = grantway("clients", "create", name, "--organization", organization, "--json").document
        if name == "Writer":
            grantway("clients", "disable", created["client_id"])
    grantway("clients", "create", "Reader", "--organization", "another")

    asked = ("clients", "list", "--organization", organization, *options)

    assert names == {client["client_name"] for client in grantway(*asked, "--json").document["clients"]}
    assert names or grantway(*asked).output == "No such clients.\n"


@pytest.mark.parametrize("command", [("create", "Once"), ("rotate",)], ids=["create", "rotate"])
def test_a_command_with_an_idempotency_key_can_be_repeated(grantway: CommandLine, command: tuple[str, ...]) -> None:
    """The outcome is the first one, the secret included."""
    arguments = command if command[0] == "create" else (*command, _create(grantway))
    key = f"idempotency-key-of-{command[0]}"

    first = grantway("clients", *arguments, "--idempotency-key", key, "--json")
    second = grantway("clients", *arguments, "--idempotency-key", key, "--json")

    assert 0 == first.exit_code
    assert first == second


def test_update_with_an_etag_is_made_over_that_state_only(grantway: CommandLine) -> None:
    """A stale one is a conflict, and nothing is changed."""
    created = grantway("clients", "create", "A", "--json").document
    update = ("clients", "update", created["client_id"], "--etag", created["etag"], "--json")

    first = grantway(*update, "--name", "B")
    second = grantway(*update, "--name", "C")

    assert (0, "B") == (first.exit_code, first.document["client_name"])
    assert (1, "conflict") == (second.exit_code, second.document["error"])
    assert "B" == grantway("clients", "show", created["client_id"], "--json").document["client_name"]


def _create(grantway: CommandLine) -> str:
    client_id: str = grantway("clients", "create", "A", "--json").document["client_id"]
    return client_id


def test_list_finds_clients_by_their_labels(grantway: CommandLine) -> None:
    """All that are named must be there."""
    ids = [
        new_account(grantway, "--organization", "labelled", *options).client_id
        for options in (
            ("--label", "team=blue", "--label", "tier=1"),
            ("--label", "team=blue"),
            ("--label", "team=red"),
        )
    ]

    def found(*labels: str) -> set[str]:
        options = [word for label in labels for word in ("--label", label)]
        clients = grantway("clients", "list", "--organization", "labelled", *options, "--json").document["clients"]
        return {client["client_id"] for client in clients}

    assert set(ids[:2]) == found("team=blue")
    assert {ids[0]} == found("team=blue", "tier=1")
    assert set() == found("team=green")
    assert Ran(0, "No such clients.\n", "") == grantway("clients", "list", "--label", "team=green")

"""`grantway clients rotate` and `grantway secrets`, against a real core."""

import re
import time

import pytest

from tests.sdk.cli.account import gets_tokens, is_active, issue, new_account
from tests.sdk.cli.command_line import CommandLine, Ran

_DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
_SECRET = r"gws_live_[a-z2-7]{8}_[A-Za-z0-9_-]{43}[0-9a-f]{8}"
_DAY = 24 * 3600


def _verdicts(grantway: CommandLine, client_id: str) -> list[str]:
    """Of a client's secrets, the newest first."""
    secrets = grantway("secrets", "list", client_id, "--json").document["secrets"]
    return [secret["verdict"] for secret in secrets]


def test_rotate_makes_a_secret_and_gives_the_others_a_deadline(grantway: CommandLine) -> None:
    """A week, unless it is told otherwise; both work until then."""
    account = new_account(grantway)
    before = int(time.time())

    document = grantway("clients", "rotate", account.client_id, "--json").document

    (old,) = document["old_secrets"]
    assert {
        "client_id": account.client_id,
        "disabled": False,
        "client_secret": document["client_secret"],
        "secret_id": document["client_secret"].split("_")[2],
        "client_secret_expires_at": 0,
        "old_secrets": [
            {
                "secret_id": account.secret_id,
                "created_at": old["created_at"],
                "expires_at": old["expires_at"],
                "use_count": 0,
                "imported": False,
                "safe_to_retire": False,
                "verdict": "newer_unused",
            }
        ],
    } == document
    assert before + 7 * _DAY <= old["expires_at"] <= time.time() + 7 * _DAY
    assert re.fullmatch(_SECRET, document["client_secret"])
    for secret in (account.client_secret, document["client_secret"]):
        assert gets_tokens(grantway, account.client_id, secret)


@pytest.mark.parametrize(
    ("overlap", "seconds"), [pytest.param("12h", 12 * 3600, id="hours"), pytest.param("90s", 90, id="seconds")]
)
def test_rotate_takes_the_deadline_that_it_is_given(grantway: CommandLine, overlap: str, seconds: int) -> None:
    """A duration from now on."""
    account = new_account(grantway)

    (old,) = grantway("clients", "rotate", account.client_id, "--overlap", overlap, "--json").document["old_secrets"]

    assert abs(old["expires_at"] - time.time() - seconds) < 5


@pytest.mark.parametrize(
    ("command", "option"),
    [
        pytest.param(("clients", "rotate", "nobody", "--overlap", "7"), "--overlap", id="an overlap"),
        pytest.param(("clients", "create", "Portal", "--lifetime", "7"), "--lifetime", id="a lifetime"),
        pytest.param(("clients", "update", "nobody", "--lifetime", "7"), "--lifetime", id="another lifetime"),
        pytest.param(("secrets", "expiring", "--within", "7"), "--within", id="a time to look ahead"),
    ],
)
def test_a_bare_number_is_no_duration(grantway: CommandLine, command: tuple[str, ...], option: str) -> None:
    """An overlap of 7 seconds instead of days would cut the owner off."""
    names = " ".join(command[:2])
    assert Ran(
        2,
        "",
        f"grantway: Invalid value for {option}: 7 what? say 7s, 7m, 7h or 7d. See 'grantway {names} --help'.\n",
    ) == grantway(*command)


def test_rotate_can_end_the_old_secrets_at_once(grantway: CommandLine) -> None:
    """With an overlap of 0 none of them is good any more, and the answer says which there were."""
    account = new_account(grantway)

    document = grantway("clients", "rotate", account.client_id, "--overlap", "0", "--json").document

    assert 1 == len(document["old_secrets"])
    assert not gets_tokens(grantway, account.client_id, account.client_secret)
    assert gets_tokens(grantway, account.client_id, document["client_secret"])


def test_rotate_tells_people_to_keep_the_secret(grantway: CommandLine) -> None:
    """And until when the old ones are good, and what used them."""
    account = new_account(grantway)
    issue(grantway, account.client_id, account.client_secret)

    ran = grantway("clients", "rotate", account.client_id)

    assert (0, "") == (ran.exit_code, ran.errors)
    assert re.fullmatch(
        rf"client_id                 {account.client_id}\n"
        rf"client_secret             {_SECRET}\n"
        r"secret_id                 [a-z2-7]{8}\n"
        r"client_secret_expires_at  never\n"
        r"\n"
        r"Keep the secret now: only a digest of it is stored, and it cannot be shown again\.\n"
        r"\n"
        r"Old secrets:\n"
        rf"  {account.secret_id}  good until {_DATE}  obtained 1 token, last used {_DATE} from \S+\n",
        ran.output,
    ), ran.output


def test_rotate_says_beforehand_what_would_become_of_the_old_secrets(grantway: CommandLine) -> None:
    """When each would end, and what used it; nothing is changed."""
    account = new_account(grantway)
    issue(grantway, account.client_id, account.client_secret)
    before = grantway("clients", "show", account.client_id, "--json").document["etag"]

    ran = grantway("clients", "rotate", account.client_id, "--dry-run")
    (old,) = grantway("clients", "rotate", account.client_id, "--overlap", "2h", "--dry-run", "--json").document[
        "old_secrets"
    ]

    assert re.fullmatch(
        r"Nothing was changed\. The old secrets would be:\n"
        rf"  {account.secret_id}  good until {_DATE}  obtained 1 token, last used {_DATE} from \S+\n",
        ran.output,
    ), ran.output
    assert (account.secret_id, 1) == (old["secret_id"], old["use_count"])
    assert abs(old["expires_at"] - time.time() - 7200) < 5
    assert before == grantway("clients", "show", account.client_id, "--json").document["etag"]


def test_a_rotation_gives_no_secret_a_later_end_beforehand_either(grantway: CommandLine) -> None:
    """Those that end sooner keep their end; those that have ended are not among them."""
    account = new_account(grantway)
    first = grantway("clients", "rotate", account.client_id, "--overlap", "1h", "--json").document["old_secrets"][0]

    secrets = grantway("clients", "rotate", account.client_id, "--dry-run", "--json").document["old_secrets"]
    grantway("clients", "panic", account.client_id, "--yes")

    assert first["expires_at"] == {one["secret_id"]: one["expires_at"] for one in secrets}[account.secret_id]
    assert Ran(0, "Nothing was changed. There is no old secret that is good.\n", "") == (
        grantway("clients", "rotate", account.client_id, "--dry-run")
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("--overlap", "366d"), "--overlap: must be at most 365d", id="too long an overlap"),
        pytest.param(("--etag", "x"), "--dry-run: goes with neither --etag nor --idempotency-key", id="an etag"),
    ],
)
def test_a_dry_run_promises_nothing_that_is_refused(grantway: CommandLine, options: tuple[str, ...], said: str) -> None:
    """Before any core is asked."""
    ran = grantway("clients", "rotate", "nobody", "--dry-run", *options)

    assert (2, "") == (ran.exit_code, ran.output)
    assert ran.errors.startswith(f"grantway: Invalid value for {said}.")


def test_rotate_says_that_a_client_is_disabled(grantway: CommandLine) -> None:
    """Its new secret is good for nothing until it is enabled."""
    account = new_account(grantway)
    grantway("clients", "disable", account.client_id)

    assert f"The client is disabled; it gets tokens after: grantway clients enable {account.client_id}\n" in (
        grantway("clients", "rotate", account.client_id).output
    )
    assert grantway("clients", "rotate", account.client_id, "--json").document["disabled"] is True


def test_rotate_with_a_stale_etag_is_a_conflict(grantway: CommandLine) -> None:
    """And makes no secret."""
    account = new_account(grantway)
    etag = grantway("clients", "show", account.client_id, "--json").document["etag"]
    rotate = ("clients", "rotate", account.client_id, "--etag", etag, "--json")

    assert 0 == grantway(*rotate).exit_code
    assert "conflict" == grantway(*rotate).document["error"]
    assert 2 == len(_verdicts(grantway, account.client_id))


def test_a_secret_is_safe_to_retire_once_the_new_one_took_over(grantway: CommandLine) -> None:
    """The verdict follows what was used."""
    account = new_account(grantway)
    issue(grantway, account.client_id, account.client_secret)
    assert ["newest"] == _verdicts(grantway, account.client_id)

    new = grantway("clients", "rotate", account.client_id, "--json").document["client_secret"]
    assert ["newest", "newer_unused"] == _verdicts(grantway, account.client_id)

    time.sleep(0.01)  # Two uses at one moment prove nothing.
    issue(grantway, account.client_id, new)
    assert ["newest", "replaced"] == _verdicts(grantway, account.client_id)

    time.sleep(0.01)
    issue(grantway, account.client_id, account.client_secret)
    assert ["newest", "still_used"] == _verdicts(grantway, account.client_id)
    line = grantway("secrets", "list", account.client_id).output.splitlines()[-1]
    assert re.search(r"  not safe to retire: used since [a-z2-7]{8} is in use, last \d+ s ago$", line), line


def test_list_shows_a_table_of_secrets(grantway: CommandLine) -> None:
    """The newest first, with what used each and the verdict in words."""
    account = new_account(grantway)
    issue(grantway, account.client_id, account.client_secret)
    rotated = grantway("clients", "rotate", account.client_id, "--json").document
    time.sleep(0.01)
    issue(grantway, account.client_id, rotated["client_secret"])
    new = rotated["secret_id"]

    head, *lines = grantway("secrets", "list", account.client_id).output.splitlines()

    assert ["SECRET", "CREATED", "EXPIRES", "USE", "VERDICT"] == head.split()
    use = rf"obtained 1 token, last used {_DATE} from \S+"
    safe = rf"safe to retire: not used since {_DATE}, when {new} was first used \(\d s\)"
    patterns = [
        rf"{new}  {_DATE}  never +{use}  not safe to retire: there is no newer secret that is good",
        rf"{account.secret_id}  {_DATE}  {_DATE}  {use}  {safe}",
    ]
    assert all(map(re.fullmatch, patterns, lines)), lines
    assert 2 == len(lines)


def test_list_says_everything_of_a_secret_as_json(grantway: CommandLine) -> None:
    """Times in seconds since 1970; what never was is not there."""
    account = new_account(grantway)
    issue(grantway, account.client_id, account.client_secret)

    document = grantway("secrets", "list", account.client_id, "--json").document

    (secret,) = document["secrets"]
    assert {
        "client_id": account.client_id,
        "secrets": [
            {
                "secret_id": account.secret_id,
                "created_at": secret["created_at"],
                "first_used_at": secret["first_used_at"],
                "last_used_at": secret["last_used_at"],
                "last_used_from": secret["last_used_from"],
                "use_count": 1,
                "imported": False,
                "safe_to_retire": False,
                "verdict": "newest",
            }
        ],
    } == document
    assert "127.0.0.1" in secret["last_used_from"]
    assert abs(time.time() - secret["last_used_at"]) < 30


def test_a_client_without_a_secret_is_told_how_to_get_one(grantway: CommandLine) -> None:
    """For people; an empty list for programs."""
    account = new_account(grantway)
    grantway("secrets", "retire", account.client_id, account.secret_id)

    said = f"No secrets. Make one: grantway clients rotate {account.client_id}\n"
    assert Ran(0, said, "") == grantway("secrets", "list", account.client_id)
    assert [] == grantway("secrets", "list", account.client_id, "--json").document["secrets"]


@pytest.mark.parametrize("flags", [(), ("--revoke-tokens",)], ids=["its tokens live on", "with its tokens"])
def test_retire_ends_a_secret(grantway: CommandLine, flags: tuple[str, ...]) -> None:
    """It says what used it; the tokens go with it only when that is asked for."""
    account = new_account(grantway)
    token = issue(grantway, account.client_id, account.client_secret)

    ran = grantway("secrets", "retire", account.client_id, account.secret_id, *flags)

    tokens = rf"  tokens  1 issued, the last {_DATE}, good until {_DATE} otherwise\n" if flags else ""
    pattern = rf"Done\. It hit:\n  secret  {account.secret_id}, obtained 1 token, last used {_DATE} from \S+\n{tokens}"
    assert (0, "") == (ran.exit_code, ran.errors)
    assert re.fullmatch(pattern, ran.output), ran.output
    assert (not flags) == is_active(grantway, token)
    assert not gets_tokens(grantway, account.client_id, account.client_secret)
    again = grantway("secrets", "retire", account.client_id, account.secret_id, "--json")
    assert (1, "secret_not_found") == (again.exit_code, again.document["error"])


def test_retire_as_a_dry_run_ends_nothing(grantway: CommandLine) -> None:
    """It says what it would hit, as JSON too."""
    account = new_account(grantway)
    retire = ("secrets", "retire", account.client_id, account.secret_id, "--dry-run")

    words = grantway(*retire)
    document = grantway(*retire, "--json").document

    assert (
        f"Nothing was changed. It would hit:\n  secret  {account.secret_id}, never used\n"
        "It is not safe to retire: there is no newer secret that is good.\n"
    ) == words.output
    assert (account.client_id, account.secret_id, True) == (
        document["client_id"],
        document["secret_id"],
        document["dry_run"],
    )
    assert [account.secret_id] == [secret["secret_id"] for secret in document["impact"]["secrets"]]
    assert gets_tokens(grantway, account.client_id, account.client_secret)


def test_expiring_lists_the_secrets_of_all_clients_that_expire_soon(grantway: CommandLine) -> None:
    """The first ones first; how soon is an option."""
    ids = {}
    for overlap in ("20d", "2d", "40d"):
        account = new_account(grantway, "--organization", "acme", name=f"Old for {overlap}")
        grantway("clients", "rotate", account.client_id, "--overlap", overlap)
        ids[account.client_id] = overlap

    def listed(*options: str) -> list[str]:
        found = grantway("secrets", "expiring", *options, "--json").document["secrets"]
        return [ids[secret["client_id"]] for secret in found if secret["client_id"] in ids]

    assert ["2d", "20d"] == listed()
    assert ["2d"] == listed("--within", "3d")
    assert ["2d", "20d", "40d"] == listed("--within", "365d")
    head, *lines = grantway("secrets", "expiring").output.splitlines()
    assert ["CLIENT", "NAME", "ORGANIZATION", "SECRET", "CREATED", "EXPIRES", "USE", "VERDICT"] == head.split()
    (line,) = (line for line in lines if "Old for 2d" in line)
    assert re.fullmatch(
        rf"svc_live_\w+  Old for 2d +acme +[a-z2-7]{{8}}  {_DATE}  {_DATE}  never used +"
        r"not safe to retire: a newer secret was never used",
        line,
    ), line


def test_expiring_says_when_there_are_none(grantway: CommandLine) -> None:
    """Rather than nothing."""
    assert Ran(0, "None.\n", "") == grantway("secrets", "expiring", "--within", "0")


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        pytest.param(
            ("clients", "rotate", "CLIENT", "--overlap", "400d"),
            "--overlap must be whole seconds from 0 to 365 days.",
            id="an overlap of more than a year",
        ),
        pytest.param(
            ("clients", "rotate", "CLIENT", "--idempotency-key", "short"),
            "--idempotency-key must be 16 to 100 characters of printable ASCII without spaces.",
            id="a key that can be guessed",
        ),
    ],
)
def test_a_refusal_names_the_options_that_were_typed(
    grantway: CommandLine, arguments: tuple[str, ...], description: str
) -> None:
    """And not the fields of the contract."""
    client_id = new_account(grantway).client_id

    assert Ran(1, "", f"grantway: {description}\n") == grantway(
        *(client_id if argument == "CLIENT" else argument for argument in arguments)
    )

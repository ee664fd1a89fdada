"""What a caller can say of a token without asking is what the core says."""

import pytest

from grantway.access_token import digest_of, id_in, is_well_formed
from grantway_server.domain import tokens
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.environment import Environment
from grantway_server.domain.tokens import TokenFormat
from tests.server.samples import WELL_FORMED_TOKEN

_FORMATS = [TokenFormat(environment) for environment in Environment]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(WELL_FORMED_TOKEN, True, id="of-the-live-environment"),
        pytest.param(with_checksum("client_oa2_test_" + "0" * 40), True, id="of-the-test-environment"),
        pytest.param(with_checksum("client_oa2_prod_" + "0" * 40), False, id="of-no-environment"),
        pytest.param(with_checksum("client_oa2_live_" + "A" * 40), False, id="in-capitals"),
        pytest.param(with_checksum("client_oa2_live_" + "0" * 39), False, id="too-short"),
        pytest.param(with_checksum("client_oa2_live_" + "0" * 41), False, id="too-long"),
        pytest.param("client_oa2_live_" + "0" * 48, False, id="with-a-wrong-checksum"),
        pytest.param("client_oa2_live_" + "\N{FULLWIDTH DIGIT ZERO}" * 48, False, id="with-digits-of-another-script"),
        pytest.param(WELL_FORMED_TOKEN + "\n", False, id="with-a-newline"),
        pytest.param("", False, id="empty"),
    ],
)
def test_the_core_agrees_about_the_form(text: str, *, expected: bool) -> None:
    """A token that is refused here would be refused by every core, and none that a core would look up is refused."""
    assert (expected, expected) == (is_well_formed(text), any(one.matches(text) for one in _FORMATS))


@pytest.mark.parametrize("environment", list(Environment))
def test_every_token_that_is_issued_is_well_formed(environment: Environment) -> None:
    """Whatever its random bits."""
    minted = TokenFormat(environment).mint(100, lambda count: bytes(number % 251 for number in range(count)))

    assert all(map(is_well_formed, minted))


def test_a_token_is_named_as_the_core_names_it() -> None:
    """Revocations name tokens by this, and answers bear it."""
    digest = digest_of(WELL_FORMED_TOKEN)

    assert digest is not None
    assert tokens.token_id(tokens.digest(WELL_FORMED_TOKEN)) == id_in(digest).hex()


@pytest.mark.parametrize("text", ["", "x" * 63, "x" * 65, "x" * 63 + "é", "x" * 63 + "\ud800"])
def test_what_is_certainly_no_token_has_no_digest(text: str) -> None:
    """Its length or its alphabet says so."""
    assert digest_of(text) is None

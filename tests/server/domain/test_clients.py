"""Clients and the rules that every one of them keeps."""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest

from grantway_server.domain import clients
from grantway_server.domain.clients import AuthMethod
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import Reason
from tests.server.domain.counting_random import CountingRandom
from tests.server.domain.outcomes import Said, refusal_by
from tests.server.samples import a_client

_DAY = timedelta(days=1)
_BASIC, _POST, _UNKNOWN = AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST, AuthMethod.UNKNOWN


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param(Environment.LIVE, "svc_live_aaaaaaaaaaaaaaab", id="live"),
        pytest.param(Environment.TEST, "svc_test_aaaaaaaaaaaaaaab", id="test"),
    ],
)
def test_an_id_is_prefix_and_random_bits(environment: Environment, expected: str) -> None:
    """A client id is its prefix and 80 random bits."""
    assert expected == clients.mint_id(environment, CountingRandom())


def test_a_hundred_thousand_ids_are_all_different() -> None:
    """Draws are unique, and each is an id by its own rule."""
    drawn = [clients.mint_id(Environment.LIVE, secrets.token_bytes) for _ in range(100_000)]

    assert (100_000, []) == (
        len(set(drawn)),
        [client_id for client_id in drawn if not re.fullmatch(r"svc_live_[a-z2-7]{16}", client_id)],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("svc_live_aaaaaaaaaaaaaaaa", True, id="one-of-ours"),
        pytest.param("A-z_0", True, id="every-kind-of-character"),
        pytest.param("a" * 127, True, id="the-longest"),
        pytest.param("a" * 128, False, id="one-character-too-many"),
        pytest.param("", False, id="nothing"),
        pytest.param("a b", False, id="a-space"),
        pytest.param("a\n", False, id="a-line-feed-at-the-end"),
        pytest.param("a:b", False, id="a-colon"),
        pytest.param("a{b}", False, id="the-braces-of-a-hash-tag"),
        pytest.param("é", False, id="a-letter-beyond-ASCII"),
        pytest.param("\0", False, id="a-NUL"),
    ],
)
def test_what_could_be_an_id(text: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table.
    """Only `[A-Za-z0-9_-]` ever becomes a part of a key."""
    assert expected == clients.is_id(text)


@pytest.mark.parametrize(
    ("validate", "expected"),
    [
        pytest.param(
            lambda: clients.validated_scopes(f"s{number}" for number in range(101)),
            (Reason.INVALID_REQUEST, "A client has at most 100 scopes.", None),
            id="101-scopes",
        ),
        pytest.param(
            lambda: clients.validated_audiences(f"a{number}" for number in range(101)),
            (Reason.INVALID_REQUEST, "A client has at most 100 audiences.", None),
            id="101-audiences",
        ),
        pytest.param(
            lambda: clients.validated_default_scopes(["a", "b"], allowed=("a",)),
            (
                Reason.INVALID_SCOPE,
                "default_scopes must be a subset of allowed_scopes: give both when either changes.",
                None,
            ),
            id="a-default-that-is-not-allowed",
        ),
    ],
)
def test_a_list_that_breaks_a_rule_is_refused(validate: Callable[[], object], expected: Said) -> None:
    """Lists are bounded, and the default scopes are allowed ones."""
    assert expected == refusal_by(validate)


def test_a_hundred_scopes_and_audiences_are_allowed() -> None:
    """The bound itself is allowed, and duplicates do not count."""
    names = tuple(f"n{number:03}" for number in range(100))

    assert (names, names) == (clients.validated_scopes(names * 2), clients.validated_audiences(names * 2))


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        pytest.param(None, None, id="none-means-all-and-stays-so"),
        pytest.param([], (), id="an-empty-set-is-a-set"),
        pytest.param(["b", "a"], ("a", "b"), id="all-of-them"),
    ],
)
def test_default_scopes_are_a_subset_or_all(default: list[str] | None, expected: tuple[str, ...] | None) -> None:
    """No default set and an empty default set are two things."""
    assert expected == clients.validated_default_scopes(default, allowed=("a", "b"))


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        pytest.param(None, ("a", "b"), id="no-set-means-all-allowed-scopes"),
        pytest.param((), (), id="an-empty-set-means-none"),
        pytest.param(("a",), ("a",), id="a-set-means-itself"),
    ],
)
def test_what_a_request_without_a_scope_gets(default: tuple[str, ...] | None, expected: tuple[str, ...]) -> None:
    """T10: the documented default."""
    client = a_client(allowed_scopes=("a", "b"), default_scopes=default)

    assert expected == client.effective_default_scopes


@pytest.mark.parametrize(
    "lifetime",
    [pytest.param(timedelta(seconds=1), id="the-shortest"), pytest.param(_DAY, id="the-longest")],
)
def test_a_lifetime_within_the_bounds_is_kept(lifetime: timedelta) -> None:
    """Both bounds are allowed themselves."""
    assert lifetime == clients.validated_lifetime(lifetime, maximum=_DAY)


@pytest.mark.parametrize(
    "lifetime",
    [
        pytest.param(timedelta(0), id="zero"),
        pytest.param(timedelta(seconds=-1), id="negative"),
        pytest.param(_DAY + timedelta(seconds=1), id="a-second-too-long"),
        pytest.param(timedelta(seconds=1, microseconds=1), id="a-fraction-of-a-second"),
        pytest.param(timedelta.max, id="for-ever"),
    ],
)
def test_a_lifetime_beyond_the_bounds_is_refused(lifetime: timedelta) -> None:
    """Lifetimes are whole seconds between 1 and the maximum."""
    expected = (Reason.INVALID_REQUEST, "token_lifetime must be whole seconds from 1 to 86400.", None)

    assert expected == refusal_by(lambda: clients.validated_lifetime(lifetime, maximum=_DAY))


@pytest.mark.parametrize(
    ("registered", "usable"),
    [
        pytest.param(frozenset(), {None, _BASIC, _POST}, id="registered-for-any"),
        pytest.param(frozenset({_BASIC}), {None, _BASIC}, id="registered-for-Basic"),
        pytest.param(frozenset({_POST}), {None, _POST}, id="registered-for-the-body"),
        pytest.param(frozenset({_BASIC, _POST}), {None, _BASIC, _POST}, id="registered-for-both"),
    ],
)
def test_a_client_may_use_the_methods_it_is_registered_for(
    registered: frozenset[AuthMethod], usable: set[AuthMethod | None]
) -> None:
    """A14: no other method works; one that this version does not know never does."""
    client = a_client(auth_methods=registered)

    assert usable == {method for method in (None, _BASIC, _POST, _UNKNOWN) if client.may_use(method)}

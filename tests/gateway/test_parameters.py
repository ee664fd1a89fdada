"""Parameters: the limits that all keep, and what becomes of the known ones."""

import pytest

from grantway_gateway.oauth_errors import OAuthError
from grantway_gateway.parameters import (
    INTROSPECTION_NAMES,
    AboutToken,
    Parameters,
    read_about_token,
    read_parameters,
)

_GRANT = ("grant_type", "client_credentials")


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        pytest.param([_GRANT], Parameters("client_credentials"), id="the-required-one"),
        pytest.param(
            [("client_id", "i"), ("client_secret", "s"), _GRANT, ("audience", "a"), ("scope", "b")],
            Parameters("client_credentials", client_id="i", client_secret="s", scope="b", audience="a"),
            id="all",
        ),
        pytest.param([_GRANT, ("scope", "")], Parameters("client_credentials"), id="empty-is-omitted"),
        pytest.param(
            [_GRANT, *((f"x{number}", "") for number in range(31))], Parameters("client_credentials"), id="31-unknown"
        ),
        pytest.param([_GRANT, ("x", "1"), ("x", "2")], Parameters("client_credentials"), id="unknown-and-repeated"),
        pytest.param([_GRANT, ("x" * 64, "")], Parameters("client_credentials"), id="a-name-of-64-characters"),
        pytest.param(
            [_GRANT, ("scope", "x" * 2048)],
            Parameters("client_credentials", scope="x" * 2048),
            id="a-value-of-2048-characters",
        ),
        pytest.param(
            [_GRANT, ("scope", "😀" * 512)],
            Parameters("client_credentials", scope="😀" * 512),
            id="a-value-of-2048-bytes-in-utf-8",
        ),
        pytest.param([("grant_type", "Client_Credentials")], Parameters("Client_Credentials"), id="case-is-kept"),
        pytest.param([_GRANT, ("Scope", "a")], Parameters("client_credentials"), id="names-are-case-sensitive"),
        pytest.param(
            [_GRANT, ("scope", "a\tb\x80")],
            Parameters("client_credentials", scope="a\tb\x80"),
            id="the-scope's-grammar-is-the-core's-affair",
        ),
        pytest.param(
            [_GRANT, ("client_id", "é\u2028")],
            Parameters("client_credentials", client_id="é\u2028"),
            id="which-characters-an-id-has-is-no-question-of-shape",
        ),
    ],
)
def test_known_parameters_are_picked(fields: list[tuple[str, str]], parameters: Parameters) -> None:
    """RFC 6749 section 3.2: unrecognized ones are ignored."""
    assert parameters == read_parameters(fields)


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        pytest.param([], "grant_type is missing: send grant_type=client_credentials.", id="nothing"),
        pytest.param(
            [("grant_type", "")], "grant_type is missing: send grant_type=client_credentials.", id="an-empty-grant"
        ),
        pytest.param([_GRANT, _GRANT], "grant_type is repeated: send it once.", id="repeated"),
        pytest.param(
            [_GRANT, ("scope", "a"), ("scope", "")], "scope is repeated: send it once.", id="repeated-and-empty"
        ),
        pytest.param(
            [_GRANT, *((f"x{number}", "") for number in range(32))],
            "There are more than 32 parameters: send fewer.",
            id="33",
        ),
        pytest.param(
            [_GRANT, ("x" * 65, "")], "A parameter's name is longer than 64 bytes: shorten it.", id="a-long-name"
        ),
        pytest.param(
            [_GRANT, ("x", "x" * 2049)], "A parameter is longer than 2048 bytes: shorten it.", id="a-long-value"
        ),
        pytest.param(
            [_GRANT, ("é" * 33, "")],
            "A parameter's name is longer than 64 bytes: shorten it.",
            id="a-long-name-in-utf-8",
        ),
        pytest.param(
            [_GRANT, ("x", "😀" * 513)],
            "A parameter is longer than 2048 bytes: shorten it.",
            id="a-long-value-in-utf-8",
        ),
        pytest.param(
            [_GRANT, ("audience", "x" * 2049)],
            "audience is longer than 2048 bytes: shorten it.",
            id="a-long-value-of-a-known-one",
        ),
        *(
            pytest.param(
                [_GRANT, (name, value)],
                f"{called} holds a control character or is not text: remove it.",
                id=f"{case}-in-{name}",
            )
            for case, value in {
                "nul": "a\0b",
                "newline": "a\nb",
                "carriage-return": "a\rb",
                "delete": "a\x7fb",
                "c1": "a\x85b",
                "surrogate": "a\ud800b",
            }.items()
            for name, called in {"client_id": "client_id", "client_secret": "client_secret", "x": "A parameter"}.items()
        ),
        pytest.param(
            [_GRANT, ("x\n", "")],
            "A parameter holds a control character or is not text: remove it.",
            id="newline-in-a-name",
        ),
        pytest.param(
            [_GRANT, ("scope", "a\udfff")],
            "scope holds a control character or is not text: remove it.",
            id="surrogate-in-scope",
        ),
    ],
)
def test_bad_shapes_are_refused_by_name(fields: list[tuple[str, str]], description: str) -> None:
    """The name only if it is one of ours: nothing that was sent is repeated."""
    with pytest.raises(OAuthError) as caught:
        read_parameters(fields)

    assert ("invalid_request", description) == (caught.value.error, caught.value.description)


@pytest.mark.parametrize(
    ("fields", "resources"),
    [
        pytest.param([], (), id="none"),
        pytest.param([("resource", "https://a")], ("https://a",), id="one"),
        pytest.param([("resource", "b:2"), ("resource", "a:1")], ("b:2", "a:1"), id="two-in-their-order"),
        pytest.param([("resource", "a:1"), ("resource", "a:1")], ("a:1", "a:1"), id="the-same-twice"),
        pytest.param([("resource", ""), ("resource", "a:1")], ("a:1",), id="an-empty-one-is-omitted"),
        pytest.param([("resource", "")], (), id="nothing-but-an-empty-one"),
        pytest.param([("resource", "HTTP+x-1.2://u@[::1]:9/%C3%A9?q=1&r='*'")], None, id="all-that-a-uri-may-hold"),
    ],
)
def test_resources_are_kept(fields: list[tuple[str, str]], resources: tuple[str, ...] | None) -> None:
    """RFC 8707 section 2: absolute URIs, as many as one likes; None stands for what was sent."""
    parameters = read_parameters([_GRANT, *fields])

    assert (resources if resources is not None else tuple(value for _, value in fields)) == parameters.resources
    assert parameters.resources == parameters.audiences
    assert ("x", *parameters.resources) == read_parameters([_GRANT, ("audience", "x"), *fields]).audiences


@pytest.mark.parametrize(
    "resource",
    [
        "api",
        "/api",
        "//api",
        "https:",
        ":x",
        "1a:x",
        "a b:x",
        "https://a#",
        "https://a#b",
        "https://a b",
        "https://é",
        "https://a/%zz",
        "https://a/%4",
        "https://a\\b",
        'https://"',
        "https://<a>",
    ],
)
def test_a_resource_is_an_absolute_uri_without_a_fragment(resource: str) -> None:
    """RFC 8707 section 2 names the error. One that is right does not help."""
    with pytest.raises(OAuthError) as caught:
        read_parameters([_GRANT, ("resource", "https://a"), ("resource", resource)])

    assert (
        "invalid_target",
        "resource must be an absolute URI without a fragment: send what audience takes as audience.",
    ) == (
        caught.value.error,
        caught.value.description,
    )


def test_a_request_about_a_token_says_which_and_who_asks() -> None:
    """RFC 7662 and RFC 7009, section 2.1 of both; the hint hints at nothing, what a token request has is unknown."""
    fields = [("token", "t"), ("token_type_hint", "x"), ("client_id", "i"), ("client_secret", "s")]

    assert AboutToken("t", "i", "s") == read_about_token([*fields, ("scope", "a"), ("scope", "b"), ("resource", "x")])
    assert AboutToken("t") == read_about_token([("token", "t")])


@pytest.mark.parametrize(
    ("token", "read"),
    [
        pytest.param("t" * 8000, "t" * 8000, id="longer-than-others-may-be"),
        pytest.param("t\n\x00", "t\n\x00", id="of-control-characters"),
        pytest.param("t\ud800", "t?", id="that-is-not-text"),
    ],
)
def test_a_token_may_be_anything(token: str, read: str) -> None:
    """Somebody else has sent it; that it is none is for the core to say."""
    assert AboutToken(read) == read_about_token([("token", token)])


def test_a_question_may_say_for_which_audience() -> None:
    """At the introspection endpoint alone; elsewhere it is an unknown parameter."""
    fields = [("token", "t"), ("audience", "https://a")]

    assert AboutToken("t", audience="https://a") == read_about_token(fields, INTROSPECTION_NAMES)
    assert AboutToken("t") == read_about_token(fields)


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        pytest.param([], "token is missing: send the token in the parameter token.", id="nothing"),
        pytest.param([("token", "")], "token is missing: send the token in the parameter token.", id="an-empty-token"),
        pytest.param([("token", "t"), ("token", "t")], "token is repeated: send it once.", id="two-tokens"),
        pytest.param(
            [("token", "t"), ("token_type_hint", "a"), ("token_type_hint", "a")],
            "token_type_hint is repeated: send it once.",
            id="two-hints",
        ),
        pytest.param(
            [("token", "t"), ("token_type_hint", "t\n")],
            "token_type_hint holds a control character or is not text: remove it.",
            id="a-broken-line-beside-it",
        ),
    ],
)
def test_bad_requests_about_a_token_are_refused_by_name(fields: list[tuple[str, str]], description: str) -> None:
    """As those for a token are."""
    with pytest.raises(OAuthError) as caught:
        read_about_token(fields)

    assert ("invalid_request", description) == (caught.value.error, caught.value.description)


def test_parameters_do_not_show_their_secret() -> None:
    """Whoever logs them logs no secret, and no token."""
    assert "gws" not in repr(Parameters("client_credentials", client_secret="gws"))
    assert "canary" not in repr(AboutToken("canary", "svc", "canary"))

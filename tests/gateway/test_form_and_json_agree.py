"""J11: whatever a request says, it is answered the same in both syntaxes."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway_gateway.client_auth import Credentials, read_credentials
from grantway_gateway.form import parse_form
from grantway_gateway.json_body import parse_json
from grantway_gateway.oauth_errors import OAuthError
from grantway_gateway.parameters import NAMES, REPEATABLE, Parameters, read_parameters
from grantway_gateway.request_body import Parser

# Lone surrogates are left out: a form cannot spell them.
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_VALUES = _TEXT | st.sampled_from(["client_credentials", "", " ", "x" * 2048, "x" * 2049, "a b", "%41", "+", "é", "\0"])
_SETS = st.dictionaries(
    st.sampled_from(sorted(NAMES)) | _TEXT | st.just("x" * 65),
    _VALUES,
    max_size=40,
)


def _outcome(parse: Parser, body: bytes) -> tuple[Parameters, Credentials] | tuple[str, str]:
    try:
        parameters = read_parameters(parse(body))
        return parameters, read_credentials(None, parameters)
    except OAuthError as error:
        return error.error, error.description


@given(parameters=_SETS, granted=st.booleans())
def test_a_set_of_parameters_means_the_same(parameters: dict[str, str], *, granted: bool) -> None:
    """The same parameters and credentials, or the same error with the same description."""
    if granted:
        parameters |= {"grant_type": "client_credentials", "client_id": "svc", "client_secret": "gws"}
    if parameters.get("") == "":
        parameters.pop("", None)  # In a form this is a field that is not there.

    assert _outcome(parse_form, urlencode(parameters).encode()) == _outcome(parse_json, json.dumps(parameters).encode())


@given(st.lists(_VALUES | st.sampled_from(["https://a", "urn:a", "https://a#b"]), max_size=40))
def test_repeated_fields_and_an_array_mean_the_same(resources: list[str]) -> None:
    """Of the one parameter that may be there several times (RFC 8707 section 2)."""
    known = {"grant_type": "client_credentials", "client_id": "svc", "client_secret": "gws"}
    fields = known | {"resource": resources}

    assert _outcome(parse_form, urlencode(fields, doseq=True).encode()) == _outcome(
        parse_json, json.dumps(fields).encode()
    )


@pytest.mark.parametrize("name", sorted(NAMES - REPEATABLE))
def test_a_repeated_parameter_means_the_same(name: str) -> None:
    """RFC 6749 section 3.2 and RFC 7493 section 2.3 say so of each."""
    form = f"{name}=a&{name}=a".encode()
    document = f'{{"{name}": "a", "{name}": "a"}}'.encode()

    assert ("invalid_request", f"{name} is repeated: send it once.") == _outcome(parse_form, form)
    assert _outcome(parse_form, form) == _outcome(parse_json, document)

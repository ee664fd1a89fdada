"""RFC 6749 sections 2.3 and 2.3.1: client authentication."""

import asyncio
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Sequence
from urllib.parse import quote

import httpx
import pytest

from grantway.v1 import client_pb2, token_service_pb2
from tests.conformance.answers import FORM, GRANT, error_of, token_of
from tests.deployment import Deployment, NewClient

_INVALID_REQUEST = (400, "invalid_request")
_INVALID_CLIENT = (401, "invalid_client")


def _basic(pair: str | bytes) -> dict[str, str]:
    encoded = b64encode(pair if isinstance(pair, bytes) else pair.encode()).decode()
    return {"authorization": f"Basic {encoded}"}


def _encoded(text: str) -> str:
    """*text* with every character percent-encoded, whether it needs to be or not."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_A01_basic_works_for_every_client(deployment: Deployment, http: httpx.Client) -> None:
    """Section 2.3.1: the server MUST support it for clients that were issued a password."""
    for _ in range(20):
        client = deployment.create_client()

        assert token_of(http.post("/oauth/token", data=GRANT, auth=client.basic))


def test_A02_both_halves_of_basic_are_form_decoded(http: httpx.Client, account: NewClient) -> None:
    """Section 2.3.1 and appendix B: after base64, `+` and `%XX` are decoded, as UTF-8."""
    pair = f"{_encoded(account.client_id)}:{_encoded(account.client_secret)}"

    assert token_of(http.post("/oauth/token", data=GRANT, headers=_basic(pair)))


def test_A02_the_vector_of_appauth_is_understood(http: httpx.Client) -> None:
    """Its client does not exist here, but its id is read: repeated in the body it is no contradiction."""
    vector = "MVBwRyUyRlErMTp6JTJGdFo5VndGWnFBcG1JUSUyQlpIMUk1cExrJTJGdUI0dWQlM0FYMiUyRjhiTCUyQndmRlR0MXJGdyUzRA=="
    headers = {"authorization": f"Basic {vector}"}

    assert _INVALID_CLIENT == error_of(
        http.post("/oauth/token", data=GRANT | {"client_id": "1PpG/Q 1"}, headers=headers)
    )
    assert _INVALID_REQUEST == error_of(
        http.post("/oauth/token", data=GRANT | {"client_id": "1PpG/Q+1"}, headers=headers)
    )


def test_A03_raw_basic_works_too(http: httpx.Client, account: NewClient) -> None:
    """What the core mints reads the same raw, as curl sends it, and encoded as strictly as openid-client does."""
    for encode in (str, quote, lambda text: text.replace("_", "%5F").replace("-", "%2D")):
        pair = f"{encode(account.client_id)}:{encode(account.client_secret)}"

        assert token_of(http.post("/oauth/token", data=GRANT, headers=_basic(pair)))


@pytest.mark.parametrize(
    "pair", ["{id}:{secret}:", "{id}::{secret}", "{id}:x:{secret}", "{id}%3A{secret}", "x%3A{id}:{secret}"]
)
def test_A04_the_first_colon_splits(http: httpx.Client, account: NewClient, pair: str) -> None:
    """RFC 7617 section 2: every further one belongs to the secret, which is then another."""
    pair = pair.format(id=account.client_id, secret=account.client_secret)

    assert _INVALID_CLIENT == error_of(http.post("/oauth/token", data=GRANT, headers=_basic(pair)))


def test_A04_no_further_colon_splits(http: httpx.Client, account: NewClient) -> None:
    """The id is what stands before the first one: repeated in the body it is no contradiction."""
    data = GRANT | {"client_id": account.client_id}

    assert _INVALID_CLIENT == error_of(http.post("/oauth/token", data=data, headers=_basic(f"{account.client_id}:x:y")))


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
def test_A01_the_case_of_the_scheme_does_not_matter(http: httpx.Client, account: NewClient, scheme: str) -> None:
    """RFC 9110 section 11.1."""
    encoded = _basic(":".join(account.basic))["authorization"].removeprefix("Basic ")

    assert token_of(http.post("/oauth/token", data=GRANT, headers={"authorization": f"{scheme} {encoded}"}))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "!", id="an-illegal-character"),
        pytest.param("", "=", id="too-much-padding"),
        pytest.param("", " x", id="two-words"),
        pytest.param("\t", "", id="a-tab"),
        pytest.param("!", "", id="an-illegal-character-first"),
    ],
)
def test_A05_base64_is_strict(http: httpx.Client, account: NewClient, before: str, after: str) -> None:
    """Many headers must not be one secret."""
    encoded = _basic(":".join(account.basic))["authorization"].removeprefix("Basic ")

    headers = {"authorization": f"Basic {before}{encoded}{after}"}
    assert _INVALID_CLIENT == error_of(http.post("/oauth/token", data=GRANT, headers=headers))


def test_A06_two_methods_in_one_request_are_refused(http: httpx.Client, account: NewClient) -> None:
    """Section 2.3: "MUST NOT use more than one authentication method in each request", equal or not."""
    for secret in (account.client_secret, "another"):
        data = GRANT | {"client_id": account.client_id, "client_secret": secret}

        assert _INVALID_REQUEST == error_of(http.post("/oauth/token", data=data, auth=account.basic))


def test_A07_the_client_id_may_be_in_the_body_as_well(http: httpx.Client, account: NewClient) -> None:
    """Section 3.2.1, if it is the same."""
    same, other = {"client_id": account.client_id}, {"client_id": account.client_id + "x"}

    assert token_of(http.post("/oauth/token", data=GRANT | same, auth=account.basic))
    assert _INVALID_REQUEST == error_of(http.post("/oauth/token", data=GRANT | other, auth=account.basic))


def test_A08_two_authorization_headers_are_refused(http: httpx.Client, account: NewClient) -> None:
    """Whichever of them is right."""
    right = ("authorization", _basic(":".join(account.basic))["authorization"])
    for headers in ([right, right], [right, ("Authorization", "Bearer x")]):
        response = http.post(
            "/oauth/token", content=b"grant_type=client_credentials", headers=[*FORM.items(), *headers]
        )

        assert _INVALID_REQUEST == error_of(response)


def test_A09_credentials_in_the_query_are_refused(
    http: httpx.Client, account: NewClient, deployment: Deployment
) -> None:
    """Section 2.3.1: "MUST NOT be included in the request URI", nor is the query ever logged."""
    data = GRANT | account.post

    assert _INVALID_REQUEST == error_of(http.post("/oauth/token", params=data))
    assert _INVALID_REQUEST == error_of(http.post("/oauth/token", params=account.post, data=GRANT))
    assert _INVALID_REQUEST == error_of(http.post("/oauth/token", params={"client_secret": "canary-A09"}, data=data))
    assert account.client_secret not in deployment.log()
    assert "canary-A09" not in deployment.log()


def test_A10_credentials_in_the_body_work(http: httpx.Client, account: NewClient) -> None:
    """OAuth 2.1 section 2.4.1: in both syntaxes."""
    assert token_of(http.post("/oauth/token", data=GRANT | account.post))
    assert token_of(http.post("/oauth/token", json=GRANT | account.post))


def test_A11_an_empty_secret_is_no_secret(http: httpx.Client, account: NewClient) -> None:
    """Section 3.2: a parameter without a value is one that was omitted."""
    for response in (
        http.post("/oauth/token", data=GRANT | {"client_id": account.client_id, "client_secret": ""}),
        http.post("/oauth/token", data=GRANT | {"client_id": account.client_id}),
        http.post("/oauth/token", data=GRANT, auth=(account.client_id, "")),
        http.post("/oauth/token", json=GRANT | {"client_id": account.client_id, "client_secret": None}),
    ):
        assert _INVALID_CLIENT == error_of(response)
    assert token_of(http.post("/oauth/token", data=GRANT | {"client_secret": ""}, auth=account.basic))


async def test_A12_guessing_is_slowed_down_and_locks_nobody_out(deployment: Deployment) -> None:
    """Section 2.3.1: after 500 failures 429; the right secret works all the while; a header moves no blame."""
    target, other = deployment.create_client(), deployment.create_client()
    slots = asyncio.Semaphore(50)
    async with httpx.AsyncClient(base_url=deployment.http_url) as http:

        async def guess(number: int) -> httpx.Response:
            async with slots:
                headers = {"x-forwarded-for": f"192.0.2.{number % 250}"}  # Ours to write; P05: nobody's to believe.
                data = GRANT | {"client_id": target.client_id, "client_secret": f"guess-{number}"}
                return await http.post("/oauth/token", data=data, headers=headers)

        guesses = await asyncio.gather(*(guess(number) for number in range(560)))
        right = await http.post("/oauth/token", data=GRANT, auth=target.basic)
        others = await http.post("/oauth/token", data=GRANT, auth=(other.client_id, "guess"))

    answers = [error_of(response) for response in guesses]
    assert {_INVALID_CLIENT, (429, "temporarily_unavailable")} == set(answers)
    assert answers.count(_INVALID_CLIENT) >= 500
    slowed_down = next(response for response in guesses if response.status_code == 429)
    assert int(slowed_down.headers["retry-after"]) >= 1
    assert token_of(right)
    assert _INVALID_CLIENT == error_of(others)


@pytest.mark.parametrize("value", ["é", "\u2028", "😀", "\u00a0"])
def test_A13_ids_and_secrets_are_printable_ascii(http: httpx.Client, account: NewClient, value: str) -> None:
    """Appendices A.1 and A.2: whatever else is refused like any wrong one."""
    for client_id, client_secret in ((value, "x"), (account.client_id, value)):
        body = {"client_id": client_id, "client_secret": client_secret}
        for response in (
            http.post("/oauth/token", data=GRANT | body),
            http.post("/oauth/token", json=GRANT | body),
            http.post("/oauth/token", data=GRANT, headers=_basic(f"{client_id}:{client_secret}")),
            http.post("/oauth/token", data=GRANT, headers=_basic(f"{_encoded(client_id)}:{_encoded(client_secret)}")),
        ):
            assert _INVALID_CLIENT == error_of(response)


@pytest.mark.parametrize(
    "pair", [b"\xff:x", b"x:\xff", b"x:a\0", b"x:%00", b"x:a\nb", b"x:%7F", b"x:%C2%85", b"x:%C0%80"]
)
def test_A13_bytes_that_are_no_text_are_no_credentials(http: httpx.Client, pair: bytes) -> None:
    """In Basic, raw and encoded."""
    assert _INVALID_CLIENT == error_of(http.post("/oauth/token", data=GRANT, headers=_basic(pair)))


def test_A14_a_client_is_held_to_its_method(deployment: Deployment, http: httpx.Client) -> None:
    """OAuth 2.1 section 2.4: one registered for Basic cannot use the body, and the other way round."""
    basic = deployment.create_client(auth_methods=[client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC])
    post = deployment.create_client(auth_methods=[client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST])

    assert token_of(http.post("/oauth/token", data=GRANT, auth=basic.basic))
    assert token_of(http.post("/oauth/token", data=GRANT | post.post))
    assert token_of(http.post("/oauth/token", json=GRANT | post.post))
    for response in (
        http.post("/oauth/token", data=GRANT | basic.post),
        http.post("/oauth/token", json=GRANT | basic.post),
        http.post("/oauth/token", data=GRANT, auth=post.basic),
    ):
        assert _INVALID_CLIENT == error_of(response)


def test_A15_every_bit_of_a_token_is_drawn(deployment: Deployment, account: NewClient) -> None:
    """Section 10.10: 160 bits (2^-160 is the SHOULD), of which none is fixed and none follows from others."""
    request = token_service_pb2.IssueTokenRequest(
        grant_type="client_credentials", client_id=account.client_id, client_secret=account.client_secret
    )
    batch = token_service_pb2.BatchIssueTokensRequest(requests=[request] * 128)
    answers = [deployment.tokens.BatchIssueTokens(batch, timeout=5) for _ in range(2)]
    texts = [result.token.access_token for answer in answers for result in answer.results]

    assert 160 == _bits_drawn([bytes.fromhex(text[16:56]) for text in texts])


def test_A15_every_bit_of_a_secret_is_drawn(deployment: Deployment) -> None:
    """All 256 of the random part."""
    texts = [deployment.create_client().client_secret for _ in range(352)]

    assert 256 == _bits_drawn([urlsafe_b64decode(text[18:61] + "=") for text in texts])


def _bits_drawn(samples: Sequence[bytes]) -> int:
    """How many bits *samples* differ in that do not follow from one another: a rank over GF(2).

    Of samples that are random it is all of their bits, but for a chance of 2^-96: there are as many more samples.
    """
    numbers = [int.from_bytes(sample) for sample in samples]
    basis: list[int] = []
    for number in numbers[1:]:
        difference = number ^ numbers[0]
        for element in basis:
            difference = min(difference, difference ^ element)
        if difference:
            basis.append(difference)
    return len(basis)


@pytest.mark.parametrize(
    "name", ["grant_type", "client_id", "client_secret", "scope", "audience", "resource", "unknown"]
)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("canary%00", id="nul"),
        pytest.param("canary%0D%0ASet-Cookie:x", id="line-break"),
        pytest.param("canary%7F", id="delete"),
        pytest.param("canary%C2%85", id="c1"),
        pytest.param("canary%ED%A0%80", id="lone-surrogate"),
        pytest.param("canary%C0%AF", id="overlong"),
        pytest.param("canary%FF", id="no-utf-8"),
    ],
)
def test_A16_values_are_validated(
    http: httpx.Client, account: NewClient, deployment: Deployment, name: str, value: str
) -> None:
    """Section 10.14: 400 and not 500, and no trace of the value in answer or log."""
    fields = {"grant_type": "client_credentials", "client_id": account.client_id, "client_secret": "x"}
    fields[name] = value
    if name not in {"client_id", "client_secret"}:
        fields["client_secret"] = account.client_secret
    body = "&".join(f"{field}={text}" for field, text in fields.items())

    response = http.post("/oauth/token", content=body, headers=FORM)

    assert 400 == error_of(response)[0]
    assert "canary" not in response.text + str(response.headers)
    assert "canary" not in deployment.log()

"""The secrets of clients on the wire: whole answers through a real server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.token_service_pb2 import (
    ClientCredentials,
    IntrospectTokenRequest,
    IssueTokenRequest,
    RevokeTokenRequest,
)
from grantway_server.config import Settings
from tests.fakes.clock import FakeClock
from tests.server.rpc.conftest import Core, running
from tests.server.samples import NOON

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
_BASIS = client_pb2.RetirementVerdict
_NEVER_USED = {"basis": _BASIS.BASIS_NEWER_UNUSED}
_NEWEST = {"basis": _BASIS.BASIS_NEWEST}
_BOTH = ["PERMISSION_ISSUE_TOKENS", "PERMISSION_INTROSPECT_TOKENS"]

_UseOf = Callable[[Core, str, str], Awaitable[None]]


@pytest.fixture(name="clock")
def _clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(name="core")
async def _core(clock: FakeClock) -> AsyncIterator[Core]:
    async with running(Settings(), clock=clock.now) as core:
        yield core


async def _create(core: Core, **fields: Any) -> pb.CreateClientResponse:
    return await core.clients.CreateClient(pb.CreateClientRequest(**({"name": "Concierge"} | fields)))


async def _use(core: Core, client_id: str, client_secret: str, source: str = "192.0.2.7") -> None:
    await core.tokens.IssueToken(
        IssueTokenRequest(
            grant_type="client_credentials", client_id=client_id, client_secret=client_secret, source=source
        )
    )


async def test_a_rotation_is_answered_whole(core: Core, clock: FakeClock) -> None:
    """The client, the new secret and its text, and each old one with its deadline, its use and a verdict."""
    created = await _create(core)
    await _use(core, created.client.client_id, created.client_secret)
    clock.advance(_MINUTE)

    answer = await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=created.client.client_id))

    client = client_pb2.Client()
    client.CopyFrom(created.client)
    client.update_time.FromDatetime(NOON + _MINUTE)
    client.last_token_time.FromDatetime(NOON)
    client.etag = answer.client.etag
    secret_id = answer.client_secret[9:17]
    expected = pb.RotateSecretResponse(
        client=client,
        client_secret=answer.client_secret,
        secret=client_pb2.Secret(secret_id=secret_id, create_time=NOON + _MINUTE, verdict=_NEWEST),
        old_secrets=[
            client_pb2.Secret(
                secret_id=created.secret_id,
                create_time=NOON,
                expire_time=NOON + _MINUTE + 7 * _DAY,
                first_use_time=NOON,
                last_use_time=NOON,
                last_use_source="192.0.2.7",
                use_count=1,
                verdict=_NEVER_USED,
            )
        ],
    )
    assert expected == answer
    assert created.client.etag != answer.client.etag
    assert secret_id != created.secret_id


@pytest.mark.parametrize(
    ("overlap", "kept"),
    [
        pytest.param({}, True, id="a second or more keeps the old ones"),
        pytest.param({"seconds": 1}, True, id="a second"),
        pytest.param({"seconds": 0}, False, id="none ends them"),
    ],
)
async def test_an_overlap_that_is_zero_is_not_an_absent_one(core: Core, overlap: dict[str, int], kept: bool) -> None:  # noqa: FBT001 - a column of the table.
    """Absent means a week, zero means now; the answer has the old secret either way."""
    created = await _create(core)
    request = pb.RotateSecretRequest(client_id=created.client.client_id)
    if overlap:
        request.overlap.seconds = overlap["seconds"]

    answer = await core.clients.RotateSecret(request)

    listed = await core.clients.ListSecrets(pb.ListSecretsRequest(client_id=created.client.client_id))
    assert [created.secret_id] == [secret.secret_id for secret in answer.old_secrets]
    assert (2 if kept else 1) == len(listed.secrets)
    seconds = overlap.get("seconds", 7 * 86_400)
    assert NOON + timedelta(seconds=seconds) == answer.old_secrets[0].expire_time.ToDatetime(NOON.tzinfo)


async def test_a_retirement_is_answered_whole(core: Core, clock: FakeClock) -> None:
    """The client without it, the secret as it was, and what was hit: no tokens, unless that is asked for."""
    created = await _create(core)
    client_id = created.client.client_id
    rotation = await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))
    await _use(core, client_id, created.client_secret, "192.0.2.8")
    clock.advance(_MINUTE)
    await _use(core, client_id, rotation.client_secret)
    clock.advance(_MINUTE)
    request = pb.RetireSecretRequest(client_id=client_id, secret_id=created.secret_id)

    asked = await core.clients.RetireSecret(
        pb.RetireSecretRequest(client_id=client_id, secret_id=created.secret_id, dry_run=True, revoke_tokens=True)
    )
    answer = await core.clients.RetireSecret(request)

    secret = client_pb2.Secret(
        secret_id=created.secret_id,
        create_time=NOON,
        expire_time=NOON + 7 * _DAY,
        first_use_time=NOON,
        last_use_time=NOON,
        last_use_source="192.0.2.8",
        use_count=1,
        verdict={"safe": True, "basis": _BASIS.BASIS_REPLACED, "quiet_for": {"seconds": 60}},
    )
    client = (await core.clients.GetClient(pb.GetClientRequest(client_id=client_id))).client
    assert pb.RetireSecretResponse(client=client, secret=secret, impact={"secrets": [secret]}) == answer
    assert (
        pb.RetireSecretResponse(
            client=asked.client,
            secret=secret,
            impact={
                "secrets": [secret],
                "tokens_issued": 1,
                "last_token_time": NOON,
                "last_expire_time": NOON + timedelta(hours=1),
            },
        )
        == asked
    )
    assert client.etag != asked.client.etag


async def _check(core: Core, client_id: str, client_secret: str, source: str = "192.0.2.9") -> None:
    credentials = ClientCredentials(client_id=client_id, client_secret=client_secret, source=source)
    await core.tokens.IntrospectToken(IntrospectTokenRequest(token="x", credentials=credentials))


async def _revoke(core: Core, client_id: str, client_secret: str) -> None:
    credentials = ClientCredentials(client_id=client_id, client_secret=client_secret, source="192.0.2.9")
    await core.tokens.RevokeToken(RevokeTokenRequest(token="x", credentials=credentials))


async def _basis_of_the_old(core: Core, client_id: str) -> "client_pb2.RetirementVerdict.Basis":
    return (await core.clients.ListSecrets(pb.ListSecretsRequest(client_id=client_id))).secrets[-1].verdict.basis


@pytest.mark.parametrize("use", [_check, _revoke], ids=["to check tokens", "to revoke tokens"])
async def test_a_secret_that_is_used_for_anything_is_still_used(core: Core, clock: FakeClock, use: _UseOf) -> None:
    """A resource server whose secret is retired is down: it is used, though it obtains no token."""
    created = await _create(core, permissions=["PERMISSION_INTROSPECT_TOKENS"])
    client_id = created.client.client_id
    rotation = await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))
    clock.advance(_MINUTE)
    await _check(core, client_id, rotation.client_secret)
    clock.advance(_MINUTE)
    await use(core, client_id, created.client_secret)
    clock.advance(_MINUTE)

    answer = await core.clients.ListSecrets(pb.ListSecretsRequest(client_id=client_id))
    client = (await core.clients.GetClient(pb.GetClientRequest(client_id=client_id))).client

    assert (
        client_pb2.Secret(
            secret_id=created.secret_id,
            create_time=NOON,
            expire_time=NOON + 7 * _DAY,
            first_use_time=NOON + 2 * _MINUTE,
            last_use_time=NOON + 2 * _MINUTE,
            last_use_source="192.0.2.9",
            verdict={"basis": _BASIS.BASIS_STILL_USED, "quiet_for": {"seconds": 60}},
        )
        == answer.secrets[1]
    )
    assert not client.HasField("last_token_time")


async def test_a_use_right_after_another_one_is_told_a_second_later(core: Core, clock: FakeClock) -> None:
    """Though that one was before the newer secret was used, and was written down alone."""
    created = await _create(core, permissions=_BOTH)
    client_id = created.client.client_id
    rotation = await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))
    await _check(core, client_id, created.client_secret)
    clock.advance(_MINUTE)
    await _use(core, client_id, rotation.client_secret)
    clock.advance(_MINUTE)
    await _check(core, client_id, created.client_secret)

    async with asyncio.timeout(10):
        while await _basis_of_the_old(core, client_id) != _BASIS.BASIS_STILL_USED:  # noqa: ASYNC110 - the core tells nobody.
            await asyncio.sleep(0.05)


async def test_what_a_secret_of_checks_hits_is_no_token(core: Core) -> None:
    """An end of its tokens ends none, and the last one of another secret's is none of its."""
    created = await _create(core, permissions=_BOTH)
    client_id = created.client.client_id
    rotation = await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))
    await _use(core, client_id, rotation.client_secret)
    await _check(core, client_id, created.client_secret)

    answer = await core.clients.RetireSecret(
        pb.RetireSecretRequest(client_id=client_id, secret_id=created.secret_id, revoke_tokens=True, dry_run=True)
    )

    assert pb.Impact(secrets=[answer.secret]) == answer.impact
    assert (0, "192.0.2.9") == (answer.secret.use_count, answer.secret.last_use_source)


async def test_secrets_are_listed_the_newest_first(core: Core, clock: FakeClock) -> None:
    """Each with its use and verdict; a client without any has an empty list."""
    created = await _create(core)
    client_id = created.client.client_id
    clock.advance(_MINUTE)
    rotation = await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))
    await _use(core, client_id, rotation.client_secret)

    answer = await core.clients.ListSecrets(pb.ListSecretsRequest(client_id=client_id))
    await core.clients.PanicClient(pb.PanicClientRequest(client_id=client_id))
    empty = await core.clients.ListSecrets(pb.ListSecretsRequest(client_id=client_id))

    assert (
        pb.ListSecretsResponse(
            secrets=[
                client_pb2.Secret(
                    secret_id=rotation.secret.secret_id,
                    create_time=NOON + _MINUTE,
                    first_use_time=NOON + _MINUTE,
                    last_use_time=NOON + _MINUTE,
                    last_use_source="192.0.2.7",
                    use_count=1,
                    verdict=_NEWEST,
                ),
                client_pb2.Secret(
                    secret_id=created.secret_id,
                    create_time=NOON,
                    expire_time=NOON + _MINUTE + 7 * _DAY,
                    verdict={"safe": True, "basis": _BASIS.BASIS_REPLACED, "quiet_for": {}},
                ),
            ]
        )
        == answer
    )
    assert pb.ListSecretsResponse() == empty


async def test_expiring_secrets_are_listed_page_by_page(core: Core) -> None:
    """With whose they are; within 30 days unless another time is asked for."""
    ends = [2, 29, 31]
    clients = []
    for days in ends:
        client = (await _create(core, organization="acme" if days == ends[0] else "")).client
        await core.clients.RotateSecret(
            pb.RotateSecretRequest(client_id=client.client_id, overlap={"seconds": days * 86_400})
        )
        clients.append(client)

    first = await core.clients.ListExpiringSecrets(pb.ListExpiringSecretsRequest(page_size=1))
    second = await core.clients.ListExpiringSecrets(
        pb.ListExpiringSecretsRequest(page_size=1, page_token=first.next_page_token)
    )
    soon = await core.clients.ListExpiringSecrets(pb.ListExpiringSecretsRequest(within={"seconds": 86_400}))
    ever = await core.clients.ListExpiringSecrets(pb.ListExpiringSecretsRequest(within={"seconds": 2**40}))

    (listed,) = first.secrets
    assert (
        pb.ListExpiringSecretsResponse(
            secrets=[
                pb.ClientSecret(
                    client_id=clients[0].client_id,
                    client_name="Concierge",
                    organization="acme",
                    secret=client_pb2.Secret(
                        secret_id=listed.secret.secret_id,
                        create_time=NOON,
                        expire_time=NOON + 2 * _DAY,
                        verdict=_NEVER_USED,
                    ),
                )
            ],
            next_page_token=first.next_page_token,
        )
        == first
    )
    assert ([clients[1].client_id], "", "") == (
        [secret.client_id for secret in second.secrets],
        second.next_page_token,
        second.secrets[0].organization,
    )
    assert pb.ListExpiringSecretsResponse() == soon
    assert [client.client_id for client in clients] == [secret.client_id for secret in ever.secrets]


async def test_repeated_calls_are_answered_alike(core: Core) -> None:
    """Byte for byte: the secrets too. In whatever order the labels come."""
    labels = {"a": "1", "b": "2", "c": "3"}
    one = pb.CreateClientRequest(name="One", labels=labels, idempotency_key="0123456789abcdef")
    other = pb.CreateClientRequest(
        name="One", labels=dict(reversed(labels.items())), idempotency_key="0123456789abcdef"
    )
    created = [await core.clients.CreateClient(request) for request in (one, other)]
    rotate = pb.RotateSecretRequest(client_id=created[0].client.client_id, idempotency_key="fedcba9876543210")

    rotated = [await core.clients.RotateSecret(rotate) for _ in range(2)]

    assert created[0] == created[1]
    assert rotated[0] == rotated[1]


async def test_who_uses_a_secret_that_ends_soon_is_told(core: Core) -> None:
    """With the token: when it ends. Not of one that ends later, or never."""
    created = await _create(core)
    client_id = created.client.client_id
    request = IssueTokenRequest(
        grant_type="client_credentials", client_id=client_id, client_secret=created.client_secret
    )
    never = await core.tokens.IssueToken(request)
    await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id, overlap={"seconds": 31 * 86_400}))
    later = await core.tokens.IssueToken(request)
    await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))
    soon = await core.tokens.IssueToken(request)

    assert [False, False, True] == [answer.HasField("secret_expire_time") for answer in (never, later, soon)]
    assert NOON + 7 * _DAY == soon.secret_expire_time.ToDatetime(NOON.tzinfo)


async def test_a_policy_is_the_cores(clock: FakeClock) -> None:
    """How old secrets may become, how many there may be, and how long before their end somebody is told."""
    settings = Settings(secret_max_age_seconds=86_400, secret_warning_seconds=3600, max_secrets_per_client=2)
    async with running(settings, clock=clock.now) as core:
        created = await _create(core)
        client_id = created.client.client_id
        request = IssueTokenRequest(
            grant_type="client_credentials", client_id=client_id, client_secret=created.client_secret
        )
        early = await core.tokens.IssueToken(request)
        clock.advance(timedelta(hours=23))
        late = await core.tokens.IssueToken(request)
        await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))
        listed = await core.clients.ListSecrets(pb.ListSecretsRequest(client_id=client_id))

    assert [False, True] == [answer.HasField("secret_expire_time") for answer in (early, late)]
    assert [NOON + timedelta(hours=47), NOON + _DAY] == [
        secret.expire_time.ToDatetime(NOON.tzinfo) for secret in listed.secrets
    ]

"""Where a channel to the core leads."""

import asyncio

import pytest

from grantway.channel import open_channel, target_of


@pytest.mark.parametrize(
    ("cores", "expected"),
    [
        pytest.param("localhost:50051", "dns:///localhost:50051", id="a-host-name"),
        pytest.param("core.grantway.svc:50051", "dns:///core.grantway.svc:50051", id="a-FQDN"),
        pytest.param("127.0.0.1:50051", "ipv4:127.0.0.1:50051", id="an-IPv4-address"),
        pytest.param("10.0.0.1:1,10.0.0.2:2", "ipv4:10.0.0.1:1,10.0.0.2:2", id="two-IPv4-addresses"),
        pytest.param(" 10.0.0.1:1 , 10.0.0.2:2 ", "ipv4:10.0.0.1:1,10.0.0.2:2", id="spaces-around-addresses"),
        pytest.param("[::1]:50051", "dns:///[::1]:50051", id="an-IPv6-address"),
        pytest.param("10.0.0.1", "dns:///10.0.0.1", id="an-address-without-a-port"),
        pytest.param("dns:///core:50051", "dns:///core:50051", id="a-dns-target-as-it-is"),
        pytest.param("dns://8.8.8.8/core:50051", "dns://8.8.8.8/core:50051", id="a-dns-target-with-a-server-as-it-is"),
        pytest.param("ipv4:10.0.0.1:1,10.0.0.2:1", "ipv4:10.0.0.1:1,10.0.0.2:1", id="an-ipv4-target-as-it-is"),
        pytest.param("ipv6:[::1]:1,[::2]:1", "ipv6:[::1]:1,[::2]:1", id="an-ipv6-target-as-it-is"),
        pytest.param("unix:/run/grantway.sock", "unix:/run/grantway.sock", id="a-socket-as-it-is"),
        pytest.param("unix:///run/grantway.sock", "unix:///run/grantway.sock", id="a-socket-URL-as-it-is"),
        pytest.param("unix-abstract:grantway", "unix-abstract:grantway", id="an-abstract-socket-as-it-is"),
    ],
)
def test_what_names_the_core_becomes_a_target(cores: str, expected: str) -> None:
    """One name is looked up, again and again; addresses are used as they are; a target stays one."""
    assert expected == target_of(cores)


@pytest.mark.parametrize(
    "cores",
    [
        pytest.param("a:1,b:1", id="two-host-names"),
        pytest.param("10.0.0.1:1,b:1", id="an-address-and-a-host-name"),
        pytest.param("10.0.0.1:1,10.0.0.2", id="an-address-without-a-port"),
        pytest.param("10.0.0.1:1,", id="a-comma-at-the-end"),
        pytest.param("[::1]:1,[::2]:1", id="two-IPv6-addresses"),
    ],
)
def test_several_cores_that_gRPC_could_not_all_find_are_refused(cores: str) -> None:  # noqa: N802 - gRPC is its name.
    """What would silently lead to one core only, or to none, says what to write instead."""
    with pytest.raises(ValueError, match="use one host name that resolves to all of them instead"):
        target_of(cores)


async def test_opening_a_channel_calls_nobody() -> None:
    """A channel to nowhere opens and closes; only a call would notice."""
    channel = open_channel("127.0.0.1:1")

    await asyncio.wait_for(channel.close(), timeout=5)

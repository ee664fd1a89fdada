"""Where a core is: what people may write, and what is made of it."""

import pytest

from grantway.addresses import address_to_call, is_loopback, target_of


@pytest.mark.parametrize(
    ("cores", "expected"),
    [
        pytest.param("localhost:50051", "dns:///localhost:50051", id="a-host-name"),
        pytest.param("core.grantway.svc:50051", "dns:///core.grantway.svc:50051", id="a-FQDN"),
        pytest.param("127.0.0.1:50051", "ipv4:127.0.0.1:50051", id="an-IPv4-address"),
        pytest.param("10.0.0.1:1,10.0.0.2:2", "ipv4:10.0.0.1:1,10.0.0.2:2", id="two-IPv4-addresses"),
        pytest.param(" 10.0.0.1:1 , 10.0.0.2:2 ", "ipv4:10.0.0.1:1,10.0.0.2:2", id="spaces-around-addresses"),
        pytest.param("[::1]:50051", "dns:///[::1]:50051", id="an-IPv6-address"),
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


@pytest.mark.parametrize(
    "cores",
    [
        pytest.param("", id="nothing"),
        pytest.param("localhost", id="a-name-without-a-port"),
        pytest.param("10.0.0.1", id="an-address-without-a-port"),
        pytest.param("::1", id="an-IPv6-address-without-brackets"),
        pytest.param("core:", id="an-empty-port"),
        pytest.param("core:0", id="port-0"),
        pytest.param("core:65536", id="a-port-beyond-the-last"),
        pytest.param("10.0.0.1:99999", id="an-address-with-a-port-beyond-the-last"),
        pytest.param("core:grpc", id="a-port-by-name"),
        pytest.param("core:\u0661", id="a-port-in-other-digits"),
        pytest.param("http://core:50051", id="a-URL"),
        pytest.param("a b:50051", id="a-name-with-a-space"),
        pytest.param(":50051", id="a-port-without-a-host"),
        pytest.param("dns:///core", id="a-dns-target-without-a-port"),
        pytest.param("dns:core", id="a-short-dns-target-without-a-port"),
    ],
)
def test_what_names_no_core_is_refused(cores: str) -> None:
    """At once, and not by a call that finds nobody."""
    with pytest.raises(ValueError, match=r"^must be host:port with a port of 1 to 65535, several ip:port"):
        target_of(cores)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("127.0.0.1", "127.0.0.1:50051", id="an-address"),
        pytest.param("core.internal", "core.internal:50051", id="a-name"),
        pytest.param("::1", "[::1]:50051", id="an-IPv6-address-in-brackets"),
        pytest.param("0.0.0.0", "127.0.0.1:50051", id="loopback-for-all-addresses"),  # noqa: S104 - that is the test.
        pytest.param("::", "[::1]:50051", id="loopback-for-all-IPv6-addresses"),
    ],
)
def test_a_listener_is_called_where_it_can_be(host: str, expected: str) -> None:
    """From the same machine."""
    assert expected == address_to_call(host, 50051)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - that is the test.
        ("192.0.2.1", False),
        ("::", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_only(host: str, *, expected: bool) -> None:
    """A name might resolve to anything, but for the one that RFC 6761 section 6.3 reserves."""
    assert expected == is_loopback(host)

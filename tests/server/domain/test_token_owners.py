"""Clients as owners of tokens. Which tokens they accept is in `test_revocations`."""

from dataclasses import replace

from tests.server.samples import NOON, a_client


def test_an_owner_is_made_once_for_each_state_of_a_client() -> None:
    """Another one after a change, which knows nothing of the one before."""
    client = a_client("one", version=b"1")
    owner = client.as_owner
    owner.told = b"told"

    changed = replace(client, name="another", version=b"2").as_owner

    assert owner is client.as_owner
    assert ("another", b"2", b"") == (changed.name, changed.version, changed.told)


def test_clients_to_whom_the_same_was_done_share_a_standing() -> None:
    """And others do not."""
    one, another = a_client("one", disabled_at=None), a_client("another", disabled_at=None)
    disabled = replace(another, disabled_at=NOON)

    assert one.as_owner.standing is another.as_owner.standing
    assert (False, True) == (another.as_owner.standing.disabled, disabled.as_owner.standing.disabled)

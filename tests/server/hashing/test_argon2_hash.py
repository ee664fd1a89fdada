"""Argon2: what is malformed, what it may cost, and on how many threads it runs."""

import threading
from pathlib import Path

import pytest

from grantway_server.domain.foreign_secrets import UnsupportedHash
from grantway_server.hashing.formats import parse

_SALT = "c29tZXNhbHQ"
_DIGEST = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(f"$argon2id$v=18$m=32,t=2,p=4${_SALT}${_DIGEST}", id="a-version-that-never-was"),
        pytest.param(f"$argon2id$v=19$t=2,m=32,p=4${_SALT}${_DIGEST}", id="options-in-another-order"),
        pytest.param(f"$argon2id$v=19$m=32,t=2${_SALT}${_DIGEST}", id="an-option-too-few"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=4,keyid=Zm9v${_SALT}${_DIGEST}", id="an-option-too-many"),
        pytest.param(f"$argon2id$v=19$m=0,t=2,p=4${_SALT}${_DIGEST}", id="no-memory"),
        pytest.param(f"$argon2id$v=19$m=31,t=2,p=4${_SALT}${_DIGEST}", id="too-little-memory-for-the-lanes"),
        pytest.param(f"$argon2id$v=19$m=32,t=0,p=4${_SALT}${_DIGEST}", id="no-passes"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=0${_SALT}${_DIGEST}", id="no-lanes"),
        pytest.param(f"$argon2id$v=19$m=032,t=2,p=4${_SALT}${_DIGEST}", id="a-zero-in-front"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=4$c2FsdA${_DIGEST}", id="a-salt-that-is-too-short"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=4${_SALT}=${_DIGEST}", id="a-padded-salt"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=4${_SALT[:-1]}R${_DIGEST}", id="bits-that-mean-nothing"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=4${_SALT}$AAAAAAAAAAAAAAAAAAAA", id="a-digest-too-short-to-be-safe"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=4${_SALT}$" + "A" * 88, id="a-digest-that-is-too-long"),
        pytest.param(f"$argon2id$v=19$m=32,t=2,p=4${_SALT}", id="without-a-digest"),
        pytest.param(f"argon2$$argon2id$v=19$m=32,t=2,p=4${_SALT}${_DIGEST}", id="Django's-with-two-dollars"),
        pytest.param(f"argon2$argon2d$v=19$m=32,t=2,p=4${_SALT}${_DIGEST}", id="Argon2d-of-Django"),
    ],
)
def test_what_is_malformed_is_refused(stored: str) -> None:
    """Nothing is guessed at."""
    with pytest.raises(UnsupportedHash):
        parse(stored)


@pytest.mark.parametrize(
    ("options", "bound"),
    [
        pytest.param("m=262144,t=8,p=1", None, id="256-MiB-eight-times"),
        pytest.param("m=262145,t=1,p=1", "262144 KiB of memory for Argon2", id="a-KiB-more"),
        pytest.param("m=4294967295,t=1,p=1", "262144 KiB of memory for Argon2", id="all-that-a-machine-has"),
        pytest.param(
            "m=262144,t=9,p=1", "2097152 KiB of memory in all passes of Argon2 together", id="256-MiB-nine-times"
        ),
        pytest.param("m=8,t=262144,p=1", None, id="many-passes-of-little"),
        pytest.param(
            "m=8,t=262145,p=1", "2097152 KiB of memory in all passes of Argon2 together", id="a-pass-more-of-little"
        ),
        pytest.param("m=1024,t=1,p=16", None, id="16-lanes"),
        pytest.param("m=1024,t=1,p=17", "16 lanes of Argon2", id="17-lanes"),
    ],
)
@pytest.mark.parametrize("mark", ["$argon2id$v=19$", "$argon2i$v=16$", "argon2$argon2id$v=19$"])
def test_what_would_cost_too_much_is_refused(mark: str, options: str, bound: str | None) -> None:
    """An imported hash takes 256 MiB and some seconds of a thread at most."""
    stored = f"{mark}{options}${_SALT}${_DIGEST}"
    if bound is None:
        assert parse(stored).format_name
        return
    with pytest.raises(UnsupportedHash) as refused:
        parse(stored)
    assert str(refused.value) == f"secret_hash asks for more than {bound}: give this client a new secret instead."


def _threads() -> int:
    """How many this process has, those of libraries included."""
    return len(list(Path("/proc/self/task").iterdir()))


def test_sixteen_lanes_run_on_the_calling_thread_alone() -> None:
    """How many of the machine's cores a hash takes is not for the hash to say."""
    parsed = parse(f"$argon2id$v=19$m=65536,t=3,p=16${_SALT}${_DIGEST}")
    before = _threads()
    hashing = threading.Thread(target=parsed.matches, args=("x",))
    hashing.start()
    seen = set()
    while hashing.is_alive():
        seen.add(_threads() - before)
    hashing.join()

    assert 1 == max(seen)

"""What is held of answers about tokens, and for how many."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from grantway import held_answers
from grantway.access_token import id_in
from grantway.held_answers import Answer, HeldAnswers
from grantway.v1 import token_service_pb2 as pb
from grantway.verified_token import VerifiedToken, verified_from


def _digest(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


def _token(client_id: str) -> VerifiedToken:
    return verified_from(pb.IntrospectTokenResponse(client_id=client_id), checked_at=datetime.now(UTC))


def _good(number: int, client_id: str = "a") -> Answer:
    return Answer(_digest(number), _token(client_id), asked_at=0)


def _dead(number: int) -> Answer:
    return Answer(_digest(number), None, asked_at=0)


def _found(answers: HeldAnswers, numbers: range) -> set[int]:
    return {number for number in numbers if answers.find(_digest(number)) is not None}


def _revoked_token(number: int) -> pb.Revocation:
    return pb.Revocation(token=pb.RevokedToken(token_id=id_in(_digest(number)).hex()))


def _changed(client_id: str) -> pb.Revocation:
    return pb.Revocation(client=pb.ChangedClient(client_id=client_id))


def test_there_is_room_for_so_many_answers() -> None:
    """And for a tenth as many about tokens that are not good; neither kind takes the room of the other."""
    answers = HeldAnswers(100, told=True)
    for number in range(1_000):
        answers.keep(_good(number), since=answers.moment)
        answers.keep(_dead(-number), since=answers.moment)

    assert len(answers) == 110
    assert _found(answers, range(-999, 1_000)) == {*range(900, 1_000), *range(-999, -989)}


def test_what_is_used_is_kept() -> None:
    """Of 100 answers ten are given again and again; however many others come, those stay."""
    answers = HeldAnswers(100, told=True)
    for number in range(10_000):
        answers.keep(_good(number), since=answers.moment)
        if number % 20 == 0:
            _found(answers, range(10))

    assert set(range(10)) <= _found(answers, range(10))


def test_making_room_takes_no_longer_because_everything_is_used() -> None:
    """A few are passed over, then one goes, used or not."""
    answers = HeldAnswers(1_000, told=True)
    for number in range(1_000):
        answers.keep(_good(number), since=answers.moment)
    _found(answers, range(1_000))
    answers.keep(_good(1_000), since=answers.moment)

    assert set(range(1_001)) - {16} == _found(answers, range(1_001))


def test_a_later_answer_replaces_an_earlier_one() -> None:
    """Whichever way it turned out."""
    answers = HeldAnswers(100, told=True)
    outcomes = []
    for answer in (_good(1), _dead(1), _good(1)):
        answers.keep(answer, since=answers.moment)
        found = answers.find(_digest(1))
        outcomes.append((found is answer, len(answers)))

    assert [(True, 1)] * 3 == outcomes


def test_two_tokens_with_one_name_are_not_confused() -> None:
    """It takes 2^64 tries to make one that bears the name of another; then only the whole digest counts."""
    answers = HeldAnswers(100, told=True)
    answers.keep(_good(1), since=answers.moment)

    assert answers.find(id_in(_digest(1)) + bytes(24)) is None


@pytest.mark.parametrize(
    ("happening", "good_is_held", "dead_is_held"),
    [
        pytest.param(len, True, True, id="nothing"),
        pytest.param(lambda answers: answers.revoke(_revoked_token(1)), False, True, id="its-revocation"),
        pytest.param(lambda answers: answers.revoke(_revoked_token(3)), True, True, id="that-of-another-token"),
        pytest.param(lambda answers: answers.revoke(_changed("a")), False, False, id="a-change-of-its-client"),
        pytest.param(lambda answers: answers.revoke(_changed("b")), True, False, id="a-change-of-another-client"),
        pytest.param(lambda answers: answers.forget(), False, False, id="a-gap"),
        pytest.param(lambda answers: answers.hold_nothing(), False, False, id="another-service"),
    ],
)
@pytest.mark.parametrize("before", [pytest.param(True, id="asked-before"), pytest.param(False, id="held-before")])
def test_what_may_be_overtaken_is_not_held(
    happening: Callable[[HeldAnswers], Any], *, good_is_held: bool, dead_is_held: bool, before: bool
) -> None:
    """Whether it arrives after what happened or before makes no difference."""
    answers = HeldAnswers(100, told=True)
    moment = answers.moment
    if before:
        happening(answers)
    answers.keep(_good(1), since=moment)
    answers.keep(_dead(2), since=moment)
    if not before:
        happening(answers)

    assert (good_is_held, dead_is_held) == (
        answers.find(_digest(1)) is not None,
        answers.find(_digest(2)) is not None,
    )


def test_what_was_asked_after_something_happened_is_held() -> None:
    """It knows of it."""
    answers = HeldAnswers(100, told=True)
    answers.revoke(_revoked_token(1))
    answers.revoke(_changed("a"))
    answers.forget()
    answers.keep(_good(1), since=answers.moment)
    answers.keep(_dead(2), since=answers.moment)

    assert {1, 2} == _found(answers, range(5))


def test_nothing_is_held_until_everything_is_told() -> None:
    """From then on, what was asked for since."""
    answers = HeldAnswers(100, told=False)
    early = answers.moment
    answers.keep(_good(1), since=early)
    answers.forget()
    answers.keep(_good(2), since=early)
    answers.keep(_good(3), since=answers.moment)

    assert {3} == _found(answers, range(5))


def test_after_very_much_has_happened_everything_counts_as_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happened is remembered for so many tokens and clients only."""
    monkeypatch.setattr(held_answers, "_MAX_REMEMBERED", 10)
    answers = HeldAnswers(100, told=True)
    moment = answers.moment
    for number in range(10):
        answers.revoke(_revoked_token(100 + number))
    answers.keep(_good(1), since=moment)
    answers.revoke(_revoked_token(200))
    answers.keep(_good(2), since=moment)
    answers.keep(_good(3), since=answers.moment)

    assert {1, 3} == _found(answers, range(5))


def test_clients_of_which_nothing_is_held_are_forgotten() -> None:
    """However many there are."""
    answers = HeldAnswers(10, told=True)
    for number in range(1_000):
        answers.keep(_good(number, f"client {number}"), since=answers.moment)

    assert len(answers._marks) == 10  # noqa: SLF001 - memory has no other face.

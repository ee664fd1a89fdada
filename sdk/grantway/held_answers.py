"""Answers about tokens, held to be given again, and what a revocation takes away from them.

Rules (why: docs/adr/0023-rules-of-held-answers.md):
1. An answer is held under the digest of its token; the token itself is nowhere.
2. Whoever asks notes the `moment` before. What came back is held only if nothing happened since that concerns it.
3. A token that was revoked takes its answer along; whatever happened to a client takes along all answers about its
   tokens, and all about tokens that are not good, for they may be its.
4. Where revocations may have been missed, everything goes; so it does in a process that was forked.
5. There is room for so many answers, and for a tenth as many about tokens that are not good: whoever invents tokens
   pushes out no good one.

Answers are found on any thread; everything else happens on one.
"""

from collections import OrderedDict
from math import inf
from weakref import WeakValueDictionary

from grantway.access_token import id_in
from grantway.forks import let_go_in_children
from grantway.v1 import token_service_pb2 as pb
from grantway.verified_token import VerifiedToken

_DEAD_SHARE = 10
"""How many good tokens there is room for, for each that is not good."""

_MAX_REMEMBERED = 4096
"""Of how many tokens and clients is known when something happened to them; after that, all reads count as overtaken."""

_MAX_SECOND_CHANCES = 16
"""How many answers in use are passed over, at most, when one has to go."""


class Mark:
    """What all answers about tokens of one client share: whether they still hold."""

    __slots__ = ("__weakref__", "gone")

    def __init__(self) -> None:
        self.gone = False


class Answer:
    """What was answered about a token.

    Attributes:
        digest: The digest of the token.
        token: What it is; None when it is not good.
        asked_at: When the question was asked, on the clock of `elapsed_time`.
        over_at: When the token's time is over, on the same clock.
        expires_at: The same on the wall clock, in seconds since 1970: whichever comes first.
        mark: That of the client.
        used: Whether it was given again since it was last looked at to make room.
    """

    __slots__ = ("asked_at", "digest", "expires_at", "mark", "over_at", "token", "used")

    def __init__(
        self,
        digest: bytes,
        token: VerifiedToken | None,
        *,
        asked_at: float,
        over_at: float = inf,
        expires_at: float = inf,
    ) -> None:
        self.digest = digest
        self.token = token
        self.asked_at = asked_at
        self.over_at = over_at
        self.expires_at = expires_at
        self.mark = _NO_CLIENT
        self.used = False


_NO_CLIENT = Mark()


class HeldAnswers:
    """Holds answers.

    Args:
        max_entries: How many about good tokens.
        told: Whether there is nothing to be told of. If not, nothing is held until `forget` says from when on all
            revocations are told.
    """

    def __init__(self, max_entries: int, *, told: bool) -> None:
        self._max_good = max_entries
        self._max_dead = max(1, max_entries // _DEAD_SHARE)
        # By the part of the digest that revocations name. Not by more: two tokens that share it can only replace each
        # other, and the whole digest is compared.
        self._good: OrderedDict[bytes, Answer] = OrderedDict()
        self._dead: OrderedDict[bytes, Answer] = OrderedDict()
        # A mark lives as long as an answer bears it.
        self._marks: WeakValueDictionary[str, Mark] = WeakValueDictionary()
        self._count = 0
        self._forgotten_at = 0.0 if told else inf
        self._client_changed_at = 0
        self._changed_at: dict[bytes | str, int] = {}
        let_go_in_children(self)

    def __len__(self) -> int:
        return len(self._good) + len(self._dead)

    def find(self, digest: bytes) -> Answer | None:
        """The answer about the token of *digest*; None when none is held, or it holds no longer. On any thread."""
        key = id_in(digest)
        answer = self._good.get(key) or self._dead.get(key)
        if answer is None or answer.digest != digest or answer.mark.gone:
            return None
        answer.used = True
        return answer

    @property
    def moment(self) -> int:
        """The present moment, counted in what happened."""
        return self._count

    def keep(self, answer: Answer, *, since: int) -> None:
        """Holds *answer*, which was asked for at the moment *since*, unless it may be overtaken."""
        key = id_in(answer.digest)
        if since < self._forgotten_at or self._changed_at.get(key, 0) > since:
            return
        if answer.token is None:
            if self._client_changed_at > since:
                return
            self._good.pop(key, None)
            self._dead[key] = answer
            _make_room(self._dead, self._max_dead)
            return
        client_id = answer.token.client_id
        if self._changed_at.get(client_id, 0) > since:
            return
        answer.mark = self._marks.setdefault(client_id, Mark())
        self._dead.pop(key, None)
        self._good[key] = answer
        _make_room(self._good, self._max_good)

    def revoke(self, revocation: pb.Revocation) -> None:
        """Drops what *revocation* makes untrue."""
        kind = revocation.WhichOneof("revoked")
        if kind == "token":
            try:
                key = bytes.fromhex(revocation.token.token_id)
            except ValueError:
                self.forget()  # It names tokens in another way than we do.
                return
            self._good.pop(key, None)
            self._happened(key)
        elif kind in {"tokens", "client"}:
            # The same for both: an answer does not know by which secret its token was obtained.
            client_id = revocation.tokens.client_id if kind == "tokens" else revocation.client.client_id
            if mark := self._marks.pop(client_id, None):
                mark.gone = True
            self._dead.clear()
            self._happened(client_id)
            self._client_changed_at = self._count
        else:
            self.forget()  # A newer core tells of something that this version does not know.

    def forget(self) -> None:
        """Drops everything: revocations may have been missed before this moment, and are told from now on."""
        self._good.clear()
        self._dead.clear()
        self._changed_at.clear()
        self._count += 1
        self._forgotten_at = self._count

    def hold_nothing(self) -> None:
        """Drops everything, and holds nothing until `forget` is called."""
        self.forget()
        self._forgotten_at = inf

    def let_go(self) -> None:
        """Drops everything, in a process that was forked: nobody there will be told of anything."""
        self._good.clear()
        self._dead.clear()

    def _happened(self, to: bytes | str) -> None:
        self._count += 1
        if len(self._changed_at) >= _MAX_REMEMBERED:
            self._changed_at.clear()
            self._forgotten_at = max(self._forgotten_at, self._count)
        self._changed_at[to] = self._count


def _make_room(answers: OrderedDict[bytes, Answer], max_entries: int) -> None:
    """Lets go those that were not given again for long, or any when looking for them takes too long."""
    chances = _MAX_SECOND_CHANCES
    while len(answers) > max_entries:
        key, answer = next(iter(answers.items()))
        if answer.used and not answer.mark.gone and chances:
            chances -= 1
            answer.used = False
            answers.move_to_end(key)
        else:
            del answers[key]

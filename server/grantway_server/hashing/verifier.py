"""Verifies foreign secrets in threads of its own, so that nobody waits for somebody else's slow hash.

Rules:
1. A bounded number of threads hash; a bounded number of clients wait for one, and have turns one after the
   other, however many sources ask about each.
2. Of one client one hash is running, whatever becomes of its callers: a flood of wrong secrets takes one thread at
   most, and delays another client by one hash at most.
3. Of one client a bounded number of sources wait, in the order in which they came, each with one secret: a flood from
   elsewhere delays the owner, and one from many places may turn them away, too, until it is over.
4. Whoever asks the same while it is under way gets the same answer: a client that starts many processes at once is
   verified once, wherever they are.
5. Whoever goes away gives back the place in the queue. A hash that has begun goes on, since nothing can stop it.
6. Answers are remembered: who went away before the answer came gets it at the next try, and a client that goes on
   trying one wrong secret costs one hash.
"""

import asyncio
import hmac
import secrets
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from grantway_server.domain.foreign_secrets import VerifierBusy
from grantway_server.hashing.foreign_hash import ForeignHash
from grantway_server.hashing.formats import parse

_MAX_REMEMBERED = 1024


class _Verification:
    """One hash under way, for all who asked for it."""

    def __init__(self, source: str, question: bytes, stored: ForeignHash, text: str) -> None:
        self.source = source
        self.question = question
        self.stored = stored
        self.text = text
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.callers = 0


class ForeignSecretVerifier:
    """The domain's `ForeignSecrets`. Belongs to one event loop.

    Args:
        threads: How many hash at a time. Each may take 256 MiB for as long as it lasts.
        max_waiting: How many clients may wait for a thread.
        max_sources: From how many sources a client may be waiting.
    """

    def __init__(self, *, threads: int = 2, max_waiting: int = 32, max_sources: int = 32) -> None:
        self._threads = threads
        self._max_waiting = max_waiting
        self._max_sources = max_sources
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="foreign-secrets")
        self._closed = False
        # By client, in the order of their turns; of each in the order in which they came.
        self._waiting: OrderedDict[str, list[_Verification]] = OrderedDict()
        self._running: dict[str, _Verification] = {}
        # What was asked is kept keyed, so that memory holds neither secrets nor anything to guess them by.
        self._key = secrets.token_bytes(32)
        self._answers: OrderedDict[bytes, bool] = OrderedDict()

    def check(self, stored: str) -> None:
        """Whether *stored*, a hash as its system has stored it, can be checked here.

        Raises:
            UnsupportedHash: It cannot.
        """
        parse(stored)

    async def verify(self, stored: str, text: str, *, client_id: str, source: str) -> bool:
        """Whether *text*, presented from *source*, is the secret of *client_id* that *stored* is the hash of.

        Raises:
            UnsupportedHash: *stored* cannot be checked here.
            VerifierBusy: Another secret of this client from this source is being verified, or too many are, or this is
                closed.
        """
        question = hmac.digest(self._key, f"{stored}\0{text}".encode("utf-8", "surrogatepass"), "sha256")
        if question in self._answers:
            self._answers.move_to_end(question)
            return self._answers[question]
        verification = self._under_way(client_id, source, question)
        if verification is None:
            verification = self._begin(client_id, _Verification(source, question, parse(stored), text))
        verification.callers += 1
        try:
            return await asyncio.shield(verification.answer)
        finally:
            verification.callers -= 1
            if not verification.callers and verification in self._waiting.get(client_id, ()):
                self._leave(client_id, verification)

    async def close(self) -> None:
        """Ends the threads. Who waits for one is told that this is busy; hashes that have begun are waited for."""
        self._closed = True
        for waiting in self._waiting.values():
            for verification in waiting:
                verification.answer.set_exception(VerifierBusy())
        self._waiting.clear()
        if self._running:
            await asyncio.wait([verification.answer for verification in self._running.values()])
        self._pool.shutdown()

    def _under_way(self, client_id: str, source: str, question: bytes) -> _Verification | None:
        """The verification that answers *question*, if there is one.

        Raises:
            VerifierBusy: *source* has another one under way.
        """
        of_client = list(self._waiting.get(client_id, ()))
        if client_id in self._running:
            of_client.insert(0, self._running[client_id])
        for verification in of_client:
            if verification.question == question:
                return verification
        if any(verification.source == source for verification in of_client):
            raise VerifierBusy
        return None

    def _begin(self, client_id: str, verification: _Verification) -> _Verification:
        waiting = self._waiting.get(client_id, [])
        must_wait = len(self._running) == self._threads or client_id in self._running
        is_full = len(waiting) >= self._max_sources or (not waiting and len(self._waiting) >= self._max_waiting)
        if self._closed or (must_wait and is_full):
            raise VerifierBusy
        self._waiting[client_id] = [*waiting, verification]
        self._run_next()
        return verification

    def _leave(self, client_id: str, verification: _Verification) -> None:
        """Takes *verification* out of the queue."""
        self._waiting[client_id].remove(verification)
        if not self._waiting[client_id]:
            del self._waiting[client_id]

    def _run_next(self) -> None:
        while len(self._running) < self._threads:
            client_id = next((waiting for waiting in self._waiting if waiting not in self._running), None)
            if client_id is None:
                return
            verification = self._waiting[client_id][0]
            self._waiting.move_to_end(client_id)
            self._leave(client_id, verification)
            self._running[client_id] = verification
            hashing = asyncio.get_running_loop().run_in_executor(
                self._pool, verification.stored.matches, verification.text
            )
            hashing.add_done_callback(partial(self._finished, client_id))

    def _finished(self, client_id: str, hashed: asyncio.Future[bool]) -> None:
        verification = self._running.pop(client_id)
        self._run_next()
        if error := hashed.exception():
            verification.answer.set_exception(error)
            return
        self._answers[verification.question] = hashed.result()
        if len(self._answers) > _MAX_REMEMBERED:
            self._answers.popitem(last=False)
        verification.answer.set_result(hashed.result())

"""Verifies foreign secrets in threads of its own, so that nobody waits for somebody else's slow hash.

Rules:
1. A bounded number of threads hash; a bounded number of clients wait for one, in the order in which they came.
2. Of one client there is one hash under way, waiting or running, whatever becomes of its callers: a flood of wrong
   secrets takes one thread at most, and delays another client by one hash at most.
3. Whoever asks the same while it is under way gets the same answer: a client that starts many processes at once is
   verified once.
4. Whoever goes away gives back the place in the queue. A hash that has begun goes on, since nothing can stop it.
5. Answers are remembered: who went away before the answer came gets it at the next try, and a client that goes on
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

    def __init__(self, question: bytes, stored: ForeignHash, text: str) -> None:
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
    """

    def __init__(self, *, threads: int = 2, max_waiting: int = 32) -> None:
        self._threads = threads
        self._max_waiting = max_waiting
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="foreign-secrets")
        self._closed = False
        self._waiting: OrderedDict[str, _Verification] = OrderedDict()
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

    async def verify(self, stored: str, text: str, *, client_id: str) -> bool:
        """Whether *text* is the secret of *client_id* that *stored* is the hash of.

        Raises:
            UnsupportedHash: *stored* cannot be checked here.
            VerifierBusy: Another secret of this client is being verified, or too many clients' are, or this is closed.
        """
        question = hmac.digest(self._key, f"{stored}\0{text}".encode("utf-8", "surrogatepass"), "sha256")
        if question in self._answers:
            self._answers.move_to_end(question)
            return self._answers[question]
        verification = self._running.get(client_id) or self._waiting.get(client_id)
        if verification is None:
            verification = self._begin(client_id, _Verification(question, parse(stored), text))
        elif verification.question != question:
            raise VerifierBusy
        verification.callers += 1
        try:
            return await asyncio.shield(verification.answer)
        finally:
            verification.callers -= 1
            if not verification.callers and self._waiting.get(client_id) is verification:
                del self._waiting[client_id]

    async def close(self) -> None:
        """Ends the threads. Who waits for one is told that this is busy; hashes that have begun are waited for."""
        self._closed = True
        for verification in self._waiting.values():
            verification.answer.set_exception(VerifierBusy())
        self._waiting.clear()
        if self._running:
            await asyncio.wait([verification.answer for verification in self._running.values()])
        self._pool.shutdown()

    def _begin(self, client_id: str, verification: _Verification) -> _Verification:
        if self._closed or (len(self._running) == self._threads and len(self._waiting) >= self._max_waiting):
            raise VerifierBusy
        self._waiting[client_id] = verification
        self._run_next()
        return verification

    def _run_next(self) -> None:
        while self._waiting and len(self._running) < self._threads:
            client_id, verification = self._waiting.popitem(last=False)
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

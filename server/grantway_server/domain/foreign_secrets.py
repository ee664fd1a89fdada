"""Client secrets of which only the hash of another system is known: what the domain needs of whoever can check one."""

from typing import Protocol


class UnsupportedHash(ValueError):
    """A stored hash is in no form that can be checked here, or would cost too much to check.

    Its text is one public sentence that says what to change, fit for the description of a refusal: printable ASCII
    without quotes and backslashes, and never a copy of input.
    """


class VerifierBusy(Exception):
    """Too much is being verified already, of this client or altogether; nothing is known of the secret. Try later."""


class ForeignSecrets(Protocol):
    """Checks client secrets against the hashes that other systems have stored of them."""

    def check(self, stored: str) -> None:
        """Whether *stored*, a hash as its system has stored it, can be checked here.

        Raises:
            UnsupportedHash: It cannot.
        """

    async def verify(self, stored: str, text: str, *, client_id: str, source: str) -> bool:
        """Whether *text*, presented from *source*, is the secret of *client_id* that *stored* is the hash of.

        May take seconds, and the same of every wrong text; does not hold up the event loop. A caller that cannot wait
        so long may go away and ask again.

        Raises:
            UnsupportedHash: *stored* cannot be checked here.
            VerifierBusy: Another secret of this client from this source is being verified, or too many are.
        """

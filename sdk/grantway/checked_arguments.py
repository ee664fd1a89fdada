"""Arguments that several classes take, judged when they are given: a mistake is told where it was made.

A type checker sees some of them too; but for it a text is also several texts, each of one letter.
"""

import re
from collections.abc import Iterable
from datetime import timedelta

_URL = re.compile(r"(?i:https?)://[^/?#\s]")

DEFAULT_TIMEOUT = timedelta(milliseconds=750)
"""How long one call to the core may take, unless somebody says otherwise."""

DEFAULT_HTTP_TIMEOUT = timedelta(seconds=5)
"""How long one request to the gateway may take, unless somebody says otherwise."""


def checked_address(core: str) -> str:
    """*core* itself, where a `TokenClient` will not do.

    Raises:
        TypeError: It is no text.
    """
    if not isinstance(core, str):
        raise TypeError(
            f"core must be an address here, not {type(core).__name__}; a TokenClient lives on another event loop"
        )
    return core


def checked_url(url: str) -> str:
    """*url*, without a slash at its end.

    Raises:
        TypeError: It is no text.
        ValueError: It is not one of HTTP.
    """
    if _URL.match(checked_text("url", url)) is None:
        raise ValueError("url must begin with https:// or http://, and name a host")
    return url.rstrip("/")


def checked_timeout(timeout: timedelta) -> timedelta:
    """*timeout* itself.

    Raises:
        TypeError: It is no timedelta.
        ValueError: It leaves no time.
    """
    if not isinstance(timeout, timedelta):
        raise TypeError(f"timeout must be a timedelta, like timedelta(seconds=5), not {type(timeout).__name__}")
    if timeout <= timedelta():
        raise ValueError("timeout must be more than 0")
    return timeout


def checked_count(name: str, value: int) -> int:
    """*value* itself, which is given as *name* and says how many there may be.

    Raises:
        TypeError: It is no int.
        ValueError: There could be none.
    """
    if type(value) is not int:  # Nor a bool, which is an int to Python.
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1")
    return value


def checked_audiences(audiences: str | Iterable[str]) -> tuple[str, ...]:
    """*audiences* one by one; a text is one of them.

    Raises:
        TypeError: They, or one of them, are no text.
        ValueError: One of them is empty: what was meant to narrow would narrow nothing.
    """
    try:
        each = (audiences,) if isinstance(audiences, str) else tuple(audiences)
    except TypeError:
        raise TypeError(f"audiences must be texts, not {type(audiences).__name__}") from None
    if not all(isinstance(audience, str) for audience in each):
        raise TypeError("audiences must be texts")
    if not all(each):
        raise ValueError("an audience must not be empty: leave audiences out where there are none")
    return each


def checked_text(name: str, value: str) -> str:
    """*value* itself, which is given as *name*; like a secret from a variable that is not set.

    Raises:
        TypeError: It is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, not {type(value).__name__}")
    return value


def checked_scope(scope: str) -> str:
    """*scope* itself.

    Raises:
        TypeError: It is not one text.
    """
    if not isinstance(scope, str):
        raise TypeError('scope must be one text, with spaces between the scopes, like "orders:read orders:write"')
    return scope


def scopes_in(scopes: str | Iterable[str]) -> tuple[str, ...]:
    """*scopes* one by one; a text holds them with spaces between, as everywhere in OAuth."""
    return tuple(scopes.split() if isinstance(scopes, str) else scopes)

"""The log of a process: one JSON object per line on standard error.

No secret and no token is ever given to it. An exception is logged by its type and where it came from, never by its
text or by values of variables, which may hold what a client sent.
"""

import logging
import sys
import traceback
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger


def configure_logs() -> None:
    """Sets structlog up for this process, and sends what libraries have to say through it."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            cause_for_exception,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[_ToStructlog()], level=logging.WARNING, force=True)


def log_loop_error(_: AbstractEventLoop, context: dict[str, Any]) -> None:
    """What went wrong outside of any request. asyncio's own handler would print objects, and what they hold."""
    error = context.get("exception")
    # With an exception the message names what was called, arguments and all.
    structlog.get_logger().error("event loop error", message=None if error else context["message"], exc_info=error)


def cause_for_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Puts "cause" in the place of an exception."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["cause"] = list(_cause(error))
    return event


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """*error* and what it came from, the outermost first."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _cause(error: BaseException) -> Iterator[str]:
    """One line for each exception of the chain: its type, then the frames it went through."""
    for link in chain_of(error):
        frames = traceback.extract_tb(link.__traceback__)
        where = " > ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in frames)
        yield f"{type(link).__qualname__}: {where}"


class _ToStructlog(logging.Handler):
    """Hands the records of the standard library's logging on."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or False
        )

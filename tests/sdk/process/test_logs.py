"""The log: JSON lines that hold no text of an exception and no value of a variable."""

import asyncio
import logging
import re

import structlog

from grantway.process.logs import log_loop_error
from tests.log_reader import StartLog


def _fail(text: str = "canary") -> None:
    raise ValueError(text)


def test_an_event_is_one_line_whatever_it_holds(start_log: StartLog) -> None:
    """CWE-117: no value can begin a line of its own."""
    read_log = start_log()
    structlog.get_logger().info("hello", value='a\r\nb\x1b"')

    (line,) = read_log()
    assert ("hello", "info", 'a\r\nb\x1b"') == (line["event"], line["level"], line["value"])


def test_an_exception_is_logged_by_its_type_and_frames(start_log: StartLog) -> None:
    """Its text may hold what a client sent."""
    read_log = start_log()
    try:
        _fail()
    except ValueError:
        structlog.get_logger().exception("failed")

    (line,) = read_log()
    (cause,) = line["cause"]
    here = re.escape(__file__)
    assert re.fullmatch(
        rf"ValueError: test_an_exception_is_logged_by_its_type_and_frames \({here}:\d+\) > _fail \({here}:\d+\)", cause
    )


def test_what_libraries_log_goes_the_same_way(start_log: StartLog) -> None:
    """With the name of the library; what is less than a warning goes nowhere."""
    read_log = start_log()
    logging.getLogger("library").info("nobody hears this")
    logging.getLogger("library").warning("a %s", "warning")
    try:
        _fail()
    except ValueError:
        logging.getLogger("uvicorn.error").exception("failed")

    first, second = read_log()
    assert ("a warning", "warning", "library") == (first["event"], first["level"], first["logger"])
    assert ("failed", "error", "uvicorn.error") == (second["event"], second["level"], second["logger"])
    assert "canary" not in str(second)


async def test_what_goes_wrong_outside_of_requests_goes_the_same_way(start_log: StartLog) -> None:
    """Asyncio itself would print the task, and with it the text of its exception."""
    read_log = start_log()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_error)

    loop.call_soon(_fail, "canary")
    await asyncio.sleep(0)

    (line,) = read_log()
    assert ("event loop error", "error") == (line["event"], line["level"])
    assert "canary" not in str(line)

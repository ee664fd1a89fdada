"""Reads the log of the processes as it is written: JSON lines on standard error, and nothing on standard output."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from grantway.process.logs import configure_logs

ReadLog = Callable[[], list[dict[str, Any]]]
StartLog = Callable[[], ReadLog]


def log_starter(capfd: pytest.CaptureFixture[str]) -> Iterator[StartLog]:
    """Yields what starts the log; what that returns reads it, line by line. At the end logging is as it was."""
    handlers = logging.getLogger().handlers[:]

    def read() -> list[dict[str, Any]]:
        output, errors = capfd.readouterr()
        assert "" == output
        return [json.loads(line) for line in errors.splitlines()]

    def start() -> ReadLog:
        configure_logs()  # In the test itself: pytest gives it another standard error than its fixtures.
        return read

    yield start
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers

"""Runs `grantway` in this process: the real command tree against a real core, without the start of an interpreter."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from grantway.cli.app import run


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    exit_code: int
    output: str
    errors: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.output)


class CommandLine:
    """Runs commands with the environment variables that it is given and no other of Grantway's."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]
    ) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    def set(self, name: str, value: str) -> None:
        """Sets one more variable, or another value of one."""
        self._monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str, stdin: str | bytes = "") -> Ran:
        """Runs one command line."""
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        self._capsys.readouterr()
        exit_code = run(arguments)
        return Ran(exit_code, *self._capsys.readouterr())

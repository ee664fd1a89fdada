"""Settings of a process: read from the environment once, all that is wrong said together."""

import os
import sys
from typing import NoReturn, Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from grantway.process.expectations import expectation
from grantway.process.unknown_variables import unknown_variables

_PREFIX = "GRANTWAY_"
_EXIT_CODE = 2


class BadSettings(Exception):
    """Some variables are wrong.

    Attributes:
        problems: One line for each: the variable, what is wrong with it, what to change. Never holds a value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def exit(self, program: str) -> NoReturn:
        """Ends the process: the problems of *program* on standard error, a line for each; exit code 2."""
        for problem in self.problems:
            sys.stderr.write(f"{program}: {problem}\n")
        sys.exit(_EXIT_CODE)


class FaultOf(ValueError):
    """What the validator of one field finds wrong with the *field* that is named, which was validated before."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class EnvironmentSettings(BaseSettings):
    """Each field is the variable `GRANTWAY_` + its name in upper case; an empty variable is an unset one."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    @classmethod
    def from_env(cls) -> Self:
        """The settings that the environment holds.

        Raises:
            BadSettings: All that is wrong, together.
        """
        try:
            return cls()
        except ValidationError as error:
            problems = []
            for problem in error.errors(include_input=False, include_url=False):
                name = str(problem["loc"][0])
                if problem["type"] == "value_error":
                    fault = problem["ctx"]["error"]
                    text = str(fault)
                    name = fault.field if isinstance(fault, FaultOf) else name
                else:  # pydantic's own words are for who wrote the field, not for who set the variable.
                    text = expectation(cls.model_fields[name])
                problems.append(f"{_PREFIX}{name.upper()}: {text}")
            # The cause may be a misspelled name: what is set is then told to be missing.
            raise BadSettings([*problems, *unknown_variables(os.environ)]) from None

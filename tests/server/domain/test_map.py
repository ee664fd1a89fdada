"""The docstring of the domain is a map of it."""

import re
from collections import Counter
from pathlib import Path

from grantway_server import domain


def test_every_module_is_on_the_map_once() -> None:
    """Whoever adds a module says what it belongs to; who takes one away, too."""
    modules = {path.stem for path in Path(str(domain.__file__)).parent.glob("*.py")} - {"__init__"}

    assert Counter(modules) == Counter(re.findall(r"`(\w+)`", str(domain.__doc__)))

"""What options of the command line take."""

import argparse
import math


def count(text: str) -> int:
    """How often or how much, from 1 on."""
    if not text.isdecimal() or not int(text):
        msg = "give a whole number, 1 or more"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def counts(text: str) -> tuple[int, ...]:
    """Several of them, with commas between."""
    return tuple(count(word) for word in text.split(","))


def minutes(text: str) -> float:
    """How long."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < math.inf:
        msg = "give a number above 0"
        raise argparse.ArgumentTypeError(msg)
    return number

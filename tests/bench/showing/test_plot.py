"""The drawing."""

from xml.etree import ElementTree as ET

import pytest

from bench.showing.plot import performance, spread_out, told_apart
from bench.systems.ours import HTTP_FORM
from bench.systems.python_peers import AUTHLIB
from bench.systems.system import HTTP_FLOOR


@pytest.mark.parametrize(
    ("ends", "places"),
    [([], []), ([10.0], [10.0]), ([10.0, 100.0], [10.0, 100.0]), ([10.0, 12.0, 13.0], [10.0, 15.0, 20.0])],
)
def test_labels_keep_their_distance(ends: list[float], places: list[float]) -> None:
    """And stay where they are when there is room."""
    assert spread_out(ends, 5) == places


def test_lines_are_told_apart_where_no_other_is_near() -> None:
    """There a point has its cost beside it."""
    assert told_apart([10.0, 50.0, 55.0], 20) == [True, False, False]


def _texts(drawing: str) -> list[str | None]:
    return [element.text for element in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - our own.


def test_the_drawing_is_xml_and_says_what_it_costs() -> None:
    """At both ends everything, between them where there is room, whoever is ahead there."""
    costs = {
        HTTP_FORM: {1: 606.0, 8: 103.0, 128: 55.4},
        HTTP_FLOOR: {1: 51.0, 8: 37.0, 128: 36.0},
        AUTHLIB: {1: 607.0, 8: 104.0, 128: 800.0},
    }
    texts = _texts(performance(costs, "a <note> & more"))
    assert {"Grantway: 55", "floor: HTTP only: 36", "Authlib, Flask: 800"} <= set(texts)
    assert {"606", "607", "51", "37"} <= set(texts)
    assert not {"103", "104"} & set(texts)
    assert "a <note> & more" in texts


def test_one_concurrency_can_be_drawn_too() -> None:
    """A run may have one only."""
    assert "Grantway: 606" in _texts(performance({HTTP_FORM: {1: 606.0}}, ""))

"""The drawing."""

from xml.etree import ElementTree as ET

import pytest

from bench.plot import performance, spread_out
from bench.systems.floors import HTTP_FLOOR
from bench.systems.ours import HTTP_FORM


@pytest.mark.parametrize(
    ("ends", "places"),
    [([], []), ([10.0], [10.0]), ([10.0, 100.0], [10.0, 100.0]), ([10.0, 12.0, 13.0], [10.0, 15.0, 20.0])],
)
def test_labels_keep_their_distance(ends: list[float], places: list[float]) -> None:
    """And stay where they are when there is room."""
    assert spread_out(ends, 5) == places


def test_the_drawing_is_xml_and_says_what_it_costs() -> None:
    """A label is the system and its cost where most requests are under way."""
    drawing = performance({HTTP_FORM: {1: 600.0, 128: 55.4}, HTTP_FLOOR: {1: 50.0, 128: 36.0}}, "a <note> & more")
    texts = [element.text for element in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    assert "Grantway: 55" in texts
    assert "a <note> & more" in texts

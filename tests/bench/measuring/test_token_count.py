"""Whether tokens are accounted for."""

import pytest

from bench.measuring.token_count import TokenCount


@pytest.mark.parametrize(
    ("stored", "made", "missing", "surplus"),
    [
        pytest.param(100, 100, 0, 0, id="each answered token is there"),
        pytest.param(108, 108, 0, 0, id="those under way at the end cost their part as well"),
        pytest.param(97, 100, 3, 0, id="three were answered and not kept"),
        pytest.param(110, 110, 0, 2, id="two more than can have been under way: nobody asked for them"),
        pytest.param(None, 100, 0, 0, id="nothing counts them"),
    ],
)
def test_tokens_are_accounted_for(stored: int | None, made: int, missing: int, surplus: int) -> None:
    """A hundred were answered, with eight under way at any moment."""
    count = TokenCount(answered=100, stored=stored, under_way=8)
    assert (count.made, count.missing, count.surplus) == (made, missing, surplus)

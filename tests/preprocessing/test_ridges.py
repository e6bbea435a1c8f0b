"""ridges: parts of one line are joined, parts of two are not."""

import numpy as np
import pytest

from inkread.preprocessing.ridges import Ridge, continued

SIZE = 20.0


def ridge(first: int, rows: list[float]) -> Ridge:
    """A ridge with a row every 20 columns."""
    return Ridge(first + 20.0 * np.arange(len(rows)), np.array(rows), np.ones(len(rows)))


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([60, 60, 60, 60, 60], 1),
        ([69, 69, 69, 69, 69], 1),  # the other word stands a little lower
        ([47, 52, 60, 64, 66], 1),  # it begins with a sign that stands high
        ([47, 47, 47, 47, 47], 2),  # all of it stands high
        ([20, 40, 60, 80, 100], 2),  # as high on average, elsewhere where they meet
        ([95, 95, 95, 95, 95], 2),
    ],
)
def test_words_one_behind_the_other_are_one_line_where_they_stand_as_high(rows: list[float], lines: int) -> None:
    found = continued([ridge(0, [60, 60, 60, 60]), ridge(100, rows)], SIZE)
    assert len(found) == lines
    assert sum(len(one.columns) for one in found) == 9
    assert all((np.diff(one.columns) > 0).all() for one in found)

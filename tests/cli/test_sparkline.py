"""A curve in one line of text."""

import math

from hypothesis import given
from hypothesis import strategies as st

from gambol.cli.sparkline import BARS, sparkline


class TestSparkline:
    def test_it_goes_from_the_lowest_bar_to_the_highest(self):
        assert sparkline([10 ** (-place) for place in range(8)]) == BARS[::-1]

    def test_a_flat_curve_is_flat_and_none_is_none(self):
        assert sparkline([3.0, 3.0]) == BARS[0] * 2
        assert sparkline([]) == sparkline([None, math.nan, -1.0, 0.0]) == ""

    def test_what_is_no_number_leaves_a_gap(self):
        assert sparkline([1.0, None, 2.0]) == f"{BARS[0]} {BARS[-1]}"

    @given(st.lists(st.one_of(st.none(), st.floats()), max_size=200), st.integers(1, 60))
    def test_it_is_never_longer_than_asked(self, values, width):
        line = sparkline(values, width)
        assert len(line) <= min(width, len(values)) and set(line) <= {*BARS, " "}

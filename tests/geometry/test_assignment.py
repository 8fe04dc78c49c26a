from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gambol.geometry.assignment import assign

costs = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-100, 100))


class TestAssign:
    def test_the_smallest_total_wins_over_the_smallest_pair(self):
        # (0, 0) is the cheapest pair, but then (1, 1) costs 10: 1 + 10 > 2 + 3
        assert assign(np.array([[1.0, 2.0], [3.0, 10.0]])) == [(0, 1), (1, 0)]

    def test_more_rows_than_columns_leaves_the_dearest_over(self):
        assert assign(np.array([[5.0], [1.0], [3.0]])) == [(1, 0)]

    def test_no_pair_is_worse_than_the_worst(self):
        assert assign(np.array([[1.0, 9.0], [9.0, 9.0]]), worst=5) == [(0, 0)]

    def test_the_worst_itself_is_still_good(self):
        assert assign(np.array([[5.0]]), worst=5) == [(0, 0)]

    def test_impossible_pairs_are_never_made(self):
        assert assign(np.array([[np.nan, 1.0], [np.inf, np.nan]])) == [(0, 1)]
        assert assign(np.full((2, 2), np.nan)) == []

    def test_two_dear_pairs_are_better_than_a_cheap_one(self):
        assert assign(np.array([[0.0, 100.0], [100.0, np.nan]])) == [(0, 1), (1, 0)]

    def test_nothing_to_assign(self):
        assert assign(np.empty((0, 3))) == []

    @given(costs)
    def test_as_good_as_trying_everything(self, table):
        table = table if len(table) <= table.shape[1] else table.T
        best = min(sum(table[row, column] for row, column in enumerate(order))
                   for order in permutations(range(table.shape[1]), len(table)))  # fmt: skip
        assert np.isclose(sum(table[pair] for pair in assign(table)), best)

    @given(costs, st.floats(-100, 100))
    def test_as_many_pairs_as_can_be(self, table, worst):
        pairs = assign(table, worst)
        assert all(table[pair] <= worst for pair in pairs)
        free_rows = set(range(len(table))) - {row for row, _ in pairs}
        free_columns = set(range(table.shape[1])) - {column for _, column in pairs}
        assert not any(table[row, column] <= worst for row in free_rows for column in free_columns)

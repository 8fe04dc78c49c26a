import numpy as np

from gambol.geometry.anchors import anchor_points

NAN = np.nan
FLY = np.array([[[0, 0], [2, 8], [10, 4]]], float)  # box 0..10 x 0..8, mean (4, 4)


class TestAnchorPoints:
    def test_the_anchor_node_where_it_is_visible(self):
        assert anchor_points(FLY, anchor=1).tolist() == [[2, 8]]

    def test_without_an_anchor_the_middle_of_the_box(self):
        assert anchor_points(FLY, anchor=None).tolist() == [[5, 4]]

    def test_without_an_anchor_the_mean_if_asked_for(self):
        assert anchor_points(FLY, anchor=None, fallback="mean").tolist() == [[4, 4]]

    def test_a_hidden_anchor_falls_back_on_the_visible_nodes(self):
        hidden = FLY.copy()
        hidden[0, 1] = NAN
        assert anchor_points(hidden, anchor=1).tolist() == [[5, 2]]
        assert anchor_points(hidden, anchor=1, fallback="mean").tolist() == [[5, 2]]

    def test_each_animal_for_itself(self):
        hidden = FLY.copy()
        hidden[0, 0] = NAN
        assert anchor_points(np.concatenate([FLY, hidden]), anchor=0).tolist() == [[0, 0], [6, 6]]

    def test_nothing_visible_has_no_anchor(self):
        nothing = np.full((1, 3, 2), NAN)
        assert np.isnan(anchor_points(nothing, 0)).all()
        assert np.isnan(anchor_points(nothing, None, "mean")).all()

"""Labels that cannot be trained on are refused, in words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gambol.errors import LabelsError
from gambol.labels.checks import doubt_nodes, require_trainable
from gambol.labels.columns import PREDICTED, empty_columns
from gambol.labels.skeleton import Skeleton

PROJECT = Path("beetles.slp")


class TestRequireTrainable:
    def test_gives_the_labels_that_teach(self, beetles):
        assert require_trainable(beetles, PROJECT).points[:, 0, 0].tolist() == [0, 10, 40]

    def test_refuses_a_project_without_labels(self, beetles):
        with pytest.raises(LabelsError, match=r"beetles\.slp has no labelled animals"):
            require_trainable(empty_columns(beetles.skeleton, beetles.videos), PROJECT)

    def test_refuses_a_project_of_predictions_alone(self, beetles):
        with pytest.raises(LabelsError, match="only predictions"):
            require_trainable(beetles.only(PREDICTED), PROJECT)

    @pytest.mark.parametrize("change", [
        lambda columns: replace(columns, points=np.full_like(columns.points, np.nan)),
        lambda columns: replace(columns, visible=np.zeros_like(columns.visible))])
    def test_refuses_labels_of_which_nothing_is_visible(self, beetles, change):
        with pytest.raises(LabelsError, match="visible"):
            require_trainable(change(beetles), PROJECT)

    def test_refuses_two_nodes_of_one_name(self, beetles):
        twins = replace(beetles, skeleton=Skeleton(("nose", "ear", "ear")))
        with pytest.raises(LabelsError, match="more than one node called ear"):
            require_trainable(twins, PROJECT)

    def test_says_what_happened_why_it_matters_and_what_to_do(self, beetles):
        with pytest.raises(LabelsError) as refusal:
            require_trainable(beetles.only(PREDICTED), PROJECT)
        assert str(refusal.value).count(". ") == 2


class TestDoubtNodes:
    def test_labels_that_show_each_node_somewhere_leave_no_doubt(self, beetles):
        assert doubt_nodes(beetles) == []

    def test_nodes_that_none_of_the_labels_shows_are_named(self, beetles):
        visible = beetles.visible.copy()
        visible[:, 1] = False
        [text] = doubt_nodes(replace(beetles, visible=visible))
        assert f"The node {beetles.skeleton.nodes[1]} is labelled in none" in text
        assert text.count(". ") == 2 and text.endswith(".")

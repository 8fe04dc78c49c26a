"""On which frames a run was scored."""

from dataclasses import replace

import numpy as np
import pytest

from gambol.formats import load, save
from gambol.runs.scored import fingerprint, part_facts


@pytest.fixture
def labels(geckos):
    return load(geckos.labels)


class TestFingerprint:
    def test_it_is_the_same_wherever_the_file_lies(self, labels, tmp_path):
        moved = replace(labels, videos=[type(labels.videos[0])(path=tmp_path / labels.videos[0].name)])
        save(labels, tmp_path / "again.slp")
        assert fingerprint(moved) == fingerprint(load(tmp_path / "again.slp")) == fingerprint(labels)

    @pytest.mark.parametrize("change", ["frame", "point", "visible", "animal"])
    def test_other_frames_or_poses_have_another_one(self, labels, geckos, change):
        other = load(geckos.labels)
        if change == "frame":
            other = other.select_frames(np.arange(1, len(other)))
        elif change == "point":
            other.points[3, 2] += 0.5
        elif change == "visible":
            other.visible[3, 2] = ~other.visible[3, 2]
        else:
            other.points[0], other.points[2] = other.points[2].copy(), other.points[0].copy()
        assert fingerprint(other) != fingerprint(labels)

    def test_neither_the_order_of_animals_nor_that_of_nodes_matters(self, labels, geckos):
        other = load(geckos.labels)
        rows = other.rows_at(0)
        for values in (other.points, other.visible):
            values[rows] = values[rows][::-1].copy()
        assert fingerprint(other) == fingerprint(labels)


class TestPartFacts:
    def test_frames_and_animals_are_counted(self, geckos, tmp_path):
        assert part_facts(geckos.labels, {}, known_again=False) == {"frames": 10, "animals": 20}
        assert part_facts(geckos.labels, {}, known_again=True)["fingerprint"]

    def test_labels_are_not_read_where_figures_tell(self, tmp_path):
        figures = {"frames": 3, "instances": 4}
        assert part_facts(tmp_path / "gone.slp", figures, known_again=False) == {"frames": 3, "animals": 4}
        assert part_facts(tmp_path / "gone.slp", figures, known_again=True) is None

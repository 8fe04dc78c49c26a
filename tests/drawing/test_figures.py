import cv2
import numpy as np
import pytest

from gambol.drawing.figures import error_per_node
from gambol.errors import OutputError


class TestErrorPerNode:
    def test_makes_a_row_for_every_node_also_for_one_never_found(self, tmp_path):
        rng = np.random.default_rng(0)
        few, many = ({f"node {n}": rng.random(50) for n in range(count)} | {"lost": np.array([np.nan])}
                     for count in (2, 12))
        error_per_node(few, tmp_path / "few.png")
        error_per_node(many, tmp_path / "many.png", title="Everything")
        small, large = (cv2.imread(str(tmp_path / name)) for name in ("few.png", "many.png"))
        assert large.shape[0] > 1.5 * small.shape[0] and large.shape[1] == small.shape[1]

    def test_the_suffix_chooses_the_format(self, tmp_path):
        error_per_node({"near": np.full(9, 1.0), "far": np.full(9, 4.0)}, tmp_path / "figure.svg")
        assert "<svg" in (tmp_path / "figure.svg").read_text()

    def test_works_with_nothing_to_show(self, tmp_path):
        error_per_node({}, tmp_path / "figure.png")
        assert (tmp_path / "figure.png").exists()

    def test_leaves_no_figure_open(self, tmp_path):
        from matplotlib import pyplot

        error_per_node({"nose": np.array([1.0, 2.0])}, tmp_path / "figure.png")
        assert not pyplot.get_fignums()

    def test_says_so_when_it_cannot_write(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputError):
            error_per_node({"nose": np.ones(3)}, tmp_path / "file" / "figure.png")

"""The figure of a learning curve."""

import numpy as np
import pytest

from gambol.drawing.learning import FORMATS, learning_figure
from gambol.video.reader import open_video


def curve(pipeline: str, *points: tuple[int, float | None]) -> dict:
    known = [{"labels": labels, "median": error, "mAP": None if error is None else 1 / error, "runs": 1, "run": "a"}
             for labels, error in points]
    return {"pipeline": pipeline, "backbone": "unet", "points": known, "runs": [*known, *known]}


class TestLearningFigure:
    def test_it_is_a_picture_with_something_on_it(self, tmp_path):
        learning_figure([curve("single", (10, 5.0), (20, 3.0)), curve("top-down", (20, None))], "7 val frames",
                        tmp_path / "curve.png")
        with open_video(tmp_path / "curve.png") as reader:
            image = reader.read(0, channels=3)
        assert image.shape[0] > 400 and image.shape[1] > 1000
        assert len(np.unique(image.reshape(-1, 3), axis=0)) > 50

    @pytest.mark.parametrize("suffix", FORMATS)
    def test_the_name_tells_the_format(self, tmp_path, suffix):
        beginnings = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
        learning_figure([curve("single", (10, 5.0), (20, 3.0))], "7 val frames", tmp_path / f"curve{suffix}")
        assert (tmp_path / f"curve{suffix}").read_bytes().startswith(beginnings[suffix])

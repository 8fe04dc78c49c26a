"""Pictures of an evaluation."""

import numpy as np
import pytest

from gambol.cli.figures import worst_frames, write_report
from gambol.evaluation.report import evaluate
from gambol.formats import load
from gambol.labels.columns import PREDICTED
from gambol.video.reader import open_video


@pytest.fixture
def compared(geckos):
    """The truth, and predictions that miss by 5 px in the first frame alone."""
    truth, predicted = load(geckos.labels), load(geckos.labels)
    predicted.kinds[:] = PREDICTED
    predicted.scores[:], predicted.point_scores[:] = 1, 1
    predicted.points[predicted.rows(0, 0)] += 5
    return evaluate(truth, predicted), truth, predicted


class TestPictures:
    def test_the_worst_frames_are_shown(self, compared, geckos):
        sheet = worst_frames(*compared, geckos.labels.parent)
        assert sheet.dtype == np.uint8
        assert sheet.std() > 5

    def test_one_picture_shows_nodes_above_and_frames_below(self, compared, geckos, tmp_path):
        write_report(*compared, geckos.labels.parent, tmp_path / "report.png")
        below = worst_frames(*compared, geckos.labels.parent)
        with open_video(tmp_path / "report.png") as reader:
            picture = reader.read(0, channels=3)
        assert np.array_equal(picture[-below.shape[0]:], below)
        assert picture.shape[0] > below.shape[0]
        assert [path.name for path in tmp_path.iterdir()] == ["report.png"]

    def test_without_any_prediction_there_is_still_a_picture(self, geckos, tmp_path):
        truth, nothing = load(geckos.labels), load(geckos.labels)
        nothing = nothing.select_rows(np.zeros(len(nothing.kinds), bool))
        write_report(evaluate(truth, nothing), truth, nothing, geckos.labels.parent, tmp_path / "report.png")
        assert (tmp_path / "report.png").stat().st_size > 1000

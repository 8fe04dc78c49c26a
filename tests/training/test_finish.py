"""After the last step: predictions and figures for each part of the split."""

import json

import numpy as np
import pytest

from gambol.evaluation.report import evaluate
from gambol.formats import load
from gambol.labels.columns import PREDICTED
from gambol.runs.layout import RunFolder


@pytest.mark.parametrize("part", ["train", "val"])
class TestFinish:
    def test_every_frame_of_the_part_is_predicted(self, trained, part):
        folder = RunFolder(trained.run)
        labels, predicted = load(folder.labels(part)), load(folder.predictions(part))
        assert np.array_equal(predicted.frame_index, labels.frame_index)
        assert (predicted.kinds == PREDICTED).all()

    def test_figures_are_those_of_the_files(self, trained, part):
        folder = RunFolder(trained.run)
        figures = evaluate(load(folder.labels(part)), load(folder.predictions(part))).as_json()
        kept = json.loads(folder.metrics(part).read_text())
        assert kept["frames"] == figures["frames"]
        assert kept["missed_points"] == figures["missed_points"]
        assert trained.events[-1].data["metrics"][part]["pck"] == kept["pck"]

    def test_progress_is_told_frame_by_frame(self, trained, part):
        told = [event.data for event in trained.events if event.data.get("phase") == f"metrics ({part})"]
        assert [data["done"] for data in told] == list(range(1, told[0]["total"] + 1))

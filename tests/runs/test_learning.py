"""Accuracy against the number of labelled frames."""

import json
from pathlib import Path

import pytest

from gambol.errors import GambolError
from gambol.runs.learning import learning_curves

FOLDER = Path("models")


@pytest.fixture
def made():
    """Facts about a run that learnt from so many frames, and was scored on some."""

    def make(name, labels, error, frames="a", pipeline="single"):
        figures = {"oks": {"mAP": 1 - error / 10}, "error_px": {"median": error}, "frames": 7}
        return {
            "path": f"models/{name}", "pipeline": pipeline, "stages": [{"backbone": {"kind": "unet"}}],
            "labels": {"train": {"frames": labels}, "val": {"frames": 7, "fingerprint": frames}},
            "accuracy": {"val": figures}}

    return make


class TestLearningCurves:
    def test_one_for_each_pipeline_and_backbone_by_number_of_frames(self, made):
        runs = [made("a", 40, 2.0), made("b", 10, 5.0), made("c", 20, 3.0, pipeline="top-down")]
        curves = learning_curves(runs, FOLDER)
        assert (curves["part"], curves["frames"], curves["left_out"]) == ("val", 7, [])
        single, top_down = curves["curves"]
        assert [(point["labels"], point["median"]) for point in single["points"]] == [(10, 5.0), (40, 2.0)]
        assert [point["labels"] for point in top_down["points"]] == [20]
        json.dumps(curves)

    def test_of_runs_with_as_many_frames_the_middle_one_counts(self, made):
        runs = [made("a", 10, 5.0), made("b", 10, 9.0), made("c", 10, 4.0), made("d", 20, 2.0)]
        [curve] = learning_curves(runs, FOLDER)["curves"]
        assert curve["points"][0] == {"labels": 10, "runs": 3, "median": 5.0, "mAP": 0.5}
        assert len(curve["runs"]) == 4

    def test_runs_on_other_frames_are_left_out(self, made):
        runs = [made("a", 10, 5.0, "b"), made("b", 10, 5.0), made("c", 20, 3.0), {**made("d", 40, 1.0), "accuracy": {}}]
        curves = learning_curves(runs, FOLDER)
        assert curves["left_out"] == ["models/a", "models/d"]

    @pytest.mark.parametrize("case", ["none", "one size", "other frames", "other pipeline"])
    def test_without_two_numbers_of_frames_there_is_none(self, made, case):
        runs = {"none": [], "one size": [made("a", 10, 5.0), made("b", 10, 4.0)],
                "other frames": [made("a", 10, 5.0), made("b", 20, 4.0, "b")],
                "other pipeline": [made("a", 10, 5.0), made("b", 20, 4.0, pipeline="top-down")]}[case]
        with pytest.raises(GambolError, match="at least two such points") as refusal:
            learning_curves(runs, FOLDER)
        assert len(str(refusal.value).split(". ")) == 3

"""`gambol demo`: the whole cycle without any data."""

import pytest

from gambol.formats import load
from gambol.inference.predict import Progress
from gambol.runs.events import Event

MADE = {
    "video.mp4", "truth.slp", "labels.slp", "model", "predictions.slp", "overlay.mp4", "poses.png", "report.png",
}


@pytest.fixture
def perfect_model(monkeypatch):
    """Training that makes a folder, and predictions that are the truth: the rest of the demo is real."""

    def run(job):
        assert job.pipeline.kind == "top-down"
        job.out.mkdir()
        yield Event("phase", None, {"phase": "load"})

    def predict(request):
        from gambol.formats import save
        from gambol.labels.columns import PREDICTED

        found = load(request.source.with_name("truth.slp"))
        found.kinds[:] = PREDICTED
        found.scores[:], found.point_scores[:] = 1, 1
        save(found, request.output)
        yield Progress(len(found), len(found), len(found.kinds), len(found), 1.0)

    monkeypatch.setattr("gambol.training.run.run", run)
    monkeypatch.setattr("gambol.inference.predict.predict", predict)


@pytest.mark.usefixtures("perfect_model")
class TestDemo:
    def test_it_leaves_video_truth_labels_model_predictions_and_pictures(self, command, tmp_path):
        outcome = command("demo", "--out", tmp_path / "demo", "--frames", 20)
        assert outcome.code == 0, outcome.err
        assert {path.name for path in (tmp_path / "demo").iterdir()} == MADE
        assert len(load(tmp_path / "demo" / "truth.slp")) == 20
        assert "100.0% of the visible nodes were found within 3 px" in outcome.out

    def test_it_replaces_an_earlier_demo_only_if_asked_and_nothing_else_even_then(self, command, refused, tmp_path):
        folder = tmp_path / "my.demo"
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
        (folder / "video.mp4").write_text("old")
        assert "exists already" in refused("demo", "--out", folder, "--frames", 20)
        assert command("demo", "--out", folder, "--frames", 20, "--overwrite").code == 0
        assert {path.name for path in folder.iterdir()} == MADE | {"notes.txt"}
        assert (folder / "video.mp4").stat().st_size > 1000

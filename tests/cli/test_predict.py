"""`gambol predict`: options become a request; progress and result are told."""

import pytest

from gambol.formats import load
from gambol.inference.predict import Progress


@pytest.fixture
def asked(monkeypatch):
    """The request that was handed on; nothing is predicted."""
    requests = []

    def predict(request):
        requests.append(request)
        yield Progress(1, 5, 0, 0, 0.0, "Mind [this].", before=1)
        yield Progress(4, 5, 6, 3, 2.0, "Frame 2 is lost.", before=1, lost=1)

    monkeypatch.setattr("gambol.inference.predict.predict", predict)
    return requests


class TestPredict:
    def test_options_make_a_request(self, command, asked, tmp_path):
        outcome = command("predict", tmp_path / "a.mp4", "-m", "run1", "-m", "run2", "-o", tmp_path / "out.slp", "--on",
                          "random:3", "--frames", "0-4", "--animals", 2, "--batch", 6, "--threshold", 0.3,
                          "--animal-threshold", 0.4, "--device", "cpu", "--engine", "torch", "--precision", "fp32",
                          "--overwrite")
        assert outcome.code == 0, outcome.err
        [request] = asked
        assert (request.source, request.output) == (tmp_path / "a.mp4", tmp_path / "out.slp")
        assert [model.name for model in request.models] == ["run1", "run2"]
        assert (request.on, request.frames, request.device, request.overwrite) == ("random:3", "0-4", "cpu", True)
        assert (request.engine, request.precision) == ("torch", "fp32")
        options = request.options
        assert (options.animals, options.batch, options.node_threshold, options.animal_threshold) == (2, 6, 0.3, 0.4)

    def test_warnings_and_the_result_are_told(self, command, asked):
        out = command("predict", "a.mp4", "-m", "run").out
        assert "Mind [this]." in out
        assert "1 frames were there already, and it goes on from there." in out
        assert "Frame 2 is lost." in out
        assert "4 frames in 2 s (1.5 frames/s): 6 animals in 3 frames, 1 frames without any." in out
        assert "Predictions are in a.mp4.predictions.slp" in out

    def test_a_model_is_needed(self, command):
        assert command("predict", "a.mp4").code == 2

    def test_a_grey_model_works_on_coloured_video_and_says_so(self, command, trained, coloured_geckos, tmp_path):
        outcome = command("predict", coloured_geckos.video, "-m", trained.run, "-o", tmp_path / "out.slp")
        assert outcome.code == 0, outcome.err
        assert "The model was trained on grey images" in outcome.out
        assert len(load(tmp_path / "out.slp")) == 6

"""The predictor: a run's networks, ready to work."""

import pytest

from gambol.errors import DeviceError, ModelError
from gambol.inference.predictor import load_predictor
from gambol.pipelines.base import PredictOptions


class TestLoadPredictor:
    def test_a_run_gives_its_pipeline_skeleton_and_colours(self, trained, geckos):
        predictor = load_predictor([trained.run], device="cpu")
        assert predictor.skeleton == geckos.world.skeleton
        assert (predictor.channels, predictor.device) == (1, "cpu")
        image = geckos.world.frame(0)[0]
        assert len(predictor.pipeline.predict([image])) == 1

    def test_single_stages_in_any_order_are_as_good_as_the_run(self, trained):
        predictor = load_predictor([trained.run / "centered_instance", trained.run / "centroid"], device="cpu")
        assert predictor.folders["centroid"] == trained.run / "centroid"

    def test_options_reach_the_pipeline(self, trained):
        options = PredictOptions(batch=7)
        assert load_predictor([trained.run], options, "cpu").pipeline.options is options

    def test_a_stage_that_is_missing_is_told_before_weights_are_read(self, trained, monkeypatch):
        monkeypatch.setattr("gambol.inference.predictor.choose_engines", None)
        with pytest.raises(ModelError, match="do not make a pipeline"):
            load_predictor([trained.run / "centroid"])

    @pytest.mark.parametrize("device", ["cuda:99", "abacus"])
    def test_a_device_that_is_not_there_is_refused(self, trained, device):
        with pytest.raises(DeviceError, match="--device cpu"):
            load_predictor([trained.run], device=device)

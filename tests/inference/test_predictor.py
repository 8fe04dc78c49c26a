"""The predictor: a run's networks, ready to work."""

import shutil
from pathlib import Path

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

    def test_it_says_what_runs_the_networks_and_how_many_batches_keep_them_busy(self, trained):
        by_torch = load_predictor([trained.run], None, "cpu", "torch", "fp32")
        assert (by_torch.engine, by_torch.workers) == ("torch fp32", 2)
        fast = load_predictor([trained.run], None, "cpu", "openvino", "fp32")
        assert (fast.engine, fast.workers) == ("openvino fp32", fast.pipeline.networks["centroid"].engine.parallel + 1)

    def test_the_time_of_each_kind_of_work_is_told(self, trained, geckos):
        predictor = load_predictor([trained.run], PredictOptions(animal_threshold=0.001, animals=1), "cpu")
        assert predictor.timings == {}
        predictor.pipeline.predict([geckos.world.frame(0)[0]])
        assert set(predictor.timings) == {"cutting inputs", "waiting for a turn", "network"}


class TestFingerprint:
    def test_it_tells_engines_and_models_apart_and_nothing_else(self, trained, tmp_path):
        def fingerprint(run, **asked):
            return load_predictor([run], device="cpu", **asked).fingerprint

        fp32 = {"engine": "openvino", "precision": "fp32"}
        first = fingerprint(trained.run, **fp32)
        copied = Path(shutil.copytree(trained.run, tmp_path / "moved"))
        assert fingerprint(copied, **fp32) == first
        assert fingerprint(trained.run, engine="torch", precision="fp32") != first
        model = copied / "centroid" / "model.yaml"
        model.write_text(model.read_text() + "\n")
        assert fingerprint(copied, **fp32) != first

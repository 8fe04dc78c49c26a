"""Which engine runs; and that all of them find the same."""

from pathlib import Path

import numpy as np
import pytest

from gambol.errors import DeviceError, GambolError, ModelError
from gambol.inference.engines import choose
from gambol.inference.engines.base import EngineUnavailable
from gambol.inference.predictor import load_predictor
from gambol.pipelines.saved import find_stages, read_stage
from gambol.poses import Poses


def engines_for(run: Path, **asked) -> choose.Engines:
    folders = find_stages([run])
    return choose.choose_engines(folders, {name: read_stage(folder) for name, folder in folders.items()}, **asked)


def found(run: Path, images: np.ndarray, engine: str, precision: str) -> list[Poses]:
    """The animals of each image from left to right: equally sure ones may come in any order."""
    poses = load_predictor([run], None, "cpu", engine, precision).pipeline.predict(list(images))
    return [own.select(np.argsort(own.points[:, :, 0].mean(1))) for own in poses]


@pytest.fixture(scope="module")
def reference(firefly_run, fireflies) -> list[Poses]:
    return found(firefly_run, fireflies.images, "torch", "fp32")


class TestAllEnginesFindTheSame:
    def test_the_reference_finds_every_animal_to_a_fraction_of_a_pixel(self, reference, fireflies):
        errors = [
            np.linalg.norm(own.points[:, None] - truth[None], axis=-1).mean(-1).min(0)
            for own, truth in zip(reference, fireflies.points, strict=True)]
        assert [len(own) for own in reference] == [3] * len(fireflies.points)
        assert np.max(errors) < 1

    @pytest.mark.parametrize(
        ("engine", "precision"), [("openvino", "fp32"), ("openvino", "auto"), ("torch", "auto"), ("auto", "auto")])
    def test_others_find_the_same_animals_in_the_same_places(
        self, reference, firefly_run, fireflies, engine, precision
    ):
        others = found(firefly_run, fireflies.images, engine, precision)
        assert [len(own) for own in others] == [len(own) for own in reference]
        moved = np.concatenate([
            np.linalg.norm(own.points - same.points, axis=-1).ravel()
            for own, same in zip(others, reference, strict=True)])
        assert not np.isnan(moved).any()
        assert np.median(moved) <= 0.02
        assert np.percentile(moved, 95) <= 0.1


class TestChoice:
    def test_a_cpu_takes_openvino(self, firefly_run):
        engines = engines_for(firefly_run, device="cpu")
        assert engines.name.startswith("openvino ")
        assert (engines.device, engines.warning) == ("cpu", None)

    def test_a_graphics_card_takes_torch(self, firefly_run, monkeypatch, tmp_path):
        monkeypatch.setattr(choose, "GRAPHICS", (str(tmp_path),))  # a driver is there
        monkeypatch.setattr("gambol.nn.device.choose_device", lambda name: __import__("torch").device("meta"))
        monkeypatch.setattr("gambol.inference.engines.choose.read_weights", lambda folder, stage: stage.build())
        assert engines_for(firefly_run).name.startswith("torch ")

    def test_a_driver_without_a_card_that_torch_can_use_leaves_openvino(self, firefly_run, monkeypatch, tmp_path):
        monkeypatch.setattr(choose, "GRAPHICS", (str(tmp_path),))
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
        monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
        assert engines_for(firefly_run).name.startswith("openvino ")

    def test_without_openvino_torch_runs_and_the_user_is_told_why(self, firefly_run, monkeypatch):
        monkeypatch.setattr(choose, "exported", unavailable)
        engines = engines_for(firefly_run, device="cpu")
        assert engines.name.startswith("torch ")
        assert "because it is not installed. " in engines.warning
        assert engines.warning.count(". ") == 2

    def test_the_reason_is_told_once(self, firefly_run, monkeypatch):
        monkeypatch.setattr(choose, "exported", unavailable)
        predictor = load_predictor([firefly_run], device="cpu")
        assert "not installed" in predictor.news()
        assert predictor.news() is None


class TestRefusals:
    def test_an_engine_that_was_asked_for_and_is_not_there(self, firefly_run, monkeypatch):
        monkeypatch.setattr(choose, "exported", unavailable)
        with pytest.raises(DeviceError, match="cannot be used: it is not installed"):
            engines_for(firefly_run, engine="openvino")

    @pytest.mark.parametrize("asked", [{"engine": "steam"}, {"precision": "int3"}])
    def test_a_name_that_does_not_exist(self, firefly_run, asked):
        with pytest.raises(GambolError, match="Choose one of: auto, "):
            engines_for(firefly_run, **asked)

    def test_openvino_on_a_graphics_card(self, firefly_run):
        with pytest.raises(DeviceError, match="leave that device idle"):
            engines_for(firefly_run, engine="openvino", device="cuda")

    def test_weights_that_are_gone_are_no_reason_for_another_engine(self, firefly_run, tmp_path):
        folder = tmp_path / "centroid"
        folder.mkdir()
        (folder / "model.yaml").write_bytes((firefly_run / "centroid" / "model.yaml").read_bytes())
        with pytest.raises(ModelError, match="cannot be read"):
            choose.choose_engines({"centroid": folder}, {"centroid": read_stage(folder)}, device="cpu")


def unavailable(folder, stage):
    raise EngineUnavailable("it is not installed")

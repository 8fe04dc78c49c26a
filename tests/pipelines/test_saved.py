"""What training writes is what inference reads, or it is refused."""

import pickle
import shutil
from pathlib import Path

import pytest
import torch
import yaml

from gambol.errors import ModelError
from gambol.pipelines.saved import MODEL, WEIGHTS, find_stages, read_stage, read_weights, write_stage


@pytest.fixture
def run(tmp_path: Path, stages) -> Path:
    """A run with the two stages of a top-down pipeline, weights fresh."""
    for name in ("centroid", "centered_instance"):
        stage = stages(anchor=2)[name]
        write_stage(tmp_path / "run" / name, stage, stage.build().state_dict())
    return tmp_path / "run"


class TestRoundTrip:
    def test_settings_come_back_equal(self, run, stages):
        assert read_stage(run / "centroid") == stages(anchor=2)["centroid"]

    def test_weights_come_back_bit_for_bit(self, tmp_path, stages):
        stage = stages()["single"]
        model = stage.build().to(memory_format=torch.channels_last)
        write_stage(tmp_path, stage, model.state_dict())
        back = read_weights(tmp_path, stage)
        assert all(torch.equal(one, other) for one, other in
                   zip(model.state_dict().values(), back.state_dict().values(), strict=True))
        assert not back.training

    def test_nothing_but_settings_and_weights_is_written(self, run):
        assert sorted(path.name for path in (run / "centroid").iterdir()) == [MODEL, WEIGHTS]


class TestDamage:
    def test_a_folder_without_a_model_is_refused(self, tmp_path):
        with pytest.raises(ModelError, match="holds no trained stage"):
            read_stage(tmp_path)

    @pytest.mark.parametrize("content", ["", "name: x", "{", "name: [", b"\xff\xfe\x00"])
    def test_settings_that_cannot_be_read_are_refused(self, run, content):
        (run / "centroid" / MODEL).write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(ModelError, match="cannot be read as a gambol model"):
            read_stage(run / "centroid")

    def test_missing_weights_are_refused(self, run, stages):
        (run / "centroid" / WEIGHTS).unlink()
        with pytest.raises(ModelError, match="weights"):
            read_weights(run / "centroid", stages()["centroid"])

    @pytest.mark.parametrize("kept", [0, 5, 100, -7])
    def test_weights_cut_short_are_refused(self, run, stages, kept):
        file = run / "centroid" / WEIGHTS
        file.write_bytes(file.read_bytes()[:kept])
        with pytest.raises(ModelError, match="Copy the run again"):
            read_weights(run / "centroid", stages()["centroid"])

    def test_weights_of_another_network_are_refused(self, run, stages):
        shutil.copy(run / "centered_instance" / WEIGHTS, run / "centroid" / WEIGHTS)
        with pytest.raises(ModelError, match="are not those of a network such as"):
            read_weights(run / "centroid", stages()["centroid"])

    @pytest.mark.parametrize("kind", ["resnet", "leap", "efficientnet_lite0"])
    def test_weights_under_the_settings_of_another_backbone_are_refused(self, run, small_backbones, kind):
        file = run / "centroid" / MODEL
        content = yaml.safe_load(file.read_text())
        file.write_text(yaml.safe_dump(content | {"backbone": small_backbones[kind]}))
        with pytest.raises(ModelError, match=rf"model.yaml beside them describes \({kind}\)"):
            read_weights(run / "centroid", read_stage(run / "centroid"))

    @pytest.mark.parametrize(("key", "value", "told"), [
        ("name", "../../elsewhere", "name: '../../elsewhere' is not a word"),
        ("weights", "../other/weights.safetensors", "weights: it does not exist"),
        ("backbone", {"kind": "vgg"}, "backbone.kind: input should be one of 'unet', 'leap'")])
    def test_the_setting_that_is_wrong_is_named(self, run, key, value, told):
        file = run / "centroid" / MODEL
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {key: value}))
        with pytest.raises(ModelError) as refusal:
            read_stage(run / "centroid")
        assert told in str(refusal.value)


class TestPickles:
    @pytest.fixture
    def malice(self, tmp_path) -> bytes:
        """A pickle that leaves a trace if it is ever loaded."""
        class Malice:
            def __reduce__(self):
                return Path.touch, (tmp_path / "it ran",)

        return pickle.dumps(Malice())

    @pytest.mark.parametrize("name", ["best.ckpt", "model.PTH", "weights.pt", "model.pkl"])
    @pytest.mark.parametrize("place", ["", "centroid"])
    def test_in_a_model_they_are_refused_and_never_loaded(self, run, tmp_path, malice, name, place):
        (run / place / name).write_bytes(malice)
        with pytest.raises(ModelError, match=f"{name} is not a file of gambol's and was not opened"):
            find_stages([run])
        assert not (tmp_path / "it ran").exists()

    @pytest.mark.parametrize("name", ["best.ckpt", "model.pth"])
    def test_given_as_a_model_they_are_refused(self, tmp_path, malice, name):
        (tmp_path / name).write_bytes(malice)
        with pytest.raises(ModelError, match="can run whatever their author wrote"):
            find_stages([tmp_path / name])
        assert not (tmp_path / "it ran").exists()

    def test_under_the_name_of_weights_they_are_refused(self, run, tmp_path, malice, stages):
        (run / "centroid" / WEIGHTS).write_bytes(malice)
        with pytest.raises(ModelError, match="cannot be read"):
            read_weights(run / "centroid", stages()["centroid"])
        assert not (tmp_path / "it ran").exists()


class TestFindStages:
    def test_a_run_stands_for_all_its_stages(self, run):
        assert find_stages([run]) == {name: run / name for name in ("centroid", "centered_instance")}

    def test_stages_may_come_from_different_runs(self, run, tmp_path):
        other = shutil.copytree(run, tmp_path / "other")
        found = find_stages([run / "centroid", other / "centered_instance"])
        assert found == {"centroid": run / "centroid", "centered_instance": other / "centered_instance"}

    def test_two_models_for_one_stage_are_refused(self, run):
        with pytest.raises(ModelError, match="Two models for the stage 'centroid'"):
            find_stages([run, run / "centroid"])

    @pytest.mark.parametrize("path", ["nowhere", "."])
    def test_a_path_without_models_is_refused(self, tmp_path, path):
        with pytest.raises(ModelError, match="Give the folder of a finished run"):
            find_stages([tmp_path / path])

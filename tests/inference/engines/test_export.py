"""Torch to OpenVINO."""

import sys
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest

from gambol.errors import ModelError
from gambol.inference.engines.base import EngineUnavailable
from gambol.inference.engines.export import export
from gambol.inference.engines.exported import Exported
from gambol.inference.engines.openvino import OpenVINOEngine
from gambol.pipelines.saved import read_stage, read_weights


@pytest.fixture
def network(stage_folder) -> Exported:
    return export(stage_folder, read_stage(stage_folder))


class TestExport:
    @pytest.mark.parametrize("shape", [(1, 8, 8, 1), (3, 64, 96, 1), (2, 100, 36, 1)])
    def test_images_of_any_size_and_number_give_the_maps_of_torch(self, network, stage_folder, shape):
        import torch

        inputs = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        with torch.no_grad():
            model = read_weights(stage_folder, read_stage(stage_folder))
            expected = model(torch.from_numpy(inputs).permute(0, 3, 1, 2))["centroids"].numpy()
        maps = OpenVINOEngine(network, ["centroids"], "fp32")(inputs)["centroids"]
        assert np.allclose(maps, expected, atol=1e-4)

    def test_the_heads_keep_their_precision_and_nothing_else_does(self, network):
        layers = ElementTree.fromstring(network.graph).iter("layer")
        marked = [layer for layer in layers if layer.find("rt_info/attribute[@name='precise']") is not None]
        assert {layer.get("type") for layer in marked} == {"Result", "Add", "Convolution"}
        assert all("heads.centroids" in layer.get("name") for layer in marked if layer.get("type") != "Result")

    def test_it_says_nothing_of_its_own(self, stage_folder, capfd):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            export(stage_folder, read_stage(stage_folder))
        assert capfd.readouterr() == ("", "")

    def test_without_openvino_the_reason_is_told(self, stage_folder, monkeypatch):
        monkeypatch.setitem(sys.modules, "openvino", None)
        with pytest.raises(EngineUnavailable, match="OpenVINO cannot be loaded"):
            export(stage_folder, read_stage(stage_folder))

    def test_damaged_weights_are_an_error_of_the_model(self, stage_folder):
        (stage_folder / "weights.safetensors").write_bytes(b"nothing of use")
        with pytest.raises(ModelError, match="cannot be read"):
            export(stage_folder, read_stage(stage_folder))

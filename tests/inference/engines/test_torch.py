"""The torch engine: the reference for all others."""

import numpy as np
import pytest
import torch

from gambol.inference.engines.torch import TorchEngine
from gambol.nn.backbones import UNetConfig
from gambol.nn.heads import ConfidenceMapsConfig
from gambol.nn.model import Model

CPU = torch.device("cpu")


@pytest.fixture
def model() -> Model:
    """Two heads on a small network."""
    torch.manual_seed(0)
    heads = {"fine": ConfidenceMapsConfig(nodes=3, stride=2), "coarse": ConfidenceMapsConfig(nodes=1, stride=4)}
    return Model(UNetConfig(filters=4, filters_rate=1, max_stride=8, output_stride=2), heads, 1)


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 32, 48, 1), np.uint8)


class TestTorchEngine:
    def test_maps_are_those_of_the_network_on_values_from_0_to_1(self, model, inputs):
        maps = TorchEngine(model, CPU, bf16=False)(inputs)
        images = torch.from_numpy(inputs).permute(0, 3, 1, 2).float() / 255
        with torch.no_grad():
            expected = model(images)
        assert {name: tuple(each.shape) for name, each in maps.items()} == {
            "fine": (2, 3, 16, 24), "coarse": (2, 1, 8, 12)}
        assert all(torch.allclose(maps[name], expected[name], atol=1e-6) for name in maps)

    def test_maps_are_float32_whatever_the_precision(self, model, inputs):
        maps = TorchEngine(model, CPU, bf16=True)(inputs)
        assert all(each.dtype == torch.float32 and not each.requires_grad for each in maps.values())

    def test_bfloat16_stays_near(self, model, inputs):
        exact, rounded = (TorchEngine(model, CPU, bf16=bf16)(inputs)["fine"] for bf16 in (False, True))
        assert torch.allclose(exact, rounded, atol=0.02 * float(exact.abs().max()))

    def test_a_network_in_training_goes_on_training(self, model, inputs):
        engine = TorchEngine(model, CPU)
        model.train()
        engine(inputs)
        assert model.training
        assert all(weights.requires_grad for weights in model.parameters())

    def test_it_says_in_which_numbers_it_computes(self, model):
        assert [TorchEngine(model, CPU, bf16=bf16).name for bf16 in (False, True)] == ["torch fp32", "torch bf16"]

    @pytest.mark.parametrize(("words", "expected"), [("can't allocate memory", MemoryError), ("a bug", RuntimeError)])
    def test_running_out_of_memory_is_a_memory_error(self, model, inputs, words, expected, monkeypatch):
        engine = TorchEngine(model, CPU)

        def fail(images):
            raise RuntimeError(words)

        monkeypatch.setattr(engine, "model", fail)
        monkeypatch.setattr(fail, "training", False, raising=False)
        with pytest.raises(expected):
            engine(inputs)

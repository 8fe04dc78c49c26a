"""SLEAP's own network files, and what they compute: an oracle that shares no code with gambol's U-Net."""

import json
from dataclasses import dataclass
from pathlib import Path

import h5py
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from gambol.nn.backbones import UNetConfig

MODELS = [
    "min_tracks_2node.UNet.bottomup_multiclass", "minimal_instance.UNet.bottomup", "minimal_instance.UNet.centroid",
    "minimal_instance.UNet.centered_instance_with_scaling", "minimal_robot.UNet.single_instance",
]


@dataclass(frozen=True)
class KerasModel:
    """A `best_model.h5` with its `training_config.json`: graph, weights and SLEAP's settings."""

    layers: list[dict]
    weights: dict[str, tuple[Tensor, Tensor]]  # layer -> kernel as Keras stores it, bias
    settings: dict

    @classmethod
    def read(cls, folder: Path) -> "KerasModel":
        """The model in a folder of SLEAP's."""
        settings = json.loads((folder / "training_config.json").read_text())["model"]["backbone"]["unet"]
        with h5py.File(folder / "best_model.h5") as file:
            layers = json.loads(file.attrs["model_config"])["config"]["layers"]
            groups = {name: group[name] for name, group in file["model_weights"].items() if name in group}
            weights = {
                name: tuple(torch.from_numpy(group[part][:]).double() for part in ("kernel:0", "bias:0"))
                for name, group in groups.items()
            }
        return cls(layers, weights, settings)

    @property
    def config(self) -> UNetConfig:
        """The same settings in gambol's words."""
        given = {key: self.settings[key] for key in
                 ("filters", "filters_rate", "max_stride", "output_stride", "middle_block", "up_interpolate")}
        return UNetConfig(**given, stem_stride=self.settings["stem_stride"] or 1)

    @property
    def convolutions(self) -> list[tuple[str, tuple[Tensor, Tensor]]]:
        """The backbone's convolutions in the order of the graph; kernels in torch's order of axes."""
        names = [layer["name"] for layer in self.layers if layer["class_name"].startswith("Conv2D")]
        return [(name, (self.weights[name][0].permute(3, 2, 0, 1), self.weights[name][1]))
                for name in names if name.startswith("stack0")]

    @property
    def in_channels(self) -> int:
        """Channels of the image."""
        return self.convolutions[0][1][0].shape[1]

    def features(self, images: Tensor) -> dict[int, Tensor]:
        """Walk the graph; stride -> the last activation at that stride."""
        results: dict[str, Tensor] = {}
        for layer in self.layers:
            if not layer["inbound_nodes"]:
                results[layer["name"]] = images
            elif layer["name"].startswith("stack0"):
                inputs = [results[node[0]] for node in layer["inbound_nodes"][0]]
                results[layer["name"]] = self._apply(layer, inputs)
        return {images.shape[-1] // result.shape[-1]: result for result in results.values()}

    def _apply(self, layer: dict, inputs: list[Tensor]) -> Tensor:
        kind, first = layer["class_name"], inputs[0]
        if kind == "Activation":
            return functional.relu(first)
        if kind == "MaxPooling2D":
            return functional.max_pool2d(first, 2)
        if kind == "UpSampling2D":
            assert layer["config"]["interpolation"] == "bilinear"
            return functional.interpolate(first, scale_factor=2, mode="bilinear", align_corners=False)
        if kind == "Concatenate":
            return torch.cat(inputs, 1)
        kernel, bias = self.weights[layer["name"]]
        if kind == "Conv2DTranspose":
            return _transposed_same(first, kernel.permute(3, 2, 0, 1)) + bias[:, None, None]
        assert kind == "Conv2D", kind
        return functional.conv2d(first, kernel.permute(3, 2, 0, 1), bias, padding=kernel.shape[0] // 2)


def _transposed_same(images: Tensor, kernel: Tensor) -> Tensor:
    """TensorFlow's definition: the gradient of a strided convolution whose "same" padding lies at the end."""
    big = torch.zeros(len(images), kernel.shape[1], *(2 * size for size in images.shape[-2:]), dtype=images.dtype)

    def forward(larger: Tensor) -> Tensor:
        return functional.conv2d(functional.pad(larger, (0, 1, 0, 1)), kernel, stride=2)

    return torch.autograd.functional.vjp(forward, big, images)[1]


@pytest.fixture(params=MODELS)
def sleap_model(request: pytest.FixtureRequest, data_folder: Path) -> KerasModel:
    """A network that SLEAP trained: bilinear or transposed, rate 1.5 or 2, grey or colour, output at 2 or 4."""
    return KerasModel.read(data_folder / "legacy_sleap" / "models" / request.param)
